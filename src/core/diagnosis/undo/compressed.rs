//! Bodies that were compressed after they were signed: gzip, zlib, deflate, Brotli, Zstandard.

use super::Candidates;
use ruzstd::decoding::StreamingDecoder;
use std::io::Read;
use std::ops::ControlFlow;

/// Most memory that a Zstandard frame may ask for, in bytes.
const MAX_WINDOW: u64 = 8 << 20;

/// Tries the formats that the first bytes name. Deflate and Brotli have no mark, so they are tried for every body that
/// is not text.
pub(super) fn decompressed(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let limit = candidates.limit();
    match text {
        [0x1f, 0x8b, 8, ..] => take("gzip", flate2::read::MultiGzDecoder::new(text), limit, candidates),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match StreamingDecoder::new_with_max_window_size(text, MAX_WINDOW) {
            Ok(decoder) => take("zstd", decoder, limit, candidates),
            Err(_) => ControlFlow::Continue(()),
        },
        _ if is_text(text) => ControlFlow::Continue(()),
        _ => {
            if let [method, flags, ..] = text
                && method & 0xf == 8
                && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
            {
                take("zlib", flate2::read::ZlibDecoder::new(text), limit, candidates)?;
            }
            take("deflate", flate2::read::DeflateDecoder::new(text), limit, candidates)?;
            if asks_for_large_window(text) {
                return ControlFlow::Continue(());
            }
            take("br", brotli_decompressor::Decompressor::new(text, 4096), limit, candidates)
        }
    }
}

/// Reads at most `limit` bytes. Bytes that follow the compressed data are ignored.
fn take(format: &'static str, decoder: impl Read, limit: usize, candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let result = decoder.take(most).read_to_end(&mut bytes);
    // A trailing newline is no gzip member, and is reported as an error after all bytes were read.
    let is_whole = result.is_ok() || format == "gzip";
    if is_whole && !bytes.is_empty() { candidates.push(format, bytes) } else { candidates.work(bytes.len()) }
}

/// Whether a Brotli stream asks for a window of up to 1 GiB. RFC 7932 has no such windows, so no web server sends them.
fn asks_for_large_window(text: &[u8]) -> bool {
    text.first().is_some_and(|first| first & 0x7f == 0x11)
}

fn is_text(text: &[u8]) -> bool {
    let start = &text[..text.len().min(256)];
    start.iter().all(|byte| matches!(byte, b'\t' | b'\r' | b'\n' | 0x20..)) && start.utf8_chunks().count() <= 1
}
