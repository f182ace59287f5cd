//! Printable text: what is escaped, what is truncated, and how wide it is.

use super::*;
use proptest::prelude::*;

fn shown(text: &str) -> String {
    Printable::from_text(text).into_string()
}

/// The text of a window, and whether it is truncated on the left and on the right.
fn view(text: &str, skip_columns: usize, columns: usize) -> (String, bool, bool) {
    let window = window([((), text.as_bytes())].into_iter(), skip_columns, columns);
    (window.pieces.iter().map(|(_, shown)| &**shown).collect(), window.is_cut_left, window.is_cut_right)
}

#[test]
fn unprintable_characters_are_escaped() {
    for (text, expected) in [
        ("plain ~", "plain ~"),
        ("a\tb", "a    b"),
        ("a\r\nb\0\x1b[2J\x7f", "a␍␊b␀␛[2J␡"),
        ("\u{85}\u{9b}31m", "<U+0085><U+009B>31m"),
        ("\u{202e}exe\u{200b}\u{feff}", "<U+202E>exe<U+200B><U+FEFF>"),
        ("\u{e000}\u{e0041}\u{10ffff}", "<U+E000><U+E0041><U+10FFFF>"),
        ("\u{2028}a\u{fe0f}", "<U+2028>a<U+FE0F>"),
        ("äö 語 👍🏽 🇩🇪 e\u{301} กำ क्ष", "äö 語 👍🏽 🇩🇪 e\u{301} กำ क्ष"),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn bytes_of_invalid_utf8_are_escaped_one_by_one() {
    assert_eq!(&*Printable::from_bytes(b"a\xff\xe8\xaa\xed\xa0\x80z\xc3"), "a<FF><E8><AA><ED><A0><80>z<C3>");
}

#[test]
fn marks_without_a_base_or_after_four_others_are_escaped() {
    assert_eq!(shown("\u{301}a"), "<U+0301>a");
    assert_eq!(shown("\u{200b}\u{301}"), "<U+200B><U+0301>");
    assert_eq!(shown(&format!("e{}x", "\u{301}".repeat(6))), format!("e{}<U+0301><U+0301>x", "\u{301}".repeat(4)));
    assert_eq!(shown("\u{1161}\u{ff9e}\u{93f}"), "<U+1161><U+FF9E><U+093F>");
}

#[test]
fn an_endless_cluster_is_interrupted_by_an_escape() {
    let conjunct = "क\u{94d}".repeat(40);
    let longest = Printable::from_text(&conjunct).graphemes(true).map(|cluster| cluster.chars().count()).max();
    assert_eq!(longest, Some(12));
    let jamo = Printable::from_text(&"\u{1100}".repeat(40));
    assert_eq!(jamo.graphemes(true).map(|cluster| cluster.chars().count()).max(), Some(12));
}

#[test]
fn truncated_text_ends_with_an_ellipsis() {
    let text = "ab語e\u{301}\tcd";
    for (columns, expected) in [
        (11, "ab語e\u{301}    cd"),
        (10, "ab語e\u{301}    …"),
        (9, "ab語e\u{301}…"),
        (5, "ab語…"),
        (4, "ab…"),
        (1, "…"),
        (0, ""),
    ] {
        assert_eq!(&*Printable::first_columns(text.as_bytes(), columns), expected, "{columns} columns");
    }
}

#[test]
fn a_name_can_keep_its_end() {
    assert_eq!(&*Printable::last_columns(b"organization.user_created", 16), "…on.user_created");
    assert_eq!(&*Printable::last_columns(b"evt_12", 6), "evt_12");
    assert_eq!(&*Printable::last_columns(b"evt_12", 1), "…");
    assert_eq!(&*Printable::last_columns(b"evt_12", 0), "");
    assert_eq!(&*Printable::last_columns("語語語語語".as_bytes(), 8), "…語語語");
    assert_eq!(&*Printable::last_columns(b"aaaaaaaaa\xff\xff", 10), "…a<FF><FF>");
}

#[test]
fn long_text_keeps_its_last_columns() {
    for offset in 0..9 {
        let text = "a".repeat(offset) + &"語é".repeat(500) + "xyz";
        assert_eq!(&*Printable::last_columns(text.as_bytes(), 20).chars().rev().take(4).collect::<String>(), "zyxé");
    }
}

#[test]
fn a_window_has_exact_columns_and_says_where_it_is_truncated() {
    assert_eq!(view("hello", 0, 5), ("hello".into(), false, false));
    assert_eq!(view("hello", 1, 3), ("ell".into(), true, true));
    assert_eq!(view("hello", 9, 3), (String::new(), true, false));
    assert_eq!(view("", 9, 3), (String::new(), false, false));
    assert_eq!(view("語語語", 1, 4), (" 語 ".into(), true, true));
    assert_eq!(view("a\u{202e}b", 3, 4), ("+202".into(), true, true));
    assert_eq!(view("a\tb", 2, 4), ("   b".into(), true, false));
    assert_eq!(view("ae\u{301}", 0, 2), ("ae\u{301}".into(), false, false));
    assert_eq!(view("ae\u{301}", 0, 1), ("a".into(), false, true));
}

#[test]
fn pieces_keep_the_tag_of_their_segment() {
    let segments: [(u8, &[u8]); 4] = [(1, b"ab"), (2, b""), (3, b"\xff"), (4, b"cd")];
    let window = window(segments.into_iter(), 1, 6);
    let pieces: Vec<_> = window.pieces.iter().map(|(tag, shown)| (*tag, &**shown)).collect();
    assert_eq!(pieces, [(1, "b"), (3, "<FF>"), (4, "c")]);
    assert!(window.is_cut_left && window.is_cut_right);
    assert_eq!(window.width(), 6);
}

#[test]
fn lines_end_with_lf_or_cr_lf() {
    let texts = |bytes: &[u8]| lines(bytes).map(Printable::into_string).collect::<Vec<_>>();
    assert_eq!(texts(b"a\r\nb\n\nc\rd\n"), ["a", "b", "", "c␍d"]);
    assert_eq!(texts(b"a"), ["a"]);
}

#[test]
fn the_clipboard_gets_no_control_characters() {
    assert_eq!(clipboard_text(b"a\tb\r\nc\x1b[201~\x00\xc2\x9b d\n\r\n"), "a\tb\nc[201~ d");
    assert_eq!(clipboard_text("é\u{202e}x\u{e0041}".as_bytes()), "é<U+202E>x<U+E0041>");
    assert_eq!(clipboard_text(b"\xff"), "\u{fffd}");
}

#[test]
fn json_for_the_clipboard_has_the_same_value() {
    let json = "{\r\n\t\"a\u{202e}\u{e0041}\": \"\u{7f}\u{9b}é\\n\u{200b}\"}\r\n";
    let copied = clipboard_json(json.as_bytes());
    assert_eq!(copied, "{\n\t\"a\\u202e\\udb40\\udc41\": \"\\u007f\\u009bé\\n\\u200b\"}");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&copied), value(json));
}

#[test]
fn only_text_that_a_paste_inserts_is_pasteable() {
    for (bytes, reason) in [
        (&b"a\xff\x1b"[..], Unpasteable::NotText),
        (b"a\x1b[201~", Unpasteable::Control),
        (b"a\r\n", Unpasteable::Control),
        (b"\0", Unpasteable::Control),
        (b"\x7f", Unpasteable::Control),
        ("\u{202e}\u{9b}".as_bytes(), Unpasteable::Control),
        ("\u{202e}".as_bytes(), Unpasteable::Hidden),
        ("a\u{200b}b".as_bytes(), Unpasteable::Hidden),
        ("\u{2028}".as_bytes(), Unpasteable::Hidden),
    ] {
        assert_eq!(pasteable(bytes), Err(reason), "{bytes:?}");
    }
    assert_eq!(pasteable("{\n\t\"é\": \"語👍\"\n}\n".as_bytes()), Ok("{\n\t\"é\": \"語👍\"\n}\n"));
}

/// Bytes with many of the characters that need care.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        &b"a"[..],
        b"{",
        b"\t",
        b"\r\n",
        b"\x1b[31m",
        b"\xff",
        b"\xe8\xaa",
        "語".as_bytes(),
        "\u{301}".as_bytes(),
        "\u{301}\u{301}\u{301}".as_bytes(),
        "\u{200d}".as_bytes(),
        "\u{202e}".as_bytes(),
        "\u{1100}".as_bytes(),
        "\u{1161}".as_bytes(),
        "\u{11a8}".as_bytes(),
        "🇩".as_bytes(),
        "👍".as_bytes(),
        "\u{1f3fd}".as_bytes(),
        "क".as_bytes(),
        "\u{94d}".as_bytes(),
        "\u{93f}".as_bytes(),
        "\u{d4e}".as_bytes(),
        "\u{600}".as_bytes(),
        "\u{a8fa}".as_bytes(),
        "\u{ff76}\u{ff9e}".as_bytes(),
        "\u{644}\u{627}".as_bytes(),
        "\u{17d2}\u{1780}".as_bytes(),
        "\u{17d8}".as_bytes(),
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat()),
        prop::collection::vec(any::<u8>(), 0..80),
        any::<String>().prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn printable_text_has_no_controls_hidden_characters_or_long_clusters(bytes in hostile()) {
        let shown = Printable::from_bytes(&bytes);
        prop_assert!(!shown.chars().any(|character| character.is_control() || hidden::is_hidden(character)));
        for cluster in shown.graphemes(true) {
            prop_assert!(cluster.width() > 0 && cluster.chars().count() <= 12, "{:?}", cluster);
        }
    }

    #[test]
    fn text_for_the_clipboard_is_pasteable(bytes in hostile()) {
        let text = clipboard_text(&bytes);
        prop_assert_eq!(pasteable(text.as_bytes()), Ok(&*text));
    }

    #[test]
    fn the_width_is_the_sum_of_the_units(bytes in hostile()) {
        let shown = Printable::from_bytes(&bytes);
        let by_unit: usize = Units::new(&bytes).map(|unit| unit.width()).sum();
        prop_assert_eq!(shown.width(), by_unit);
    }

    #[test]
    fn truncated_text_fits(bytes in hostile(), columns in 0_usize..40) {
        let whole = Printable::from_bytes(&bytes);
        for cut in [Printable::first_columns(&bytes, columns), Printable::last_columns(&bytes, columns)] {
            prop_assert!(cut.width() <= columns);
            prop_assert_eq!(cut == whole, whole.width() <= columns);
        }
    }

    #[test]
    fn windows_side_by_side_are_the_whole_text(bytes in hostile(), columns in 1_usize..20) {
        let whole = Printable::from_bytes(&bytes);
        let total = whole.width();
        let all = window([((), &bytes[..])].into_iter(), 0, total);
        let joined: String = all.pieces.iter().map(|(_, shown)| &**shown).collect();
        prop_assert_eq!(&joined, &*whole);
        prop_assert!(!all.is_cut_left && !all.is_cut_right);
        let mut joined = String::new();
        for skip in (0..total).step_by(columns) {
            let part = window([((), &bytes[..])].into_iter(), skip, columns);
            prop_assert_eq!(part.width(), columns.min(total - skip));
            prop_assert_eq!(part.is_cut_left, skip > 0);
            prop_assert_eq!(part.is_cut_right, skip + columns < total);
            part.pieces.iter().for_each(|(_, shown)| joined.push_str(shown));
        }
        // Only wide clusters can have become spaces.
        prop_assert_eq!(Printable::from_text(&joined).width(), total);
        if whole.is_ascii() {
            prop_assert_eq!(&joined, &*whole);
        }
    }
}
