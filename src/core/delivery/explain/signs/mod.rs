//! The signs in a response: a text or a header, what it shows, and what to do. The tables are searched in order, and the first sign
//! that is found counts, so the more telling ones come first.

mod elsewhere;
mod guards;
mod handler;
mod parsers;
mod sign;

pub(super) use sign::{Kind, Topic};

use super::cause::Cause;
use super::page::Page;
use super::stack::Stack;
use sign::Next::{Exempt, RawBody, Say};
use sign::Sign;

/// A sign that was found, and the line that shows it.
pub(super) struct Found {
    pub sign: &'static Sign,
    pub line: String,
}

fn tables() -> impl Iterator<Item = &'static Sign> {
    [elsewhere::SIGNS, guards::SIGNS, handler::SIGNS, parsers::SIGNS].into_iter().flatten()
}

/// The first sign in the response.
pub(super) fn sign_in(page: &Page<'_>) -> Option<Found> {
    found(page, |_| true)
}

/// The first sign that the handler did not run.
pub(super) fn guard_in(page: &Page<'_>) -> Option<Found> {
    found(page, |sign| matches!(sign.kind, Kind::Guard | Kind::Elsewhere))
}

fn found(page: &Page<'_>, is_wanted: impl Fn(&Sign) -> bool) -> Option<Found> {
    let is_status = |sign: &Sign| match sign.statuses {
        [] => page.status() >= 300,
        statuses => statuses.contains(&page.status()),
    };
    let counts = |sign: &&Sign| is_wanted(sign) && is_status(sign);
    tables().filter(counts).find_map(|sign| {
        let line = sign.marks.iter().find_map(|mark| mark.line_in(page))?;
        Some(Found { sign, line })
    })
}

impl Found {
    pub fn cause(self, stack: Stack) -> Cause {
        let next = match self.sign.next {
            Say(text) => text,
            Exempt => stack.exemption(),
            RawBody => stack.raw_body(),
        };
        let cause = Cause::likely(self.sign.reason, self.sign.why, next).seen(Some(self.line));
        if matches!(self.sign.kind, Kind::Guard | Kind::Elsewhere) { cause.in_front() } else { cause }
    }
}

#[cfg(test)]
mod tests {
    use super::sign::Mark;
    use super::*;

    #[test]
    fn every_row_can_be_found_and_reads_like_the_others() {
        for sign in tables() {
            assert!(!sign.marks.is_empty(), "{}", sign.why);
            for mark in sign.marks {
                let (Mark::Body(text) | Mark::Both(text, _) | Mark::Header(_, text)) = mark;
                assert_eq!(*text, text.to_ascii_lowercase(), "texts are searched in lower case");
                if let Mark::Header(name, _) = mark {
                    assert_eq!(*name, name.to_ascii_lowercase());
                }
            }
            let next = if let Say(next) = sign.next { next } else { "x" };
            for text in [sign.why, next] {
                assert!(!text.ends_with('.') && text.starts_with(|first: char| !first.is_whitespace()), "{text}");
                assert_eq!(text.matches('`').count() % 2, 0, "{text}");
            }
            let is_slug =
                sign.reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(is_slug && sign.reason.len() <= 24, "{}", sign.reason);
        }
    }
}
