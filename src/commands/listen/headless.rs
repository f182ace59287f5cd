//! `listen` without a screen: prints a line per event on stdout, as text or JSON, and messages on stderr.

use super::parts::{Handles, History, Parts};
use super::warnings::{self, Warning};
use crate::app::forward::backlog::Backlog;
use crate::app::forward::forwarder::Report;
use crate::app::forward::resume::Resumer;
use crate::app::history::feed::Feed;
use crate::app::inbound::reverify::{EXAMINED, Progress, Reverifier};
use crate::app::process::signals::{Asked, Signals};
use crate::commands::failure::Failure;
use crate::commands::listen::lines::{LineError, Lines, Printer};
use crate::commands::listen::refusals::SharedRefusals;
use crate::commands::output::checked;
use crate::commands::talk::tell;
use crate::core::delivery::{Delivery, ForwardMode, Forwarded, Forwarding};
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::export::Columns;
use crate::core::overrides::Overrides;
use crate::core::signature::{GIVE_SECRET, Keyring, no_secret, odd_secrets};
use crate::store::{Reader, Repair};
use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long storing a response may take.
const SPARE: Duration = Duration::from_secs(1);

/// What is printed once the deliveries and the listener have ended.
pub(super) struct Rest {
    /// `None` if stdout cannot be written any more.
    lines: Option<Lines>,
    forwarded: mpsc::Receiver<Report>,
    refusals: Arc<SharedRefusals>,
    backlog: Backlog,
    later: mpsc::Receiver<Warning>,
}

impl Rest {
    pub async fn tell(mut self) -> Result<(), Failure> {
        while let Ok(report) = self.forwarded.try_recv() {
            text(&report).as_deref().into_iter().for_each(tell);
        }
        while let Ok(warning) = self.later.try_recv() {
            tell(&warning.to_string());
        }
        self.refusals.last().iter().for_each(|refusal| tell(&refusal.to_string()));
        if let count @ 1.. = self.backlog.count() {
            tell(&format!("{count} pending {} not sent", if count == 1 { "delivery was" } else { "deliveries were" }));
        }
        match self.lines {
            Some(lines) => written(lines.finish().await),
            None => Ok(()),
        }
    }
}

/// Why the lines ended. A closed pipe is not an error.
fn written(lines: Result<(), LineError>) -> Result<(), Failure> {
    match lines {
        Ok(()) => Ok(()),
        Err(LineError::Stdout(error)) => checked(Err(error)),
        Err(LineError::History(error)) => Err(error.into()),
    }
}

/// Runs until a signal, or until stdout is closed.
pub(super) async fn run(mut parts: Parts, is_json: bool) -> Result<Rest, Failure> {
    let signals = Signals::new().map_err(|error| Failure::new("cannot wait for signals", error))?;
    let warnings = std::mem::take(&mut parts.warnings);
    tell_warnings(warnings, &parts.forwarding, &parts.handles.sender.keyring.get());
    let mut overrides = parts.handles.overrides.changes();
    let seen = overrides.borrow_and_update().clone();
    tell_overrides(&seen);
    resume(&parts.handles.resumer, &parts.history.reader, parts.resumes);
    let History { reader, newest, start_check, repair, .. } = parts.history;
    start_check();
    let lines =
        printer(reader, newest, &parts.forwarding, &parts.handles, is_json).start(first_line(parts.address, is_json));
    let lines = lines.map_err(|error| Failure::new("cannot start the printing thread", error))?;
    let reverifying = Reverifier {
        database: parts.handles.database,
        keyring: parts.handles.sender.keyring,
        writer: parts.handles.writer,
        examined: EXAMINED,
    };
    let mut running = Running {
        signals,
        feed: parts.handles.feed,
        overrides,
        seen,
        repair,
        forwarded: parts.forwarded,
        refusals: parts.refusals,
        later: parts.later,
    };
    let lines = running.until_stopped(lines, reverify(reverifying, newest)).await?;
    let Running { forwarded, refusals, later, .. } = running;
    Ok(Rest { lines, forwarded, refusals, backlog: parts.handles.backlog, later })
}

/// Prints the events after `newest`.
fn printer(reader: Reader, newest: Seq, forwarding: &Forwarding, handles: &Handles, is_json: bool) -> Printer {
    let patience = match forwarding.mode {
        ForwardMode::After => Duration::ZERO,
        ForwardMode::Through => handles.sender.client.limits().whole + SPARE,
    };
    let (keyring, writer) = (handles.sender.keyring.clone(), handles.writer.downgrade());
    let (zone, columns) = (TimeZone::system(), Columns::default());
    Printer { reader, keyring, writer, is_json, zone, columns, printed: newest, patience }
}

/// The sources of messages and lines.
struct Running {
    signals: Signals,
    feed: Arc<Feed>,
    overrides: watch::Receiver<Overrides>,
    /// The overrides that were printed last.
    seen: Overrides,
    repair: watch::Receiver<Option<Repair>>,
    forwarded: mpsc::Receiver<Report>,
    refusals: Arc<SharedRefusals>,
    later: mpsc::Receiver<Warning>,
}

impl Running {
    /// Prints until a signal comes, which returns the lines that are left, or until stdout is closed.
    async fn until_stopped(
        &mut self,
        mut lines: Lines,
        reverifying: impl Future<Output = ()>,
    ) -> Result<Option<Lines>, Failure> {
        // Not a separate task, so that it stops writing when this function returns.
        let mut reverifying = pin!(reverifying.fuse());
        loop {
            tokio::select! {
                asked = self.signals.next() => match asked {
                    Asked::Stop | Asked::Interrupt => return Ok(Some(lines)),
                    Asked::Suspend => stop_until_continued(),
                },
                ended = lines.ended() => {
                    written(ended)?;
                    return Ok(None);
                }
                () = self.feed.wait() => {
                    self.feed.drain();
                    lines.wake();
                }
                Some(report) = self.forwarded.recv() => match text(&report) {
                    Some(text) => tell(&text),
                    // A line may have waited for this response.
                    None => lines.wake(),
                },
                refusal = self.refusals.next() => tell(&refusal.to_string()),
                Ok(()) = self.overrides.changed() => {
                    let now = self.overrides.borrow_and_update().clone();
                    now.news_since(&self.seen).iter().for_each(|news| tell(news));
                    self.seen = now;
                }
                () = &mut reverifying => {}
                Some(warning) = self.later.recv() => tell(&warning.to_string()),
                Ok(()) = self.repair.changed() => {
                    self.repair.borrow_and_update().iter().for_each(|step| tell(&warnings::of_repair(step).to_string()));
                    // Lines may have waited for the repair.
                    lines.wake();
                }
            }
        }
    }
}

/// Prints the startup warnings.
fn tell_warnings(warnings: Vec<Warning>, forwarding: &Forwarding, keyring: &Keyring) {
    let warnings = warnings.into_iter().chain(warnings::of_forwarding_all(forwarding));
    for warning in warnings.map(|warning| warning.to_string()).chain(odd_secrets(keyring)) {
        tell(&warning);
    }
    if keyring.is_empty() {
        tell(&format!("{}; {GIVE_SECRET}", no_secret("events are unchecked")));
        if !forwarding.routes.is_empty() && forwarding.forwarded == Forwarded::Verified {
            tell("unchecked events are not forwarded; pass `--forward all` to forward them too");
        }
    }
}

/// Names what earlier runs left to forward, and forwards what was queued if `resumes`.
fn resume(resumer: &Resumer, reader: &Reader, resumes: bool) {
    let now = Timestamp::now();
    let left = match resumer.find(reader, now) {
        Ok(left) => left,
        Err(error) => return tell(&format!("cannot read what was left to forward: {}", with_causes(&error))),
    };
    for left in left {
        warnings::of_leftovers(&left, resumes, now).iter().for_each(|warning| tell(&warning.to_string()));
        if resumes {
            resumer.resume(left.place, left.queued);
        }
    }
}

fn tell_overrides(overrides: &Overrides) {
    for setting in overrides.on() {
        tell(&format!("override: {}", setting.sentence()));
        setting.warning().into_iter().for_each(tell);
    }
}

fn first_line(address: SocketAddr, is_json: bool) -> String {
    if is_json { format!("{{\"listening\":\"http://{address}\"}}") } else { format!("listening on http://{address}") }
}

/// Verifies the stored events again if the set of secrets has changed, and says when that is done.
async fn reverify(reverifying: Reverifier, newest: Seq) {
    let (steps, mut progress) = mpsc::channel(1);
    let telling = async {
        while let Some(Progress { done, all, .. }) = progress.recv().await {
            if done == all {
                let news = "the set of secrets has changed";
                tell(&format!("{news}: hookglass verified the stored events again, up to event {all}"));
            }
        }
    };
    let (ended, ()) = tokio::join!(async move { reverifying.if_secrets_changed(newest, &steps).await }, telling);
    if let Err(why) = ended {
        tell(&format!("cannot verify the stored events again: {why}"));
    }
}

/// The message for a report, if any.
fn text(report: &Report) -> Option<String> {
    Some(match report {
        Report::Delivered { delivery, advice } => forwarded(delivery, advice.as_deref()),
        Report::LoopFound(target) => warnings::of_leading_back(target).to_string(),
        Report::Unreadable(why) => format!("cannot read the events to forward: {why}"),
        Report::NotResumed { count, why } => warnings::of_not_resumed(*count, why).to_string(),
        Report::NotSent { seq, why } => format!("event {seq} was not forwarded: {why}"),
        Report::NotStored { seq, why } => format!("event {seq}: {why}"),
        Report::Missed(count) => format!("{count} more deliveries and responses are only in the history"),
        Report::Responded { .. } => return None,
    })
}

fn forwarded(delivery: &Delivery, advice: Option<&str>) -> String {
    let Delivery { event, target, outcome, timing, .. } = delivery;
    match outcome {
        Ok(response) => {
            // A host name may have several addresses.
            let peer = delivery.peer.as_ref().filter(|peer| !target.contains(peer.as_str()));
            let peer = peer.map(|peer| format!(" ({peer})")).unwrap_or_default();
            let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
            format!("event {event} forwarded to {target}{peer}: {}{advice}", response.sentence(timing.total()))
        }
        Err(failure) => format!("forwarding event {event} to {target} failed: {}", failure.text),
    }
}

#[cfg(unix)]
fn stop_until_continued() {
    use rustix::process::{Signal, getpid, kill_process};
    // A process may always stop itself.
    let _ = kill_process(getpid(), Signal::STOP);
}

#[cfg(not(unix))]
fn stop_until_continued() {}
