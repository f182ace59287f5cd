//! The title of the terminal window, with the counts.

use super::model::Model;
use super::theme::glyph;
use crate::core::numbers::{counted, grouped};
use crate::core::signature::Verdict;

/// `hookglass :3000 · 65 events 9 ✗`. Nothing in it comes from outside.
pub(crate) fn terminal_title(model: &Model) -> String {
    let port = model.setup.address.rsplit(':').next().unwrap_or_default();
    let totals = model.events.index.totals();
    let invalid = match totals.of(Verdict::Invalid) {
        0 => String::new(),
        count => format!(" {} {}", grouped(count), glyph(Verdict::Invalid)),
    };
    format!("hookglass :{port} · {}{invalid}", counted(totals.all(), "event"))
}
