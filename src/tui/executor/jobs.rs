//! Runs jobs: many events, retries, rehearsals. Reports each delivery as it ends.

use super::Executor;
use crate::app::history::shared_reader::SharedReader;
use crate::app::outbound::bulk::Bulk;
use crate::app::outbound::rehearse::Rehearsing;
use crate::app::outbound::retry::Retrying;
use crate::core::delivery::{Form, Manner, Pace, RetryPlan, Sending, SigningPolicy, Tally, Target};
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::rehearsal::Rehearsal;
use crate::tui::job::{Ended, News};
use crate::tui::message::Message;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio_util::sync::CancellationToken;

/// The most reports that become one message.
const BATCH: usize = 1024;

/// Stops the running job.
pub(crate) type CurrentJob = Arc<Mutex<CancellationToken>>;

impl Executor {
    pub(super) fn stop_job(&self) {
        self.job.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    /// Runs `work` as the job, and reports its end.
    fn run_job<F>(&self, work: impl FnOnce(Self, CancellationToken) -> F)
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        let stop = CancellationToken::new();
        *self.job.lock().unwrap_or_else(PoisonError::into_inner) = stop.clone();
        let messages = self.messages.clone();
        let working = work(self.clone(), stop);
        self.sender.deliveries.spawn(async move {
            let ended = working.await;
            let _ = messages.send(Message::JobEnded(ended)).await;
        });
    }

    pub(super) fn send_many(&self, seqs: Vec<Seq>, form: Form, pace: Pace, target: Target) {
        self.run_job(|this, stop| async move {
            let reader = SharedReader::new(this.open_reader().map_err(|error| with_causes(&error))?);
            let mut tally = Tally::new(seqs.len() as u64 * u64::from(pace.times));
            let (reports, news) = mpsc::unbounded_channel::<(Seq, Sending, bool)>();
            let reporting = this.report(news, |batch| {
                let mut endings = Vec::with_capacity(batch.len());
                for (seq, sending, is_as_received) in batch {
                    tally.add(&sending);
                    if let Sending::Ended { ending, total_us, .. } = sending {
                        endings.push(Ended { seq, ending, total_us, is_as_received });
                    }
                }
                vec![Message::JobProgressed(News::Sent { endings, tally: tally.clone() })]
            });
            let (sender, policy) = (this.sender.clone(), SigningPolicy::Verified);
            let bulk = Bulk { reader, sender, target, form, policy };
            let sending = bulk.run(seqs, pace, stop, move |ended| {
                // The receiver lives until all deliveries have ended.
                let is_as_received = ended.result.as_ref().is_ok_and(|sent| sent.delivery.manner == Manner::AsReceived);
                let _ = reports.send((ended.seq, ended.in_short(), is_as_received));
            });
            tokio::join!(sending, reporting);
            Ok(())
        });
    }

    pub(super) fn retry(&self, seq: Seq, plan: RetryPlan, target: Target) {
        self.run_job(|this, stop| async move {
            let event = this.read_event(seq).await?;
            let (reports, news) = mpsc::unbounded_channel();
            let reporting = this.report(news, |batch| batch);
            let (sender, form, policy) = (this.sender.clone(), Form::Resigned, SigningPolicy::Verified);
            let retrying = Retrying { sender, event, target, form, policy };
            let retrying = retrying.run(plan, 1, stop, move |step, sent| {
                let _ = reports.send(Message::DeliveryFinished(Box::new(sent.delivery)));
                let _ = reports.send(Message::JobProgressed(News::Retried(step)));
            });
            let (ended, ()) = tokio::join!(retrying, reporting);
            ended.map(drop).map_err(|error| error.to_string())
        });
    }

    pub(super) fn rehearse(&self, seq: Seq, rehearsals: Vec<Rehearsal>, target: Target) {
        self.run_job(|this, stop| async move {
            let event = this.read_event(seq).await?;
            let rehearsing = Rehearsing::of_event(event, SigningPolicy::Verified, this.sender.clone(), target);
            let rehearsing = rehearsing.map_err(|error| error.to_string())?;
            let rehearsals = rehearsing.plan(&rehearsals).map_err(|error| error.to_string())?;
            let (reports, news) = mpsc::unbounded_channel();
            let reporting = this.report(news, |batch| batch);
            let running = async move {
                let on_step = |step| {
                    let _ = reports.send(Message::JobProgressed(News::Rehearsed(step)));
                };
                let ended = rehearsing.run(&rehearsals, || stop.is_cancelled(), on_step).await;
                ended.map(drop).map_err(|error| error.to_string())
            };
            tokio::join!(running, reporting).0
        });
    }

    /// Turns `news` into messages, in batches of what has arrived, until the senders are gone. A full screen queue delays
    /// only this task: `news` is unbounded.
    async fn report<T>(&self, mut news: UnboundedReceiver<T>, mut messages: impl FnMut(Vec<T>) -> Vec<Message>) {
        let mut batch = Vec::new();
        while news.recv_many(&mut batch, BATCH).await > 0 {
            for message in messages(std::mem::take(&mut batch)) {
                // The screen may have ended.
                let _ = self.messages.send(message).await;
            }
        }
    }
}
