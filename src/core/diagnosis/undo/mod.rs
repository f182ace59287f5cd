//! What frameworks, gateways, queues and editors do to a body, and how to undo it. One table: [`LAYERS`].
//!
//! A layer is a pure function from bytes to candidates: the bytes that may have been there before. It proves nothing;
//! the search verifies each candidate.

mod charset;
mod compressed;
mod encoded;
mod framed;
mod literal;
mod numbers;
mod printed;
mod wrapped;

use crate::core::signature::Alteration;
pub(super) use printed::is_printed_object;
use std::fmt;
use std::ops::ControlFlow;

/// Most candidates of one layer for one text.
const MAX_CANDIDATES: usize = 512;

/// One way of undoing a change.
pub(super) struct Layer {
    /// How the signed bytes follow from the received ones, as `base64-decoded`.
    name: &'static str,
    alteration: Alteration,
    /// Whether further changes may lie beneath this one.
    is_outer: bool,
    undo: fn(&[u8], &mut Candidates<'_>) -> ControlFlow<()>,
}

/// The layers, in the order in which they are tried.
pub(super) static LAYERS: [Layer; 20] = [
    outer("base64-decoded", Alteration::Base64, encoded::base64),
    outer("hex-decoded", Alteration::Hex, encoded::hex),
    outer("percent-decoded", Alteration::PercentEncoded, encoded::percent),
    outer("HTML entities decoded", Alteration::HtmlEscaped, encoded::html),
    outer("decoded", Alteration::Encoded, encoded::other),
    outer("decompressed", Alteration::Compressed, compressed::decompressed),
    outer("the string in the JSON string", Alteration::JsonString, wrapped::json_string),
    outer("one of its form fields", Alteration::Wrapped, wrapped::form_field),
    outer("one of its multipart parts", Alteration::Wrapped, wrapped::multipart_part),
    outer("the text of the literal", Alteration::Literal, literal::text),
    outer("the bytes in the list", Alteration::Literal, literal::byte_list),
    outer("the text in it", Alteration::Wrapped, framed::content),
    outer("as JSON", Alteration::PrintedObject, printed::as_json),
    outer("one half", Alteration::Doubled, wrapped::half),
    outer("re-decoded", Alteration::Charset, charset::redecoded),
    outer("one of its members", Alteration::Wrapped, wrapped::json_member),
    last("without a member", Alteration::MemberAdded, framed::without_member),
    last("in another Unicode form", Alteration::UnicodeForm, charset::normalised),
    last("numbers in another form", Alteration::Reserialised, numbers::respelled),
    last("lost characters put back", Alteration::CharactersLost, charset::restored),
];

type Undo = fn(&[u8], &mut Candidates<'_>) -> ControlFlow<()>;

const fn outer(name: &'static str, alteration: Alteration, undo: Undo) -> Layer {
    Layer { name, alteration, is_outer: true, undo }
}

const fn last(name: &'static str, alteration: Alteration, undo: Undo) -> Layer {
    Layer { name, alteration, is_outer: false, undo }
}

impl Layer {
    pub(super) fn is_outer(&self) -> bool {
        self.is_outer
    }

    /// Gives each candidate to `take` until it breaks. No candidate is longer than `limit`.
    pub(super) fn candidates(
        &'static self,
        text: &[u8],
        limit: usize,
        take: &mut dyn FnMut(Offer) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut candidates = Candidates { layer: self, count: 0, limit, take };
        (self.undo)(text, &mut candidates)
    }
}

/// What a layer offers to the search.
pub(super) enum Offer {
    Candidate(Step, Vec<u8>),
    /// Some candidates were left out, because there are too many or they are too long.
    LeftOut,
    /// So many bytes were produced for nothing.
    Work(usize),
}

/// Receives the candidates of a layer.
pub(super) struct Candidates<'t> {
    layer: &'static Layer,
    count: usize,
    limit: usize,
    take: &'t mut dyn FnMut(Offer) -> ControlFlow<()>,
}

impl Candidates<'_> {
    /// Most bytes of a candidate. A layer need not produce a longer one.
    fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a candidate; `detail` tells it from others of the layer. Breaks when there have been enough.
    fn push(&mut self, detail: impl Into<String>, bytes: impl Into<Vec<u8>>) -> ControlFlow<()> {
        let bytes = bytes.into();
        if self.count == MAX_CANDIDATES {
            self.leave_out()?;
            return ControlFlow::Break(());
        }
        let step = Step { layer: self.layer, place: self.count, limit: self.limit, detail: detail.into() };
        self.count += 1;
        if bytes.len() > self.limit {
            self.leave_out()?;
            self.work(bytes.len())
        } else {
            (self.take)(Offer::Candidate(step, bytes))
        }
    }

    /// Tells the search that a candidate was left out.
    fn leave_out(&mut self) -> ControlFlow<()> {
        (self.take)(Offer::LeftOut)
    }

    /// Counts bytes that were produced for nothing as work.
    fn work(&mut self, bytes: usize) -> ControlFlow<()> {
        (self.take)(Offer::Work(bytes))
    }
}

/// One layer that was undone, and which of its candidates was meant.
#[derive(Clone)]
pub struct Step {
    layer: &'static Layer,
    place: usize,
    /// The longest candidate that was allowed. Another limit would count the candidates differently.
    limit: usize,
    detail: String,
}

impl Step {
    pub fn alteration(&self) -> Alteration {
        self.layer.alteration
    }

    /// The bytes that this step makes of `text`. `None` for another text than the one it was found for.
    pub(super) fn of(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut found = None;
        let _ = self.layer.candidates(text, self.limit, &mut |offer| match offer {
            Offer::Candidate(step, bytes) if step.place == self.place => {
                found = Some(bytes);
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        });
        found
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.layer.name == other.layer.name && self.place == other.place
    }
}

impl Eq for Step {}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({})", self.place)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.layer.name)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

/// `text` without the white space and NUL bytes around it.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0);
    let start = text.iter().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// A part of the body as a detail, shortened.
fn quoted(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(&text[..text.len().min(LONGEST)]).into_owned();
    format!("`{}`", text.replace('`', "'"))
}

#[cfg(test)]
mod tests;
