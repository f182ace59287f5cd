//! Conditions on the head and body of a request. The store has these; the index does not.

use super::node::{Condition, Filter};
use super::path::{Path, Value};
use super::pattern::{Part, Pattern};
use crate::core::check::{Accepted, Check, check};
use crate::core::event::Seq;
use crate::core::glob::Glob;
use crate::core::request::Head;
use std::cell::LazyCell;
use std::collections::HashMap;

/// Which conditions hold for the request of one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u64);

impl Facts {
    pub(super) fn holds(self, slot: usize) -> bool {
        self.0 >> slot & 1 == 1
    }
}

/// The conditions of a filter on requests, prepared for many of them.
pub struct RequestTest<'f> {
    tests: Vec<Test<'f>>,
    accepted: &'f Accepted,
}

enum Test<'f> {
    Text(Box<Part<'f>>),
    Header(&'f str, &'f Pattern),
    Data(&'f Path, &'f Pattern),
    Check(&'f Glob),
}

impl Filter {
    /// Differences from the documentation that are `accepted` do not count.
    pub fn request_test<'f>(&'f self, accepted: &'f Accepted) -> RequestTest<'f> {
        let mut tests = Vec::with_capacity(self.requests);
        self.root.each(&mut |condition| {
            if condition.slot().is_some() {
                tests.extend(match condition {
                    Condition::Text { text, .. } => Some(Test::Text(Box::new(Part::new(text)))),
                    Condition::Header { name, value, .. } => Some(Test::Header(name, value)),
                    Condition::Data { path, value, .. } => Some(Test::Data(path, value)),
                    Condition::Check { name, .. } => Some(Test::Check(name)),
                    _ => None,
                });
            }
        });
        RequestTest { tests, accepted }
    }
}

impl RequestTest<'_> {
    pub fn facts(&self, head: &Head, body: &[u8]) -> Facts {
        let checked = LazyCell::new(|| check(head, body, self.accepted));
        let is_true = |test: &Test<'_>| match test {
            Test::Text(needle) => needle.is_in(body),
            Test::Header(name, value) => {
                head.headers().iter().any(|header| header.is(name) && value.matches(header.value))
            }
            Test::Data(path, pattern) => path.any(body, |value| match value {
                Value::Scalar(text) => pattern.matches(&text),
                Value::Container => pattern.is_any(),
            }),
            Test::Check(name) => Check::ALL.into_iter().any(|check| name.matches(check.slug()) && checked.has(check)),
        };
        Facts(self.tests.iter().enumerate().map(|(slot, test)| u64::from(is_true(test)) << slot).sum())
    }
}

/// Events in one page of [`Known`].
const PAGE: u64 = 512;
/// No event has all facts and this one: it marks events that were not read.
const NOT_READ: u64 = 1 << 63;

/// The facts of all requests that were read. Takes eight bytes for each event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pages: HashMap<u64, Box<[u64]>>,
}

impl Known {
    pub fn get(&self, seq: Seq) -> Option<Facts> {
        let fact = self.pages.get(&(seq / PAGE))?[(seq % PAGE) as usize];
        (fact != NOT_READ).then_some(Facts(fact))
    }

    pub fn set(&mut self, seq: Seq, Facts(facts): Facts) {
        let page = self.pages.entry(seq / PAGE).or_insert_with(|| vec![NOT_READ; PAGE as usize].into());
        page[(seq % PAGE) as usize] = facts;
    }
}
