//! Foreign bytes made safe to show: `cargo fuzz run -s none printable`.
//!
//! No control character comes through, a cut keeps to its columns, and what is safe stays as it is.

#![no_main]

use hookglass::core::printable::{self, Printable, clipboard_text, window};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = Printable::from_bytes(bytes);
    assert_is_safe(&whole);
    for columns in [0, 1, 2, 7, 80] {
        for cut in [Printable::first_columns(bytes, columns), Printable::last_columns(bytes, columns)] {
            assert_is_safe(&cut);
            assert!(cut.width() <= columns);
        }
        let (left, right) = bytes.split_at(bytes.len() / 2);
        let view = window([((), left), ((), right)].into_iter(), columns / 2, columns);
        assert!(view.width() <= columns);
        view.pieces.iter().for_each(|(_, piece)| assert_is_safe(piece));
    }
    printable::lines(bytes).for_each(|line| assert_is_safe(&line));
    let copied = clipboard_text(bytes);
    assert!(!copied.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t')));
});

fn assert_is_safe(shown: &Printable) {
    let is_hidden = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    // A joiner may stand within an emoji.
    assert!(!shown.chars().any(|character| is_hidden(character) && character != '\u{200d}'), "{shown:?}");
}
