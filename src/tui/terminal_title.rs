//! The title of the terminal window, with the counts.

use super::model::Model;
use super::theme::glyph;
use crate::core::numbers::grouped;
use crate::core::signature::Verdict;

/// `hookglass :3000 · 65 events 9 ✗`. Nothing in it comes from outside.
pub(crate) fn terminal_title(model: &Model) -> String {
    let port = model.setup.address.rsplit(':').next().unwrap_or_default();
    let totals = model.events.index.totals();
    let events = if totals.all() == 1 { "event" } else { "events" };
    let invalid = match totals.of(Verdict::Invalid) {
        0 => String::new(),
        count => format!(" {} {}", grouped(count), glyph(Verdict::Invalid)),
    };
    format!("hookglass :{port} · {} {events}{invalid}", grouped(totals.all()))
}
