//! Who hears of each event once it is stored, and in which order.

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
    /// Wakes whoever looks for the reasons of invalid events.
    pub undiagnosed: Arc<Notify>,
}

impl OnStored for Subscribers {
    /// Pending forwards are counted before the screen hears of the event, and it hears of the event before it hears of the reason.
    fn stored(&self, summary: Summary, forwards: &[Forward]) {
        let is_undiagnosed = diagnose::is_undiagnosed(&summary);
        self.forwarder.stored(forwards);
        self.feed.tell(summary);
        if is_undiagnosed {
            self.undiagnosed.notify_one();
        }
    }
}
