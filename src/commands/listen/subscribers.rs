//! Informs the parts of the program of each stored event, in a fixed order.

use crate::app::fixtures::arrivals::Wake;
use crate::app::forward::forwarder::Forwarder;
use crate::app::history::feed::Feed;
use crate::app::inbound::diagnose;
use crate::core::delivery::Forward;
use crate::core::event::Summary;
use crate::store::OnStored;
use std::sync::Arc;
use tokio::sync::Notify;

pub(super) struct Subscribers {
    pub forwarder: Arc<Forwarder>,
    pub feed: Arc<Feed>,
    /// Wakes the search for the reasons of invalid events.
    pub undiagnosed: Arc<Notify>,
    /// Wakes the thread that saves fixtures.
    pub saving: Option<Wake>,
}

impl OnStored for Subscribers {
    /// Pending forwards are counted before the screen gets the event, and the screen gets the event before its exact reason.
    fn stored(&self, summary: Summary, forwards: &[Forward]) {
        let is_undiagnosed = diagnose::is_undiagnosed(&summary);
        self.forwarder.stored(forwards);
        self.feed.tell(summary);
        if let Some(saving) = &self.saving {
            saving.stored();
        }
        if is_undiagnosed {
            self.undiagnosed.notify_one();
        }
    }
}
