//! The scanner, the lines, the paths and the settings, on chosen and on random bodies.

mod document;
mod folds;
mod scan;
mod set;

use proptest::prelude::*;

/// JSON with unusual white space, unusual numbers, escapes and duplicate keys, nested a few levels deep.
pub(in crate::core) fn json_text() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0.0",
            "1e2",
            "1E+400",
            "123456789012345678901234567890",
            "0.10"
        ])
        .prop_map(str::to_owned),
        string_text(),
    ];
    scalar.prop_recursive(5, 40, 5, |value| {
        let white = prop::sample::select(vec!["", "", " ", "\n", "\t\r\n  "]);
        let element = (white.clone(), value.clone(), white.clone())
            .prop_map(|(before, value, after)| before.to_owned() + &value + after);
        let member = (white.clone(), string_text(), white.clone(), element.clone())
            .prop_map(|(before, key, after, value)| format!("{before}{key}{after}:{value}"));
        prop_oneof![
            prop::collection::vec(element, 1..5).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec(member, 1..5).prop_map(|members| format!("{{{}}}", members.join(","))),
            white.clone().prop_map(|white| format!("[{white}]")),
            white.prop_map(|white| format!("{{{white}}}")),
        ]
    })
}

fn string_text() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "key",
        " ",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "é",
        "語",
        "\\\"",
        "\\\\",
        "\\/",
        "\\n",
        "\\u0041",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\u{7f}",
        "'",
        "\u{2028}",
        "x-long-part-of-a-text",
    ]);
    prop::collection::vec(part, 0..8).prop_map(|parts| format!("\"{}\"", parts.concat()))
}
