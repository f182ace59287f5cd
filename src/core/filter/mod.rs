//! The filter language that selects events: `type:user.* is:invalid (jane OR "test user") -data.email:*@acme.com`.
//!
//! A [`Filter`] is what was written. A [`Query`] applies it to the events of an index: it decides at once what the index tells, and the rest
//! once the requests have been read.

mod complete;
mod eval;
mod lex;
mod listing;
mod node;
mod parse;
mod path;
mod pattern;
mod print;
mod query;
mod request;
mod saved;
mod story;
mod terms;
mod value;

pub use complete::{Completions, completions};
pub use eval::Selected;
pub use listing::Listing;
pub use node::Filter;
pub use parse::FilterError;
pub use print::type_term;
pub use query::Query;
pub use request::{Facts, RequestTest};
pub use saved::SavedFilters;
pub use story::Story;
pub use terms::{Field, State};
