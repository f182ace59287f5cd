//! Reads a complete request body, within its limits, into its own memory.
//!
//! The frames that hyper returns are slices of its read buffer and would keep the whole buffer alive, so they are copied.

use super::budget::Share;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

/// The most capacity that is reserved for a declared length before any bytes arrive.
const FIRST_CAPACITY: usize = 64 * 1024;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// With its length: the declared one, or the bytes read so far.
    TooLarge(u64),
    /// All bodies together would exceed the memory limit.
    Crowded,
    TimedOut,
    /// The peer disconnected, or the encoding is invalid.
    Broken(String),
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
    timeout_at(deadline, collect(body, limit, share)).await.unwrap_or(Err(BodyError::TimedOut))
}

async fn collect(mut body: Body, limit: u64, share: &mut Share) -> Result<Bytes, BodyError> {
    let declared = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut bytes = Vec::with_capacity(declared.unwrap_or(0).min(FIRST_CAPACITY));
    let mut length = 0u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| BodyError::Broken(error.to_string()))?;
        // Trailers are neither signed nor shown.
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            return Err(BodyError::TooLarge(length));
        }
        if !share.grow(data.len() as u64) {
            return Err(BodyError::Crowded);
        }
        reserve(&mut bytes, data.len(), declared);
        bytes.extend_from_slice(&data);
    }
    Ok(Bytes::from(bytes))
}

/// Makes room for `more` bytes: doubles the capacity, but not beyond the declared length.
fn reserve(bytes: &mut Vec<u8>, more: usize, declared: Option<usize>) {
    let needed = bytes.len() + more;
    if needed > bytes.capacity() {
        let wanted = (2 * bytes.capacity()).min(declared.unwrap_or(usize::MAX)).max(needed);
        bytes.reserve_exact(wanted - bytes.len());
    }
}
