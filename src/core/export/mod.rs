//! Exports an event as text for other tools. Pasted text must not run, read or hide anything.

mod copied_test;
mod credentials;
mod curl;
mod delivery;
mod fixture;
mod fixture_file;
mod format;
mod har;
mod headers;
mod lines;
mod record;
pub mod shell;
mod spelling;

pub use copied_test::{TEST_SECRET, TestRunner, copied_test};
pub(crate) use credentials::{mask_credentials, mask_credentials_of_response};
pub use curl::{Destination, curl};
pub(crate) use delivery::delivery_line;
pub use fixture::{Fixture, FixtureError};
pub use fixture_file::{FixtureFile, NoBody};
pub use format::ExportFormat;
pub(crate) use har::{HAR_END, HAR_SEPARATOR, har_entry, har_start};
pub(crate) use headers::headers_text;
pub use lines::override_text;
pub(crate) use lines::{Columns, json_event, json_line, json_text, utc_text};
pub(crate) use record::record_line;
