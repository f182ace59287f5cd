//! What `send` and `replay` share: find what to send, send it at the given pace, and print the results.

mod post;
mod printer;
mod sources;

use super::ending::unless_cancelled;
use super::keeping::{open_to_store, start_writing};
use super::talk::{tell, tell_with_hint};
use super::{database, keyring, tell_odd_secrets};
use crate::app::keyring::SharedKeyring;
use crate::app::outbound::bulk;
use crate::app::outbound::runtime::Deliveries;
use crate::app::outbound::samples::Series;
use crate::app::outbound::send::Sender;
use crate::app::process::watchdog::{self, CtrlC};
use crate::cli::{SampleArgs, SendingArgs};
use crate::client::{Client, Limits};
use crate::commands::Failure;
use crate::config::{self, Access, EmptySecret, Environment};
use crate::core::catalog::Family;
use crate::core::delivery::{Form, SigningPolicy, Tally};
use crate::core::signature::{GIVE_SECRET, Keyring, Secret, TRIGGER_SECRET_VARIABLE, give_secret, no_secret_in};
use post::{Post, Turn};
use printer::Printer;
use sources::{Parcel, Parcels};
pub(super) use sources::{looks_like_a_file, unknown_type};
use std::cell::RefCell;
use std::ffi::OsString;
use std::process::ExitCode;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// The exit code if nothing could be sent.
const COULD_NOT_RUN: u8 = 2;

/// What the user asked for.
pub(super) struct Asked<'a> {
    /// `--set` turns it into [`Form::Edited`].
    pub form: Form,
    pub sources: &'a [OsString],
    /// `replay` sends no samples.
    pub samples: Option<&'a SampleArgs>,
    pub args: &'a SendingArgs,
}

pub(super) fn run(asked: &Asked<'_>, environment: &Environment) -> Result<ExitCode, Failure> {
    let args = asked.args;
    let target = config::target("--to", &args.to)?;
    let keyring = keyring(environment, &args.secrets, EmptySecret::IsNone)?;
    tell_odd_secrets(&keyring);
    let client = Client::fitted(Limits::default(), &Access::merge(args.access.layer(), &environment.file)?)?;
    let database = database(&args.store, environment)?;
    let is_keeping = !args.no_keep_alive && environment.file.keep_alive.unwrap_or(true);
    let shared = SharedKeyring::new(keyring.clone());
    let Parcels { parcels, reader } = sources::gather(asked, environment, &database, &shared)?;
    check_secrets(args, &parcels, &keyring)?;

    let store = if parcels.iter().any(Parcel::is_stored) { open_to_store(&database) } else { None };
    let all = u64::try_from(parcels.len()).unwrap_or(u64::MAX).saturating_mul(args.times.into());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    watchdog::watch(CtrlC::Request).map_err(|error| Failure::new("cannot wait for signals", error))?;
    let code = runtime.block_on(async {
        let (writer, writing) = store.map(start_writing).unzip();
        let post = Post {
            form: &asked.form,
            policy: if args.sign { SigningPolicy::Any } else { SigningPolicy::Verified },
            settings: &args.set,
            series: Series::new(asked.samples.and_then(|samples| samples.seed)),
            sender: Sender {
                client: client.keep_alive(is_keeping),
                keyring: shared,
                writer,
                deliveries: Deliveries::on(Handle::current()),
            },
            reader,
            plan: args.retry_plan(),
            stop: CancellationToken::new(),
            printer: RefCell::new(Printer::new(args.json, all, &target)),
            target,
        };
        let code = send_all(&post, &parcels, args, all).await;
        drop(post);
        if let Some(writing) = writing {
            // A panic in it is already reported.
            let _ = writing.await;
        }
        code
    });
    runtime.shutdown_background();
    code
}

async fn send_all(post: &Post<'_>, parcels: &[Parcel], args: &SendingArgs, all: u64) -> Result<ExitCode, Failure> {
    let mut tally = Tally::new(all);
    let turns = |pass| parcels.iter().enumerate().map(move |(place, parcel)| Turn { pass, place, parcel });
    let jobs = (0..args.times).flat_map(turns);
    let ended = |sending| {
        tally.add(&sending);
        post.printer.borrow_mut().progress(&tally);
    };
    let sending = bulk::run(jobs, args.pace(), &post.stop, |turn, slot| post.send(turn, slot), ended);
    // The table at the end shows what a cancellation left unsent.
    let _ = unless_cancelled(sending, &post.stop, &post.sender.deliveries).await;
    let is_stopped = post.stop.is_cancelled();
    post.printer.borrow_mut().end(&tally, is_stopped)?;
    Ok(match tally {
        _ if tally.is_all_delivered() => ExitCode::SUCCESS,
        // The reason for each is already printed.
        _ if tally.is_nothing_sent() && !is_stopped => ExitCode::from(COULD_NOT_RUN),
        _ => ExitCode::FAILURE,
    })
}

/// Fails before anything is sent if a signature is asked for and there is no secret. Without one, only samples are signed.
fn check_secrets(args: &SendingArgs, parcels: &[Parcel], keyring: &Keyring) -> Result<(), Failure> {
    let sample = |parcel: &Parcel| if let Parcel::Sample(sample) = parcel { Some(*sample) } else { None };
    let is_trigger = |parcel: &Parcel| sample(parcel).is_some_and(|sample| sample.family == Family::Trigger);
    let has_own = keyring.verifying.iter().any(Secret::is_for_triggers);
    let (all_triggers, any_trigger) = (parcels.iter().all(is_trigger), parcels.iter().any(is_trigger));
    if any_trigger && !has_own && !keyring.is_empty() {
        tell_with_hint(
            "trigger events are signed with the secret for webhooks",
            &format!("set `{TRIGGER_SECRET_VARIABLE}` to the secret of the endpoint for trigger events"),
        );
    }
    if keyring.signing().next().is_some() || all_triggers && has_own {
        return Ok(());
    }
    let has_events = parcels.iter().any(|parcel| !matches!(parcel, Parcel::Sample(_)));
    if has_events && (args.sign || !args.set.is_empty()) {
        return Err(Failure::with_hint(no_secret_in(keyring, "no event can be signed"), give_secret(keyring)));
    }
    if parcels.iter().any(|parcel| matches!(parcel, Parcel::Sample(_))) {
        let text = no_secret_in(keyring, "samples are signed with a throwaway one");
        // An unusable secret already has a warning with a hint.
        if keyring.is_empty() { tell_with_hint(&text, GIVE_SECRET) } else { tell(&text) }
    }
    Ok(())
}
