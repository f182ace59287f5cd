//! The content of a body: what its `content-encoding` says it is compressed from. For display only: signatures are
//! about the bytes as received.

use super::{End, Format};
use crate::core::numbers::{counted, grouped};
use bytes::Bytes;

/// The most bytes that are shown of a compressed body. The listener takes no longer bodies either.
const MOST: usize = 32 << 20;
/// The most encodings that are undone, one inside the other.
const MAX_ENCODINGS: usize = 4;

/// What to show of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The body itself if it is not compressed, or cannot be decompressed.
    pub bytes: Bytes,
    /// What was done, or why it could not be.
    pub note: Option<String>,
}

/// The content of `body`. `encodings` are the values of its `content-encoding`, in order.
pub fn content<'h>(body: &Bytes, encodings: impl Iterator<Item = &'h [u8]>) -> Content {
    decoded(body, encodings, MOST)
}

pub(super) fn decoded<'h>(body: &Bytes, encodings: impl Iterator<Item = &'h [u8]>, most: usize) -> Content {
    let unchanged = |note: Option<String>| Content { bytes: body.clone(), note };
    let names = named(encodings);
    if body.is_empty() || names.is_empty() {
        return match Format::of(body).filter(|format| names.is_empty() && *format != Format::Zlib) {
            Some(format) => undone(body, &[(format, format.as_str().to_owned())], most)
                .map(|content| said(content, "no header says that it is compressed"))
                .unwrap_or_else(|_| unchanged(None)),
            None => unchanged(None),
        };
    }
    if names.len() > MAX_ENCODINGS {
        return unchanged(Some(format!(
            "shown as received: {} are too many to undo",
            counted(names.len() as u64, "encoding")
        )));
    }
    let mut formats = Vec::new();
    for name in names {
        match format_of(&name) {
            Some(format) => formats.push((format, name)),
            None => return unchanged(Some(format!("shown as received: hookglass cannot decode `{name}`"))),
        }
    }
    undone(body, &formats, most).unwrap_or_else(|name| {
        unchanged(Some(format!("shown as received: it is not {name}, although `content-encoding` says so")))
    })
}

/// The encodings in lower case, in the order in which they were applied.
fn named<'h>(values: impl Iterator<Item = &'h [u8]>) -> Vec<String> {
    let names = values.flat_map(|value| value.split(|byte| *byte == b','));
    let names = names.map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase());
    names.filter(|name| !name.is_empty() && name != "identity").collect()
}

fn format_of(name: &str) -> Option<Format> {
    match name {
        "gzip" | "x-gzip" => Some(Format::Gzip),
        "deflate" => Some(Format::Deflate),
        "br" => Some(Format::Brotli),
        "zstd" => Some(Format::Zstd),
        _ => None,
    }
}

/// Undoes the last format first.
///
/// # Errors
/// The name of the format that the bytes do not have.
fn undone(body: &Bytes, formats: &[(Format, String)], most: usize) -> Result<Content, String> {
    let mut bytes = body.clone();
    let mut end = End::Whole;
    for (format, name) in formats.iter().rev() {
        // What HTTP calls deflate is zlib, but some send it bare.
        let format =
            if *format == Format::Deflate && Format::of(&bytes) == Some(Format::Zlib) { Format::Zlib } else { *format };
        let output = format.decompress(&bytes, most);
        if output.end == End::Broken && output.bytes.is_empty() {
            return Err(name.clone());
        }
        if output.end != End::Whole {
            end = output.end;
        }
        bytes = output.bytes.into();
    }
    let names: Vec<_> = formats.iter().rev().map(|(_, name)| name.as_str()).collect();
    let sizes = format!("{} → {} bytes", grouped(body.len() as u64), grouped(bytes.len() as u64));
    let rest = match end {
        End::Whole => "",
        End::Limit => "; the rest is not shown",
        End::Broken => "; the compressed bytes are damaged or incomplete",
    };
    Ok(Content { bytes, note: Some(format!("decompressed from {}: {sizes}{rest}", names.join(", "))) })
}

fn said(content: Content, more: &str) -> Content {
    Content { note: content.note.map(|note| format!("{note}; {more}")), ..content }
}
