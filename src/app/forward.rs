//! Sends each verified event on as it comes, in order, one at a time.

use super::follow::Follower;
use super::sender::Sender;
use crate::core::delivery::{Delivery, Manner, Origin, Target};
use crate::core::event::Seq;
use crate::core::signature::Verdict;
use tokio::sync::mpsc;

/// What forwarding has to say: a delivery that ended, or why an event was not sent.
pub type Report = Result<Delivery, (Seq, String)>;

pub struct Forwarder {
    pub follower: Follower,
    pub target: Target,
    pub sender: Sender,
    pub reports: mpsc::Sender<Report>,
}

impl Forwarder {
    /// Goes on until dropped or until nobody wants its reports.
    pub async fn run(mut self) {
        loop {
            let summaries = match self.follower.next().await {
                Ok(summaries) => summaries,
                Err(error) => {
                    if self.reports.send(Err((0, error.to_string()))).await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            for summary in summaries.iter().filter(|summary| summary.verdict == Verdict::Verified) {
                let report = self.forward(summary.seq).await.map_err(|why| (summary.seq, why));
                if self.reports.send(report).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn forward(&self, seq: Seq) -> Result<Delivery, String> {
        let event = self.follower.event(seq)?;
        // It has just come: the sender's own timestamp and signature are fresh.
        let sent = self.sender.send(&event, &self.target, Manner::AsReceived, Origin::Forwarded).await;
        sent.map_err(|error| error.to_string())
    }
}
