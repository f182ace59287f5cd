//! JSON without the white space between its tokens.

use super::scan;

/// The tokens of `text` without white space between them, each byte for byte. `None` if it is not JSON.
pub(crate) fn compact(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for token in scan(text) {
        out.extend_from_slice(&text[token.ok()?.range]);
    }
    Some(out)
}
