//! How well hookglass's own texts match what the user types in the palette or the help.

/// A match. Of two, the smaller one is better.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Match {
    /// The sum over the words of the query: 0 at the start of a word, 1 inside of one, 2 scattered over the text.
    rank: usize,
    /// The characters between scattered letters.
    gaps: usize,
    /// The matched characters of the text, by number.
    pub places: Vec<usize>,
}

impl Match {
    /// Finds every word of `query` in `text`, in any order and either case. The letters of a word may be scattered.
    pub fn find(query: &str, text: &str) -> Option<Self> {
        let text: Vec<char> = text.chars().map(lower).collect();
        let mut found = Self::default();
        for word in query.split_whitespace() {
            let word: Vec<char> = word.chars().map(lower).collect();
            let (rank, places) = word_in(&word, &text)?;
            found.rank += rank;
            found.gaps += places.last().unwrap_or(&0) - places.first().unwrap_or(&0) + 1 - places.len();
            found.places.extend(places);
        }
        Some(found)
    }

    /// How well it matches, whatever the place: the smaller, the better.
    pub(crate) fn quality(&self) -> (usize, usize) {
        (self.rank, self.gaps)
    }

    /// Whether the letters of a word are scattered.
    pub(crate) fn is_scattered(&self) -> bool {
        self.gaps > 0
    }
}

/// One character for one, so that the places stay.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The rank of the best match of one word, and its places.
fn word_in(word: &[char], text: &[char]) -> Option<(usize, Vec<usize>)> {
    let starts: Vec<_> = (0..text.len()).filter(|start| text[*start..].starts_with(word)).collect();
    let whole = |start: &usize| (*start..start + word.len()).collect();
    if let Some(start) = starts.iter().find(|start| begins_word(text, **start)) {
        return Some((0, whole(start)));
    }
    if let Some(start) = starts.first() {
        return Some((1, whole(start)));
    }
    Some((2, scattered(word, text)?))
}

/// The closest places of the letters of `word`, one after another. Each is in the word of the one before, or begins a word.
fn scattered(word: &[char], text: &[char]) -> Option<Vec<usize>> {
    let places = |letter: char| (0..text.len()).filter(move |place| text[*place] == letter);
    let (first, rest) = word.split_first()?;
    let mut paths: Vec<_> = places(*first).filter(|place| begins_word(text, *place)).map(|place| vec![place]).collect();
    for letter in rest {
        let longer = |place: usize| {
            let follows = |path: &&Vec<usize>| {
                let last = path[path.len() - 1];
                last < place && (begins_word(text, place) || text[last..place].iter().all(|c| c.is_alphanumeric()))
            };
            let path = paths.iter().filter(follows).max_by_key(|path| path[0])?;
            Some(path.iter().copied().chain([place]).collect())
        };
        paths = places(*letter).filter_map(longer).collect();
    }
    paths.into_iter().min_by_key(|path| path[path.len() - 1] - path[0])
}

fn begins_word(text: &[char], place: usize) -> bool {
    text[place].is_alphanumeric() && (place == 0 || !text[place - 1].is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_order_and_case() {
        let places = |query, text| Match::find(query, text).map(|found| found.places);
        assert_eq!(places("EVENT copy", "copy event"), Some(vec![5, 6, 7, 8, 9, 0, 1, 2, 3]));
        assert_eq!(places("", "copy"), Some(vec![]));
        assert_eq!(places("cpe", "copy event"), Some(vec![0, 2, 5]));
        assert_eq!(places("cpv", "copy event"), None, "`v` neither begins a word nor is it in that of `p`");
        assert_eq!(places("copyx", "copy event"), None);
        assert_eq!(places("é", "É"), Some(vec![0]));
    }

    #[test]
    fn the_start_of_a_word_beats_its_inside_and_both_beat_scattered_letters() {
        let texts = ["unsigned", "signature", "so, I gain no"];
        let mut ranked: Vec<_> = texts.iter().map(|text| (Match::find("sign", text).unwrap(), *text)).collect();
        ranked.sort();
        assert_eq!(
            ranked.iter().map(|(_, text)| *text).collect::<Vec<_>>(),
            ["signature", "unsigned", "so, I gain no"]
        );
        assert!(ranked[2].0.is_scattered() && !ranked[1].0.is_scattered());
    }

    #[test]
    fn scattered_letters_are_taken_where_they_are_closest() {
        assert_eq!(Match::find("rdl", "run, re-deliver").unwrap().places, [5, 8, 10]);
        assert_eq!(Match::find(&"r".repeat(4_096), "run, re-deliver"), None);
    }
}
