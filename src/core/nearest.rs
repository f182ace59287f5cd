//! The name that somebody most likely meant.

/// The value whose name looks most like `typed`, if a name looks like it at all: one letter in three may differ. A value may have several
/// names.
pub(crate) fn nearest<N: AsRef<str>, T>(typed: &str, named: impl IntoIterator<Item = (N, T)>) -> Option<T> {
    let most = (typed.chars().count() / 3).max(1);
    let distances = named.into_iter().map(|(name, value)| (strsim::osa_distance(name.as_ref(), typed), value));
    distances.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_wins_if_it_is_close() {
        let names = [("listen", 1), ("send", 2), ("replay", 3), ("again", 3)];
        for (typed, expected) in [
            ("lisen", Some(1)),
            ("sned", Some(2)),
            ("agan", Some(3)),
            ("send", Some(2)),
            ("é", None),
            ("", None),
            ("wholly different", None),
        ] {
            assert_eq!(nearest(typed, names), expected, "{typed}");
        }
    }
}
