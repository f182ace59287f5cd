//! `hookglass doctor`: why no event arrives.

use super::output::{Output, checked};
use super::{Failure, WIDTH, database, keyring};
use crate::app::tunnel::{self, Agents, LastUsed, NGROK_ADDRESS};
use crate::cli::DoctorArgs;
use crate::config::{EmptySecret, Environment, Layer, Settings};
use crate::core::delivery::Target;
use crate::core::diagnosis::broken;
use crate::core::doctor::{Check, Facts, History, Listener, Newest, Reach, State, checks, last_step};
use crate::core::errors::with_causes;
use crate::core::printable::Printable;
use crate::core::tunnel::{Captured, Found, PublicUrl, Used};
use crate::store::{Reader, StoreError};
use jiff::Timestamp;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &DoctorArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let layer = Layer { port: args.port, public_url: args.public_url.clone(), ..Layer::default() };
    let settings = Settings::merge(layer, &environment.file)?;
    let keyring = keyring(environment, &args.secrets, EmptySecret::IsNone)?;
    let (history, used) = read(&database(&args.store, environment)?);
    let is_url_named = settings.public_url.is_some();
    let asked = Asked {
        listener: address(&settings),
        agents: if is_url_named { None } else { Some(agents(environment)?) },
        public_url: settings.public_url,
        is_reach_allowed: args.reach,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let Seen { listener, tunnel, captured, reach } = runtime.block_on(asked.look(used));
    let (now, port) = (Timestamp::now(), settings.port);
    let facts = Facts { now, port, listener, tunnel, is_url_named, captured, reach, keyring: &keyring, history };
    let checks = checks(&facts);
    let mut out = Output::stdout();
    let written = if args.json { json(&mut out, &checks) } else { text(&mut out, &checks, &facts) };
    checked(written.and_then(|()| out.finish()))?;
    let is_bad = checks.iter().any(|check| check.state == State::Bad);
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Where the listener can be reached from this machine.
fn address(settings: &Settings) -> SocketAddr {
    let ip = if settings.bind.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { settings.bind };
    SocketAddr::new(ip, settings.port)
}

fn agents(environment: &Environment) -> Result<Agents, Failure> {
    Agents::new(environment.text(NGROK_ADDRESS)).map_err(|error| {
        Failure::with_hint(
            format!("cannot look for the tunnel: in `{NGROK_ADDRESS}`, {error}"),
            "name the public URL with `--public-url`",
        )
    })
}

/// Whom to ask.
struct Asked {
    listener: SocketAddr,
    /// `None` if the user named the public URL.
    agents: Option<Agents>,
    public_url: Option<Target>,
    is_reach_allowed: bool,
}

/// What they responded.
struct Seen {
    listener: Listener,
    tunnel: Found,
    captured: Option<Captured>,
    reach: Option<Reach>,
}

impl Asked {
    async fn look(self, used: Option<Used>) -> Seen {
        let listener = tunnel::listener(self.listener).await;
        let (public, captured) = match self.agents {
            Some(agents) => tunnel::look(agents, self.listener.port()).await,
            None => (self.public_url.map_or(PublicUrl::None, |url| PublicUrl::named(&url)), None),
        };
        let tunnel = Found { public, used };
        let url = tunnel.endpoint().filter(|_| self.is_reach_allowed).and_then(|url| Target::parse(&url).ok());
        let reach = match url {
            Some(url) => Some(tunnel::reach(&url, &listener).await),
            None => None,
        };
        Seen { listener, tunnel, captured, reach }
    }
}

/// What the history says, and what the last event from a tunnel came through. Nothing that is wrong with it ends the command.
fn read(path: &Path) -> (History, Option<Used>) {
    match read_history(path) {
        Ok(read) => read,
        Err(StoreError::Missing { .. }) => (History::None, None),
        Err(error) => (History::Unreadable(with_causes(&error)), None),
    }
}

fn read_history(path: &Path) -> Result<(History, Option<Used>), StoreError> {
    let reader = Reader::open_alone(path)?;
    let count = reader.overview()?.events;
    let newest = reader.newest(1)?.pop().map(|summary| Newest {
        seq: summary.seq,
        at: summary.received_at,
        verdict: summary.verdict,
        reason: summary.reason,
    });
    let history = newest.map_or(History::None, |newest| History::Events { count, newest });
    Ok((history, LastUsed::new(reader).get()?))
}

fn json(out: &mut impl Write, checks: &[Check]) -> io::Result<()> {
    checks.iter().try_for_each(|check| {
        serde_json::to_writer(&mut *out, check)?;
        writeln!(out)
    })
}

fn text(out: &mut impl Write, checks: &[Check], facts: &Facts<'_>) -> io::Result<()> {
    let width = checks.iter().map(|check| check.check.len()).max().unwrap_or_default();
    for Check { check, state, text, next } in checks {
        let label = format!("{} {check:<width$}  ", state.mark());
        let indent = " ".repeat(width + 4);
        let next = next.iter().flat_map(|next| broken(&indent, next, WIDTH));
        for (label, line) in broken(&label, text, WIDTH).into_iter().chain(next) {
            writeln!(out, "{label}{}", Printable::from_text(&line))?;
        }
    }
    if checks.iter().all(|check| check.state != State::Bad) {
        writeln!(out)?;
        for (label, line) in broken("", &last_step(facts), WIDTH) {
            writeln!(out, "{label}{}", Printable::from_text(&line))?;
        }
    }
    Ok(())
}
