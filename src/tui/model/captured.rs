//! The offer to import what ngrok captured while hookglass did not run.

use super::Problem;
use crate::core::tunnel::Offer;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use jiff::Timestamp;
use jiff::tz::TimeZone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapturedOffer {
    pub offer: Offer,
    /// Whether the user has opened the question. The offer is then no longer shown, but still suggested.
    pub is_seen: bool,
}

impl CapturedOffer {
    pub(super) fn problem(&self, now: Timestamp, zone: &TimeZone) -> Problem {
        let them = if self.offer.count == 1 { "it" } else { "them" };
        Problem {
            text: format!("captured by ngrok, but not in the history: {}", self.offer.sentence(now, zone)),
            hint: format!("press `{}` to import {them}", key_name(Action::ImportFile)),
        }
    }
}
