//! Bodies that were compressed after they were signed: gzip, zlib, deflate, Brotli, Zstandard.

use super::Candidates;
use crate::core::compression::{End, Format};
use std::ops::ControlFlow;

/// Tries the formats that the first bytes name. Deflate and Brotli have no mark, so they are tried for every body that
/// is not text.
pub(super) fn decompressed(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    match Format::of(text) {
        Some(format @ (Format::Gzip | Format::Zstd)) => take(format, text, candidates),
        _ if is_text(text) => ControlFlow::Continue(()),
        format => {
            if format == Some(Format::Zlib) {
                take(Format::Zlib, text, candidates)?;
            }
            take(Format::Deflate, text, candidates)?;
            take(Format::Brotli, text, candidates)
        }
    }
}

/// Bytes that follow the compressed data are ignored.
fn take(format: Format, text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let output = format.decompress(text, candidates.limit());
    // A trailing newline is no gzip member, and is reported as an error after all bytes were read.
    let is_whole = output.end == End::Whole || output.end == End::Broken && format == Format::Gzip;
    match output.end {
        End::Limit => {
            candidates.leave_out()?;
            candidates.work(output.bytes.len())
        }
        _ if is_whole && !output.bytes.is_empty() => candidates.push(format.as_str(), output.bytes),
        _ => candidates.work(output.bytes.len()),
    }
}

fn is_text(text: &[u8]) -> bool {
    let start = &text[..text.len().min(256)];
    start.iter().all(|byte| matches!(byte, b'\t' | b'\r' | b'\n' | 0x20..)) && start.utf8_chunks().count() <= 1
}
