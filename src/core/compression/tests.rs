//! Decompressing what headers name, what they do not, and what is hostile.

use super::content::decoded;
use bytes::Bytes;
use flate2::Compression;
use std::io::Write;

const TEXT: &[u8] = b"{\"id\":\"evt_1\",\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// `{"br":1}` as one Brotli block that is not compressed.
const BROTLI: &[u8] = b"\x8b\x03\x80{\"br\":1}\x03";

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

/// What is shown of a body with this `content-encoding`, and the note.
fn shown(body: &[u8], encoding: &str, most: usize) -> (Vec<u8>, String) {
    let body = Bytes::copy_from_slice(body);
    let values = encoding.split('|').filter(|value| !value.is_empty()).map(str::as_bytes);
    let content = decoded(&body, values, most);
    (content.bytes.to_vec(), content.note.unwrap_or_default())
}

#[test]
fn every_encoding_of_the_web_is_undone() {
    for (body, encoding) in [
        (gzip(TEXT), "gzip"),
        (gzip(TEXT), " X-GZIP "),
        (zlib(TEXT), "deflate"),
        (deflate(TEXT), "deflate"),
        (zstd(TEXT), "zstd"),
        (gzip(&zlib(TEXT)), "deflate, gzip"),
        (gzip(&zlib(TEXT)), "deflate|identity|gzip"),
    ] {
        let (bytes, note) = shown(&body, encoding, 1000);
        assert_eq!(bytes, TEXT, "{encoding}: {note}");
        assert!(
            note.starts_with("decompressed from ") && note.contains(&format!("{} → 60 bytes", body.len())),
            "{note}"
        );
    }
    assert_eq!(shown(BROTLI, "br", 100).0, b"{\"br\":1}");
}

#[test]
fn a_body_that_is_not_compressed_is_shown_as_received() {
    for (body, encoding, expected) in [
        (TEXT, "", ""),
        (TEXT, "identity", ""),
        (b"", "gzip", ""),
        (TEXT, "gzip", "shown as received: it is not gzip, although `content-encoding` says so"),
        (TEXT, "aes128gcm", "shown as received: hookglass cannot decode `aes128gcm`"),
        (TEXT, "gzip,gzip,gzip,gzip,gzip", "shown as received: 5 encodings are too many to undo"),
        (b"\x1f\x8b\x08", "", ""),
    ] {
        assert_eq!(shown(body, encoding, 1000), (body.to_vec(), expected.to_owned()), "{encoding}");
    }
}

#[test]
fn a_compressed_body_without_the_header_is_recognised() {
    let (bytes, note) = shown(&gzip(TEXT), "", 1000);
    assert_eq!(bytes, TEXT);
    assert!(note.ends_with("; no header says that it is compressed"), "{note}");
}

#[test]
fn a_bomb_stays_bounded_and_says_so() {
    let zeros = vec![0; 3_000_000];
    for (bomb, encoding) in [(gzip(&zeros), "gzip"), (gzip(&gzip(&zeros)), "gzip, gzip"), (zstd(&zeros), "zstd")] {
        assert!(bomb.len() < 10_000, "{}", bomb.len());
        let (bytes, note) = shown(&bomb, encoding, 100_000);
        assert_eq!(bytes.len(), 100_000);
        assert!(note.ends_with("→ 100,000 bytes; the rest is not shown"), "{note}");
    }
    // A window of 1 GiB.
    assert!(shown(b"\x11\x1e\x01", "br", 100).1.starts_with("shown as received"));
}

#[test]
fn what_there_is_of_damaged_bytes_is_shown() {
    let whole = gzip(&TEXT.repeat(100));
    let (bytes, note) = shown(&whole[..whole.len() - 20], "gzip", 100_000);
    assert!(!bytes.is_empty() && TEXT.repeat(100).starts_with(&bytes));
    assert!(note.ends_with("; the compressed bytes are damaged or incomplete"), "{note}");
}
