//! Whether a request's signature is good, by the rules of the real SDKs, and its inverse: signing.

mod scheme;
mod verdict;

pub use scheme::Scheme;
pub use verdict::{Judgement, Verdict};
