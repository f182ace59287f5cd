//! Reads a complete request body, within its limits, into its own memory.
//!
//! The frames that hyper returns are slices of its read buffer and would keep the whole buffer alive, so they are copied.

use super::budget::Share;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use memmap2::MmapMut;
use tokio::time::{Instant, timeout_at};

/// Longer bodies, in bytes, get a memory map of their own.
const MAX_ON_HEAP: usize = 64 * 1024;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// With its length: the declared one, or the bytes read so far.
    TooLarge(u64),
    /// All bodies together would exceed the memory limit.
    Crowded,
    /// With what came in time.
    TimedOut(Bytes),
    /// The peer disconnected, or the encoding is invalid. With what came before.
    Broken(Bytes),
}

/// Reads all of `body`. If it declares more than `limit` bytes, nothing is read: a peer that waits for `100 Continue` then never
/// sends it.
pub(super) async fn read(body: Body, limit: u64, deadline: Instant, share: &mut Share) -> Result<Bytes, BodyError> {
    let declared = body.size_hint().exact();
    if let Some(length) = declared
        && length > limit
    {
        return Err(BodyError::TooLarge(length));
    }
    if declared == Some(0) {
        return Ok(Bytes::new());
    }
    let declared = declared.and_then(|length| usize::try_from(length).ok());
    let mut buffer = Buffer::new(declared.unwrap_or(0));
    let collected = timeout_at(deadline, collect(body, declared, limit, share, &mut buffer)).await;
    match collected {
        Ok(Ok(true)) => Ok(buffer.into_bytes()),
        Ok(Ok(false)) => Err(BodyError::Broken(buffer.into_bytes())),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(BodyError::TimedOut(buffer.into_bytes())),
    }
}

/// Whether the body is complete.
async fn collect(
    mut body: Body,
    declared: Option<usize>,
    limit: u64,
    share: &mut Share,
    buffer: &mut Buffer,
) -> Result<bool, BodyError> {
    // Without a declared length there may be as much as the limit.
    let most = declared.unwrap_or(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut length = 0u64;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Ok(false) };
        // Trailers are neither signed nor shown.
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            return Err(BodyError::TooLarge(length));
        }
        if !share.grow(data.len() as u64) {
            return Err(BodyError::Crowded);
        }
        buffer.push(&data, most);
    }
    Ok(true)
}

/// Where a body is collected.
enum Buffer {
    Heap(Vec<u8>),
    /// A map of its own, with the bytes written so far. The system provides its pages when they are first written, so a length that
    /// is only declared costs nothing, and takes them back when the body is dropped. The allocator would keep the memory of large
    /// bodies: 65 MiB after 2,000 of 1 MiB.
    Map(MmapMut, usize),
}

impl Buffer {
    fn new(declared: usize) -> Self {
        Self::Heap(Vec::with_capacity(declared.min(MAX_ON_HEAP)))
    }

    /// Appends `data` to a body that has at most `most` bytes in all.
    fn push(&mut self, data: &[u8], most: usize) {
        if let Self::Heap(bytes) = self
            && bytes.len() + data.len() > MAX_ON_HEAP
            // Without a map the heap may still have room.
            && let Ok(mut map) = MmapMut::map_anon(most)
        {
            use_small_pages(&map);
            map[..bytes.len()].copy_from_slice(bytes);
            *self = Self::Map(map, bytes.len());
        }
        match self {
            Self::Heap(bytes) => bytes.extend_from_slice(data),
            Self::Map(map, length) => {
                map[*length..*length + data.len()].copy_from_slice(data);
                *length += data.len();
            }
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Heap(bytes) => Bytes::from(bytes),
            Self::Map(map, length) => Bytes::from_owner(map).slice(..length),
        }
    }
}

/// Otherwise Linux may take 2 MiB for the first byte of a body that only declares a length.
#[cfg(target_os = "linux")]
fn use_small_pages(map: &MmapMut) {
    // A kernel without large pages refuses, and needs nothing.
    let _ = map.advise(memmap2::Advice::NoHugePage);
}

#[cfg(not(target_os = "linux"))]
fn use_small_pages(_: &MmapMut) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Collects `size` bytes in pieces of `piece`; the buffer as it was before its end, and the bytes.
    fn collected(declared: Option<usize>, size: usize, piece: usize) -> (bool, Bytes) {
        let body: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
        let mut buffer = Buffer::new(declared.unwrap_or(0));
        body.chunks(piece).for_each(|data| buffer.push(data, declared.unwrap_or(1 << 20)));
        let is_map = matches!(buffer, Buffer::Map(..));
        let bytes = buffer.into_bytes();
        assert_eq!(bytes, body, "{declared:?} {size} {piece}");
        (is_map, bytes)
    }

    #[test]
    fn a_large_body_has_a_map_of_its_own_whether_its_length_is_declared_or_not() {
        for (size, is_large) in [(1, false), (MAX_ON_HEAP, false), (MAX_ON_HEAP + 1, true), (1 << 20, true)] {
            for declared in [Some(size), None] {
                for piece in [1000, 16 * 1024, 1 << 20] {
                    let (is_map, bytes) = collected(declared, size, piece);
                    assert_eq!((is_map, bytes.len()), (is_large, size), "{declared:?} {piece}");
                }
            }
        }
    }
}
