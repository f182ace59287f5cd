//! `listen` without a screen: a line for each event on stdout, as text or as JSON; all talk on stderr.

use super::Parts;
use super::failure::Failure;
use super::follow::Follower;
use super::forward::{Forwarder, Report};
use super::lines::Printer;
use super::signals::{Asked, Signals};
use crate::core::shown::Shown;
use crate::store::Reader;
use jiff::tz::TimeZone;
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Ended deliveries that wait to be told.
const REPORTS: usize = 64;

pub(super) async fn run(parts: Parts, is_json: bool) -> Result<(), Failure> {
    let mut signals = Signals::new().map_err(|error| Failure::new("cannot wait for signals", error))?;
    let Parts {
        address, reader, sender, feed, mut refusals, forward, notices, start_check, mut damage, database, ..
    } = parts;
    start_check();
    for notice in notices {
        tell(&notice);
    }
    if sender.keyring.get().is_empty() {
        tell("no signing secret is known, so events are unchecked; set SCALEKIT_WEBHOOK_SECRET or give --secret-file");
    }
    let newest = reader.last_seq()?;
    let (reports, mut forwarded) = mpsc::channel(REPORTS);
    if let Some((target, came)) = forward {
        let follower = Follower::new(Reader::open(&database)?, newest, came);
        tokio::spawn(Forwarder { follower, target, sender: sender.clone(), reports }.run());
    }
    let first = if is_json {
        format!("{{\"listening\":\"http://{address}\"}}")
    } else {
        format!("listening on http://{address}")
    };
    let printer = Printer { reader, sender, is_json, zone: TimeZone::system(), printed: newest };
    let mut lines = printer.start(first).map_err(|error| Failure::new("cannot start the printing thread", error))?;
    let ended = loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop | Asked::Interrupt => break lines.finish().await,
                Asked::Suspend => stop_until_continued(),
            },
            ended = lines.ended() => break ended,
            () = feed.wait() => {
                feed.drain();
                lines.wake();
            }
            Some(report) = forwarded.recv() => tell(&forwarding(&report)),
            Some(refusal) = refusals.recv() => tell(&format!("refused with {}: {}", refusal.status, refusal.why)),
            Some(text) = damage.recv() => tell(&format!("the history is damaged: {text}")),
        }
    };
    match ended {
        // Whoever read the lines has gone: that is the end, not a fault.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new("cannot write to stdout", error)),
        _ => Ok(()),
    }
}

fn forwarding(report: &Report) -> String {
    match report {
        Ok(delivery) => match &delivery.outcome {
            Ok(answer) => format!("event {} forwarded: answered {}", delivery.event, answer.status),
            Err(failure) => format!("event {} was not forwarded: {}", delivery.event, failure.text),
        },
        Err((seq, why)) => format!("event {seq} was not forwarded: {why}"),
    }
}

/// Talk, on stderr.
fn tell(text: &str) {
    // Without a stderr there is nobody to tell.
    let _ = writeln!(io::stderr(), "hookglass: {}", Shown::from_text(text));
}

#[cfg(unix)]
fn stop_until_continued() {
    use rustix::process::{Signal, getpid, kill_process};
    // A process may always stop itself.
    let _ = kill_process(getpid(), Signal::STOP);
}

#[cfg(not(unix))]
fn stop_until_continued() {}
