//! The characters that are escaped, because they are invisible, reorder text or have no glyph.
//!
//! From Unicode 16: general categories Cf, Zl, Zp and Co, the property `Default_Ignorable_Code_Point`, and the
//! noncharacters.

const HIDDEN: [(u32, u32); 31] = [
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    // The Tifinagh consonant joiner. Its width depends on the next cluster.
    (0x2D7F, 0x2D7F),
    (0x3164, 0x3164),
    (0xE000, 0xF8FF),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    // Halfwidth Katakana sound marks. ratatui and unicode-width disagree on their width.
    (0xFF9E, 0xFF9F),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
    (0xF0000, 0x0010_FFFF),
];

/// Whether `character` must not be shown as it is. C0, C1 and DEL are not asked for here.
pub(in crate::core) fn is_hidden(character: char) -> bool {
    let code = u32::from(character);
    if code < HIDDEN[0].0 {
        return false;
    }
    let is_noncharacter = code & 0xFFFE == 0xFFFE;
    is_noncharacter
        || HIDDEN
            .binary_search_by(|(first, last)| {
                if *last < code {
                    std::cmp::Ordering::Less
                } else if *first > code {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(HIDDEN.iter().all(|(first, last)| first <= last));
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn invisible_characters_are_hidden_and_letters_are_not() {
        let hiding =
            "\u{ad}\u{200b}\u{200d}\u{202e}\u{2066}\u{2028}\u{feff}\u{fe0f}\u{e0041}\u{e000}\u{10ffff}\u{4fffe}";
        assert!(hiding.chars().all(is_hidden));
        assert!(!"a~ é語👍ا\u{301}\u{3000}\u{fffd}🇩".chars().any(is_hidden));
    }
}
