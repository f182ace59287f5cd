//! The body that was signed, as derived from the one received: layers undone one after the other, then one change.

use super::change::Change;
use super::undo::Step;
use crate::core::signature::Alteration;
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

/// How the signed body is derived from the one received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyVariant {
    /// Undone in this order.
    pub(super) steps: Vec<Step>,
    /// Made last.
    pub(super) change: Option<Change>,
}

impl From<Change> for BodyVariant {
    fn from(change: Change) -> Self {
        Self { steps: Vec::new(), change: Some(change) }
    }
}

impl BodyVariant {
    /// What happened to the body, the last change first.
    pub fn alterations(&self) -> Vec<Alteration> {
        let mut alterations: Vec<_> = self.steps.iter().map(Step::alteration).collect();
        alterations.extend(self.change.map(Change::alteration));
        alterations.dedup();
        alterations
    }

    /// This variant of `body`, to show beside it. `None` if it cannot be derived.
    pub fn of(&self, body: &[u8]) -> Option<Vec<u8>> {
        let text = self.unwrapped(body)?;
        let Some(change) = self.change else { return Some(text.into_owned()) };
        let mut bytes = Vec::with_capacity(text.len());
        let flow = change.write(&text, &mut |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            ControlFlow::Continue(())
        })?;
        flow.is_continue().then_some(bytes)
    }

    /// The offset in `body` of the first byte that differs in this variant. `None` if they are equal or the variant
    /// cannot be derived.
    pub(super) fn first_difference(&self, body: &[u8]) -> Option<usize> {
        if self.steps.is_empty()
            && let Some(change) = self.change
        {
            return change.first_difference(body);
        }
        let signed = self.of(body)?;
        let equal = body.iter().zip(&signed).take_while(|(left, right)| left == right).count();
        (equal < body.len().max(signed.len())).then_some(equal)
    }

    fn unwrapped<'b>(&self, body: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        self.steps.iter().try_fold(Cow::Borrowed(body), |text, step| step.of(&text).map(Cow::Owned))
    }
}

impl fmt::Display for BodyVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps.iter().map(ToString::to_string);
        let words: Vec<_> = steps.chain(self.change.map(|change| change.to_string())).collect();
        f.write_str(&words.join(", then "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::diagnosis::{Escapes, KeyOrder, Layout, Style};

    #[test]
    fn the_first_difference_is_an_offset_into_the_body_received() {
        let style = Style { order: KeyOrder::AsReceived, escapes: Escapes::Minimal, layout: Layout::Compact };
        let difference = |change: Change, body| BodyVariant::from(change).first_difference(body);
        let compact = Change::Reserialised { style, has_final_newline: false };
        assert_eq!(difference(compact, br#"{"a": 1}"#), Some(5));
        assert_eq!(difference(compact, br#"{"a":1}"#), None);
        assert_eq!(difference(compact, b"[1]\n"), Some(3));
        assert_eq!(difference(Change::WithFinalLf, b"[1]"), Some(3));
        assert_eq!(difference(Change::WithoutFinalNewline, b"[1]\n"), Some(3));
        assert_eq!(difference(Change::WithBom, b"[1]"), Some(0));
        assert_eq!(difference(compact, b"no json"), None);
    }
}
