//! `hookglass import ngrok`: adds the requests that ngrok's agent captured for the listener to the history.

use super::import::Stored;
use crate::app::keyring::SharedKeyring;
use crate::app::transfer::import::{Imported, Known, import_records, lacking};
use crate::app::tunnel::{self, Agents, AllCaptures, NGROK_ADDRESS};
use crate::cli::NgrokArgs;
use crate::commands::keeping::start_writing;
use crate::commands::output::checked;
use crate::commands::talk::tell;
use crate::commands::watched::{Progress, watched_events};
use crate::commands::{Failure, database, keyring};
use crate::config::{EmptySecret, Environment, Layer, Settings};
use crate::core::errors::with_causes;
use crate::core::import::Record;
use crate::core::numbers::{counted, grouped};
use crate::core::tunnel::Offer;
use crate::store::{Reader, Store, StoreError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use tokio::runtime::Handle;

/// How many requests that are left out are listed.
const LISTED: usize = 5;

pub(super) fn run(args: &NgrokArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let layer = Layer { port: args.port, ..Layer::default() };
    let port = Settings::merge(layer, &environment.file)?.port;
    let keyring = SharedKeyring::new(keyring(environment, &args.secrets, EmptySecret::IsNone)?);
    let AllCaptures { list, is_more } = ask(environment, port)?;
    let mut records = Vec::new();
    let mut left_out = Vec::new();
    for capture in list {
        match capture.request {
            Ok(record) => records.push(record),
            Err(error) => left_out.push(format!("`{}` of {}: {error}", capture.path, local(capture.at))),
        }
    }
    let database = database(&args.store, environment)?;
    let done = if args.dry_run { would_import(records, &database)? } else { import(records, &database, keyring)? };
    checked(writeln!(io::stdout(), "{}", done.line(args.dry_run)))?;
    for request in left_out.iter().take(LISTED) {
        tell(&format!("left out the request to {request}"));
    }
    if left_out.len() > LISTED {
        tell(&format!("left out {} more", counted((left_out.len() - LISTED) as u64, "request")));
    }
    if is_more {
        tell("ngrok's agent may hold older requests: it was asked for the newest only");
    }
    if let Err(why) = &done.ended {
        tell(&format!("cannot import all: {why}"));
    }
    Ok(if left_out.is_empty() && done.ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ask(environment: &Environment, port: u16) -> Result<AllCaptures, Failure> {
    let agents = Agents::new(environment.text(NGROK_ADDRESS)).map_err(|error| {
        Failure::with_hint(
            format!("cannot ask ngrok: in `{NGROK_ADDRESS}`, {error}"),
            "set it to where ngrok's agent listens, or unset it",
        )
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    runtime.block_on(tunnel::captures(agents, port)).map_err(|error| {
        let hint = error.hint();
        Failure::with_hint(error.to_string(), hint)
    })
}

/// What was done with the captured requests.
struct Done {
    /// Those that the history lacked.
    offer: Option<Offer>,
    new: u64,
    known: u64,
    ended: Result<(), String>,
}

impl Done {
    /// `imported 3 requests, 14:02:11 to 14:05:40; 2 were in the history`
    fn line(&self, is_dry: bool) -> String {
        let did = if is_dry { "would import" } else { "imported" };
        let what = match &self.offer {
            Some(offer) if offer.count as u64 == self.new => offer.sentence(Timestamp::now(), &TimeZone::system()),
            _ => counted(self.new, "request"),
        };
        match self.known {
            0 => format!("{did} {what}"),
            1 => format!("{did} {what}; 1 was in the history"),
            known => format!("{did} {what}; {} were in the history", grouped(known)),
        }
    }
}

fn would_import(records: Vec<Record>, database: &Path) -> Result<Done, Failure> {
    let count = records.len();
    let records = match Reader::open_alone(database) {
        Ok(reader) => lacking(records, &Known::new(&reader)?, &reader)?,
        Err(StoreError::Missing { .. }) => records,
        Err(error) => return Err(error.into()),
    };
    let new = records.len();
    Ok(Done { offer: Offer::of(&records), new: new as u64, known: (count - new) as u64, ended: Ok(()) })
}

fn import(records: Vec<Record>, database: &Path, keyring: SharedKeyring) -> Result<Done, Failure> {
    let store = Store::open_beside(database)?;
    if let Some(notice) = store.notice() {
        tell(notice);
    }
    // Dropped last: everything else that has the history open comes after it.
    let _closing = store.closing();
    let done = watched_events(
        |done| format!("imported {done} requests"),
        move |progress| import_lacking(records, store, &keyring, progress),
    );
    Ok(done??)
}

fn import_lacking(
    records: Vec<Record>,
    store: Store,
    keyring: &SharedKeyring,
    progress: &Progress,
) -> Result<Done, StoreError> {
    let count = records.len();
    let reader = store.reader()?;
    let mut known = Known::new(&reader)?;
    let records = lacking(records, &known, &reader)?;
    let (offer, in_history) = (Offer::of(&records), count - records.len());
    let (writer, writing) = start_writing(store);
    let mut sink = Stored::new(writer, progress);
    let Imported { new, known, ended, .. } = import_records(records, &reader, &mut known, keyring, &mut sink);
    drop(sink);
    // A panic of the writer is reported by the panic hook.
    let _ = Handle::current().block_on(writing);
    Ok(Done { offer, new, known: in_history as u64 + known, ended: ended.map_err(|error| with_causes(&error)) })
}

fn local(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
