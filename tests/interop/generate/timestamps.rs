//! When a request was signed, and how its timestamp is written.

use super::Row;

/// Seconds before now, well inside or well outside the window of 300.
pub const AGES: [Row<i64>; 10] = [
    ("now", 0),
    ("four minutes old", 240),
    ("four minutes ahead", -240),
    ("six minutes old", 360),
    ("six minutes ahead", -360),
    ("a day old", 86_400),
    ("a year ahead", -31_536_000),
    ("fifty years old", 1_577_000_000),
    ("beyond the year 9999", -300_000_000_000),
    ("before the year 1", 70_000_000_000),
];

type Writing = fn(i64) -> Vec<u8>;

/// The header's value for a time in Unix seconds.
pub const TIMESTAMPS: [Row<Writing>; 35] = [
    ("plain timestamp", |time| text(time)),
    ("plus sign", |time| text(format!("+{time}"))),
    ("minus sign", |time| text(format!("-{time}"))),
    ("two signs", |time| text(format!("+-{time}"))),
    ("leading zeros", |time| text(format!("000{time}"))),
    ("fraction .0", |time| text(format!("{time}.0"))),
    ("fraction .9", |time| text(format!("{time}.9"))),
    ("fraction that rounds up", |time| text(format!("{time}.9999999"))),
    ("trailing dot", |time| text(format!("{time}."))),
    ("trailing letter", |time| text(format!("{time}s"))),
    ("trailing underscore", |time| text(format!("{time}_"))),
    ("timestamp twice in one value", |time| text(format!("{time}, {time}"))),
    ("another number behind", |time| text(format!("{time} 17"))),
    ("exponent 0", |time| text(format!("{time}e0"))),
    ("tenth with exponent 1", |time| text(format!("{}.{}e1", time / 10, (time % 10).abs()))),
    ("power of ten", |time| text(format!("0.{}e{}", time.abs(), time.abs().to_string().len()))),
    ("underscores between digits", |time| text(grouped(time, "_"))),
    ("commas between digits", |time| text(grouped(time, ","))),
    ("no-break space before", |time| [b"\xa0", &text(time)[..]].concat()),
    ("no-break space after", |time| [&text(time)[..], b"\xa0"].concat()),
    ("next-line character before", |time| [b"\x85", &text(time)[..]].concat()),
    ("superscript digit behind", |time| [&text(time)[..], b"\xb2"].concat()),
    ("full-width digits", |time| wide(time)),
    ("in quotes", |time| text(format!("\"{time}\""))),
    ("hexadecimal", |time| text(format!("0x{time:x}"))),
    ("milliseconds", |time| text(i128::from(time) * 1000)),
    ("microseconds", |time| text(i128::from(time) * 1_000_000)),
    ("overflowing 64 bits to the same", |time| text(i128::from(time) + (1 << 64))),
    ("forty digits", |_| text("1234567890".repeat(4))),
    ("infinity", |_| text("inf")),
    ("not a number", |_| text("nan")),
    ("a date", |_| text("2025-07-15T05:18:27Z")),
    ("a word", |_| text("now")),
    ("zero", |_| text("0")),
    ("minus zero", |_| text("-0")),
];

fn text(value: impl ToString) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn grouped(time: i64, between: &str) -> String {
    let digits = time.to_string();
    let (first, rest) = digits.split_at(digits.len().min(1));
    format!("{first}{between}{rest}")
}

fn wide(time: i64) -> Vec<u8> {
    let digits = time.to_string();
    let wide = digits.bytes().filter_map(|digit| char::from_u32(0xff10 + u32::from(digit.wrapping_sub(b'0'))));
    wide.collect::<String>().into_bytes()
}
