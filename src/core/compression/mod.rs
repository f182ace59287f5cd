//! Decompression within bounds: gzip, zlib, deflate, Brotli and Zstandard.

mod content;

pub use content::{Content, content};

use ruzstd::decoding::StreamingDecoder;
use std::io::Read;

/// Most memory that a Zstandard frame may ask for, in bytes.
const MAX_ZSTD_WINDOW: u64 = 8 << 20;

/// A format of compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Gzip,
    Zlib,
    Deflate,
    Brotli,
    Zstd,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Output {
    pub bytes: Vec<u8>,
    pub end: End,
}

/// How the output ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Whole,
    /// There is more than was asked for.
    Limit,
    /// The compressed bytes are damaged or end too early.
    Broken,
}

impl Format {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The format that the first bytes name. Deflate and Brotli have no mark.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [method, flags, ..] if method & 0xf == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31) => {
                Some(Self::Zlib)
            }
            _ => None,
        }
    }

    /// At most `most` bytes of what `bytes` are compressed from.
    pub(crate) fn decompress(self, bytes: &[u8], most: usize) -> Output {
        let Some(decoder) = self.decoder(bytes) else { return Output { bytes: Vec::new(), end: End::Broken } };
        let mut output = Vec::new();
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let result = decoder.take(limit).read_to_end(&mut output);
        let end = match result {
            _ if output.len() > most => End::Limit,
            Ok(_) => End::Whole,
            Err(_) => End::Broken,
        };
        output.truncate(most);
        Output { bytes: output, end }
    }

    /// `None` if the first bytes ask for more memory than any web server needs.
    fn decoder<'a>(self, bytes: &'a [u8]) -> Option<Box<dyn Read + 'a>> {
        Some(match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
            Self::Zlib => Box::new(flate2::read::ZlibDecoder::new(bytes)),
            Self::Deflate => Box::new(flate2::read::DeflateDecoder::new(bytes)),
            Self::Brotli if asks_for_large_window(bytes) => return None,
            Self::Brotli => Box::new(brotli_decompressor::Decompressor::new(bytes, 4096)),
            Self::Zstd => Box::new(StreamingDecoder::new_with_max_window_size(bytes, MAX_ZSTD_WINDOW).ok()?),
        })
    }
}

/// Whether a Brotli stream asks for a window of up to 1 GiB. RFC 7932 has no such windows, so no web server sends them.
fn asks_for_large_window(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & 0x7f == 0x11)
}

#[cfg(test)]
mod tests;
