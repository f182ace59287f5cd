//! What the history tells a diagnosis about a request that does not verify.

use crate::core::diagnosis::{Diagnosis, History};
use crate::core::event::Event;
use crate::core::event::Seq;
use crate::core::request::Header;
use crate::core::signature::headers::message_id;
use crate::core::signature::{Keyring, Scheme};
use crate::store::{Reader, StoreError};

/// Adds what the history says to `diagnosis`. Opens the history only if nothing proves the reason. If it cannot be read, the diagnosis
/// stays as it is. `seq`: the number of the request, if it is stored.
pub(crate) fn amid_history(
    diagnosis: Diagnosis,
    open: impl FnOnce() -> Option<Reader>,
    keyring: &Keyring,
    seq: Option<Seq>,
    headers: &[Header<'_>],
    body: &[u8],
) -> Diagnosis {
    if !diagnosis.asks_history() {
        return diagnosis;
    }
    let scheme = diagnosis.scheme;
    let history = open().and_then(|reader| history(&reader, keyring, seq, scheme, headers, body).ok());
    match history {
        Some(history) => diagnosis.amid(&history, body),
        None => diagnosis,
    }
}

/// What the history says about a stored event. Nothing, if it cannot be read.
pub(crate) fn history_about(event: &Event, reader: &Reader, keyring: &Keyring) -> History {
    let (seq, scheme) = (event.stored_seq(), event.verification.scheme);
    history(reader, keyring, seq, scheme, &event.head.headers(), &event.body).unwrap_or_default()
}

fn history(
    reader: &Reader,
    keyring: &Keyring,
    seq: Option<Seq>,
    scheme: Scheme,
    headers: &[Header<'_>],
    body: &[u8],
) -> Result<History, StoreError> {
    let (sample, is_sample) = reader.signed_sample(seq)?;
    let mut history = History { is_sample, ..History::new(keyring) };
    sample.iter().for_each(|arrival| history.add(arrival, keyring));
    let id = message_id(headers, scheme).map(String::from_utf8_lossy);
    history.same_body = reader.verified_with_body(body, seq, id.as_deref())?;
    Ok(history)
}
