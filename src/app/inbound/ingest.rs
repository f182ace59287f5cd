//! The way in, on a thread of its own: `request → judged → kept → answered → told`.

use crate::app::forward::forwarder::Forwarder;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::keyring::SharedKeyring;
use crate::core::delivery::Forward;
use crate::core::envelope;
use crate::core::event::{Arrival, Envelope, Judged, Summary};
use crate::core::overrides::{What, reply_for};
use crate::core::response::ResponseState;
use crate::core::signature::{self, Verification};
use crate::listener::{self, Bound, Delayed, Judge, Keep, OnLeft, OnRefused, Parts, Responding, Settings};
use crate::store::{OnStored, Queue, Store, Writer};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long the last writes may take when the program ends.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// The running listener with the writer beside it.
pub struct Ingest {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Ingest {
    /// Starts listening; `forwarder` says whose answer is the app's. `on_stored` and `on_refused` are called on the listener's thread
    /// and must not block.
    pub fn start(
        bound: Bound,
        store: Store,
        keyring: SharedKeyring,
        answers: SharedOverrides,
        forwarder: &Forwarder,
        on_stored: impl Fn(Summary, &[Forward]) + Send + Sync + 'static,
        on_refused: OnRefused,
    ) -> io::Result<(Self, Writer)> {
        let on_stored: OnStored = Arc::new(on_stored);
        let (writer, task) = store.into_writer(Queue::default(), on_stored);
        let relays = Arc::new(forwarder.relays(writer.clone()));
        let route = move |arrival: &Arrival, verification: &Verification, envelope: &Envelope| {
            relays.route(arrival, verification, envelope)
        };
        let judge = judge(keyring, answers.clone(), on_left(answers, writer.clone()), route);
        let parts = Parts { judge, keep: keep(writer.clone()), on_refused, run: forwarder.run() };
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("ingest".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let writing = tokio::spawn(task.run());
                let stopped = async {
                    // A dropped sender is a stop as well.
                    let _ = stopped.await;
                };
                let served = listener::serve(bound, Settings::default(), parts, stopped).await;
                // Writers elsewhere may outlive their work; what they ordered is written by then.
                let _ = tokio::time::timeout(LAST_WRITES, writing).await;
                served.map_err(io::Error::other)
            })
        })?;
        Ok((Self { stop, thread }, writer))
    }

    /// Stops taking requests, lets the open ones end (at most 3 s) and waits for the last write.
    pub fn stop(self) -> io::Result<()> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the listener's thread panicked")))
    }
}

/// What is said of each request, with the secrets known and the answers ordered when it comes. `route` decides where it goes,
/// and whether its sender waits for the first of those. The operator's answer goes before the app's, and that before the usual one.
pub fn judge(
    keyring: SharedKeyring,
    answers: SharedOverrides,
    on_left: OnLeft,
    route: impl Fn(&Arrival, &Verification, &Envelope) -> (Vec<Forward>, Option<Responding>) + Send + Sync + 'static,
) -> Judge {
    Arc::new(move |arrival: Arrival| {
        let verification = verification_of(&arrival, &keyring);
        let envelope = envelope::read(&arrival.body);
        let is_json = envelope.is_some();
        let envelope = envelope.unwrap_or_default();
        let (mut forwards, relayed) = route(&arrival, &verification, &envelope);
        let by_status = |fixed| Responding::With(reply_for(&verification, &envelope, is_json, fixed));
        let by_rules = || relayed.unwrap_or_else(|| by_status(None));
        let override_text = answers.take(&verification, &envelope);
        let answering = match &override_text {
            None => by_rules(),
            Some(directive) => {
                let answering = match &directive.what {
                    What::Rules => by_rules(),
                    What::Status(status) => by_status(Some(*status)),
                    What::Drop => Responding::Dropped,
                    What::Decision(decision) => Responding::With(decision.reply()),
                };
                if directive.delays.is_immediate() {
                    answering
                } else {
                    Responding::Delayed(Box::new(Delayed {
                        answering,
                        delays: directive.delays,
                        on_left: on_left.clone(),
                    }))
                }
            }
        };
        let size = arrival.body.len() as u64;
        let response = answering.response();
        if let Some(first) = forwards.first_mut() {
            first.is_awaited = response == ResponseState::Pending;
        }
        (Judged { arrival, envelope, verification, size, response, forwards, override_text }, answering)
    })
}

/// Notes that a sender did not wait for its answer, in the history as well. To be called on the listener's runtime.
pub fn on_left(answers: SharedOverrides, writer: Writer) -> OnLeft {
    Arc::new(move |seq| {
        let (answers, writer) = (answers.clone(), writer.clone());
        tokio::spawn(async move {
            // When that is not stored, the history says what the sender was to get.
            let _ = writer.record_response(seq, ResponseState::SenderLeft).await;
            answers.left(seq);
        });
    })
}

/// The verdict on a request as of its arrival, with the secrets known now.
pub fn verification_of(arrival: &Arrival, keyring: &SharedKeyring) -> signature::Verification {
    let now_ms = arrival.received_at.as_millisecond();
    signature::judge(&arrival.head.headers(), &arrival.body, now_ms, &keyring.get())
}

fn keep(writer: Writer) -> Keep {
    Arc::new(move |judged| {
        let writer = writer.clone();
        Box::pin(async move { writer.append(judged).await })
    })
}
