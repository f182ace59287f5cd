//! Numbers as people read them.

/// A number with separators: `1,284`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 event`, `1,284 events`. The plural of `thing` has an `s`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators() {
        assert_eq!([0, 999, 1_000, 1_284_000].map(grouped), ["0", "999", "1,000", "1,284,000"]);
    }

    #[test]
    fn one_thing_is_singular() {
        assert_eq!(
            [0, 1, 2, 1_000].map(|number| counted(number, "event")),
            ["0 events", "1 event", "2 events", "1,000 events"]
        );
    }
}
