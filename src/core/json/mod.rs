//! JSON as received: tokens, pretty-printed lines and paths. Nothing is parsed into values, so nothing is lost.

mod build;
mod compact;
mod document;
mod folds;
mod line;
mod members;
mod nesting;
mod path;
mod scan;
mod set;
mod text;

pub(crate) use compact::compact;
pub use document::{Document, Fold, Form};
pub use folds::Folds;
pub use line::{Line, Role};
pub(crate) use path::{Step, without_indexes};
pub use scan::{Error, Position, Token, TokenKind, Tokens, scan, validate};
pub use set::{SetError, Setting, SettingError};
pub use text::character;
pub(crate) use text::{unescape, unescape_bytes, unescape_prefix};

#[cfg(test)]
pub(super) mod tests;
