//! `listen` on a terminal: draws the first frame at once, then starts the rest in the background.

use super::farewell::farewell;
use super::parts::{Handles, HistoryPlace, Parts};
use crate::app::accepted::AcceptedFile;
use crate::app::fixtures::folder::FixtureFolder;
use crate::app::forward::forwarder::Report;
use crate::app::history::follower::Follower;
use crate::app::history::other_writers::{Elsewhere, OtherWriters};
use crate::app::history::shared_reader::SharedReader;
use crate::app::inbound::diagnose::Diagnoser;
use crate::app::outbound::samples::SampleSender;
use crate::app::process::signals::Signals;
use crate::app::recent::RecentFile;
use crate::app::tunnel::{self, Agents, NGROK_ADDRESS};
use crate::clipboard::{self, Clipboard};
use crate::commands::failure::Failure;
use crate::commands::listen::refusals::SharedRefusals;
use crate::commands::listen::warnings::{self, Warning};
use crate::config::Environment;
use crate::core::delivery::{Forwarding, Target};
use crate::core::event::Seq;
use crate::core::index::Index;
use crate::core::provider::DOCUMENTED_PATH;
use crate::core::recent::Recent;
use crate::core::refusals::RefusalReport;
use crate::core::tunnel::{Found, PublicUrl};
use crate::store::{Reader, Repair, StoreError};
use crate::tui::executor::{CaptureSource, CurrentJob, Executor, Searches};
use crate::tui::message::Message;
use crate::tui::model::{Model, Problem, Setup, Tone};
use crate::tui::terminal::Entered;
use crate::tui::theme::{Depth, Theme};
use crate::tui::{self, End};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, mpsc, watch};

/// The events of the first frame. Older ones load in the background.
const FIRST_EVENTS: usize = 200;
/// The most messages that wait for the screen.
const MESSAGES: usize = 1024;
/// The most opened events that wait for their reason.
const OPENED: usize = 16;

pub(super) async fn run(
    parts: Parts,
    environment: &Environment,
    recent: (RecentFile, Recent),
    accepted: AcceptedFile,
) -> Result<(), Failure> {
    let (recent, known) = recent;
    let failed = |error| Failure::new("cannot use the terminal", error);
    let mut signals = Signals::new().map_err(|error| Failure::new("cannot wait for signals", error))?;
    let index = first_events(&parts.history.reader)?;
    let newest = index.last_seq();
    let (messages, mut inbox) = mpsc::channel(MESSAGES);
    let (opened, opened_events) = mpsc::channel(OPENED);
    let database = parts.handles.database.clone();
    let own = own_target(parts.address)?;
    let reports = (messages.clone(), opened);
    let addresses = (own, parts.address.port());
    let executor =
        executor(parts.handles, parts.history.reader, addresses, (recent.clone(), accepted), environment, reports);

    let size = crossterm::terminal::size().map_err(failed)?;
    let setup = Setup {
        zone: executor.zone.clone(),
        address: parts.address.to_string(),
        secrets: executor.secrets(),
        target: parts.target,
        forwarding: parts.forwarding.clone(),
        overrides: executor.overrides.get(),
        saved_filters: environment.file.filters.clone().unwrap_or_default(),
    };
    let mut model = first_model(size.into(), setup, index, parts.warnings, &parts.forwarding);
    model.recall(known);
    let agents = agents(&mut model, parts.public_url.as_ref(), environment);
    let theme = theme(environment);
    let mut entered = Entered::enter(model.is_mouse_captured).map_err(failed)?;
    tui::draw(&model, &theme, &mut entered).map_err(failed)?;

    // The first frame is drawn. The rest runs in the background.
    executor.start_loading();
    for effect in tui::update::started(&mut model) {
        executor.execute(effect);
    }
    executor.load_history(newest, parts.history.last_delivery, parts.history.repair.clone());
    executor.reverify_if_secrets_changed(newest);
    executor.find_left_forwards(parts.resumes)?;
    (parts.history.start_check)();
    let other_writers = OtherWriters::new(executor.open_reader()?, parts.history.opening, parts.history.last_delivery);
    let background = Background {
        newest,
        other_writers,
        forwarded: parts.forwarded,
        undiagnosed: parts.undiagnosed,
        opened: opened_events,
        refusals: parts.refusals,
        repair: parts.history.repair,
        later: parts.later,
        pruned: parts.pruned,
    };
    let tunnels = find_tunnels(agents, parts.address, executor.open_reader()?);
    background.start(&executor, tunnels, messages)?;

    let end = tui::run(&mut model, &theme, &mut entered, &executor, &mut inbox, &mut signals).await;
    drop(entered);
    if model.is_recent_changed {
        // Without it the next start only offers less.
        let _ = recent.write(&model.all_recent());
    }
    let count = (!model.events.is_history_loading).then(|| model.events.index.totals().all());
    ended(end.map_err(failed)?, count, parts.history.place, &database)
}

fn theme(environment: &Environment) -> Theme {
    let depth = Depth::of(environment.text("COLORTERM"));
    let (name, colours) = (environment.file.theme.unwrap_or_default(), environment.file.colors.unwrap_or_default());
    Theme::new(!environment.has("NO_COLOR")).in_colours(name, colours, depth)
}

/// What carries out the effects. `reports` takes its messages, and the events that were opened.
fn executor(
    handles: Handles,
    reader: Reader,
    (own, port): (Target, u16),
    (recent, accepted): (RecentFile, AcceptedFile),
    environment: &Environment,
    reports: (mpsc::Sender<Message>, mpsc::Sender<Seq>),
) -> Executor {
    let (messages, opened) = reports;
    Executor {
        reader: SharedReader::new(reader),
        samples: SampleSender::new(handles.sender.keyring.clone(), handles.sender.deliveries.clone(), own),
        clipboard: Arc::new(Mutex::new(clipboard(environment, &handles.database))),
        database: handles.database,
        sender: handles.sender,
        writer: handles.writer,
        recent,
        accepted,
        fixtures: FixtureFolder::new(handles.fixtures),
        // Without a current folder, saving fails and says why.
        folder: std::env::current_dir().unwrap_or_default(),
        overrides: handles.overrides,
        backlog: handles.backlog,
        resumer: handles.resumer,
        feed: handles.feed,
        zone: TimeZone::system(),
        captures: CaptureSource {
            agent: environment.text(NGROK_ADDRESS).map(str::to_owned),
            port,
            started_at: Timestamp::now(),
        },
        editor: editor(environment),
        pager: environment.text("PAGER").filter(|name| !name.is_empty()).unwrap_or("less").to_owned(),
        messages,
        opened,
        job: CurrentJob::default(),
        deleting: CurrentJob::default(),
        transfer: CurrentJob::default(),
        piping: CurrentJob::default(),
        loads: watch::Sender::default(),
        delivery_loads: watch::Sender::default(),
        examinations: watch::Sender::default(),
        newest_search: Arc::default(),
        last_read: Arc::default(),
        searches: Searches::default(),
    }
}

/// Reads the newest events, which the first frame shows.
fn first_events(reader: &Reader) -> Result<Index, StoreError> {
    let mut index = Index::default();
    for summary in reader.newest(FIRST_EVENTS)? {
        index.push(&summary);
    }
    for (seq, annotation) in reader.annotations_after(index.last_seq().saturating_sub(FIRST_EVENTS as u64))? {
        index.annotate(seq, annotation);
    }
    Ok(index)
}

/// The state that the first frame shows.
fn first_model(size: Size, setup: Setup, index: Index, warnings: Vec<Warning>, forwarding: &Forwarding) -> Model {
    let is_history_loading = index.len() == FIRST_EVENTS;
    let mut model = Model::new(size, Timestamp::now(), setup, index, is_history_loading);
    model.events.awaits_history = true;
    model.problems.extend(warnings.into_iter().map(Problem::from));
    // The header keeps showing it.
    if let Some(warning) = warnings::of_forwarding_all(forwarding) {
        model.say(Tone::Bad, warning.to_string());
    }
    model
}

/// Whom to ask for the public URL: nobody, if the user named it or the address of ngrok's agent cannot be used.
fn agents(model: &mut Model, named: Option<&Target>, environment: &Environment) -> Option<Agents> {
    if let Some(url) = named {
        model.tunnel.public = PublicUrl::named(url);
        return None;
    }
    Agents::new(environment.text(NGROK_ADDRESS))
        .inspect_err(|error| {
            model.problems.push(Problem {
                text: format!("cannot look for the tunnel: in `{NGROK_ADDRESS}`, {error}"),
                hint: "name the public URL with `--public-url`".to_owned(),
            });
        })
        .ok()
}

/// Looks for the tunnel in the background, and tells each change.
fn find_tunnels(agents: Option<Agents>, listener: SocketAddr, reader: Reader) -> mpsc::Receiver<Found> {
    let (found, tunnels) = mpsc::channel(1);
    if let Some(agents) = agents {
        tokio::spawn(tunnel::watch(agents, listener, reader, tunnel::PAUSE, found));
    }
    tunnels
}

fn editor(environment: &Environment) -> String {
    ["VISUAL", "EDITOR"].iter().find_map(|name| environment.text(name)).unwrap_or("vi").to_owned()
}

/// What stays in the terminal: where the events are, or the internal error. `count`: how many there are, if that is known.
fn ended(end: End, count: Option<u64>, place: HistoryPlace, database: &Path) -> Result<(), Failure> {
    match end {
        End::Asked => {
            if let (None | Some(1..), HistoryPlace::In(named)) = (count, place) {
                // The terminal may be gone.
                let _ = writeln!(std::io::stdout(), "{}", farewell(count, database, named.as_deref()));
            }
            Ok(())
        }
        End::Panicked(said) => Err(Failure::with_hint(
            format!("internal error: {said}"),
            "this is a bug in hookglass, please report it; every acknowledged event is in the history",
        )),
    }
}

/// The background work that sends messages to the screen.
struct Background {
    /// The newest event at the start.
    newest: Seq,
    other_writers: OtherWriters,
    forwarded: mpsc::Receiver<Report>,
    undiagnosed: Arc<Notify>,
    opened: mpsc::Receiver<Seq>,
    refusals: Arc<SharedRefusals>,
    repair: watch::Receiver<Option<Repair>>,
    later: mpsc::Receiver<Warning>,
    pruned: mpsc::UnboundedReceiver<Vec<Seq>>,
}

impl Background {
    fn start(
        mut self,
        executor: &Executor,
        mut tunnels: mpsc::Receiver<Found>,
        messages: mpsc::Sender<Message>,
    ) -> Result<(), Failure> {
        let (found, mut diagnosed) = mpsc::channel(MESSAGES);
        let diagnoser = Diagnoser {
            follower: Follower::new(executor.open_reader()?, self.newest, self.undiagnosed.clone()),
            database: executor.database.clone(),
            keyring: executor.sender.keyring.clone(),
            opened: self.opened,
            writer: executor.writer.clone(),
            found,
        };
        tokio::spawn(diagnoser.run());
        let (found, mut elsewhere) = mpsc::channel(MESSAGES);
        tokio::spawn(self.other_writers.watch(found));
        let mut overrides = executor.overrides.changes();
        tokio::spawn(async move {
            loop {
                let message = tokio::select! {
                    report = self.refusals.next() => match report {
                        RefusalReport::One { status, why } => Message::RequestRefused { status, why },
                        more => Message::RequestsRefused(more.to_string()),
                    },
                    Some(report) = self.forwarded.recv() => message(report),
                    Some(found) = elsewhere.recv() => match found {
                        Elsewhere::Delivered(delivery) => Message::DeliveredElsewhere(delivery),
                        Elsewhere::Imported => Message::FeedLagged,
                    },
                    Some((seq, verification)) = diagnosed.recv() => {
                        Message::Diagnosed((seq, verification.verdict, verification.reason))
                    }
                    Ok(()) = overrides.changed() => Message::OverridesChanged(overrides.borrow_and_update().clone()),
                    Ok(()) = self.repair.changed() => {
                        let Some(step) = self.repair.borrow_and_update().clone() else { continue };
                        Message::RepairReported(warnings::of_repair(&step).into())
                    }
                    Some(seqs) = self.pruned.recv() => Message::EventsPruned { seqs },
                    Some(found) = tunnels.recv() => Message::TunnelFound(found),
                    Some(warning) = self.later.recv() => Message::ProblemFound(warning.into()),
                };
                if messages.send(message).await.is_err() {
                    break;
                }
            }
        });
        Ok(())
    }
}

fn message(report: Report) -> Message {
    match report {
        Report::Delivered { delivery, .. } => Message::DeliveryFinished(delivery),
        Report::NotSent { seq, why } | Report::NotStored { seq, why } => Message::ForwardFailed { seq, why },
        Report::LoopFound(target) => Message::ProblemFound(warnings::of_leading_back(&target).into()),
        Report::Unreadable(why) => Message::ProblemFound(Problem {
            text: format!("cannot read the events to forward: {why}"),
            hint: "hookglass tries again with the next event".to_owned(),
        }),
        Report::NotResumed { count, why } => Message::ProblemFound(warnings::of_not_resumed(count, &why).into()),
        Report::Responded { seq, response } => Message::SenderResponded { seq, response },
        Report::Missed(count) => Message::ForwardsMissed(count),
    }
}

/// The URL at which a sample reaches this listener.
fn own_target(address: SocketAddr) -> Result<Target, Failure> {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    let url = format!("http://{}{DOCUMENTED_PATH}", SocketAddr::new(ip, address.port()));
    Target::parse(&url).map_err(|error| Failure::new("cannot send to the listener itself", error))
}

fn clipboard(environment: &Environment, database: &Path) -> Clipboard {
    let variable = |name: &str| environment.text(name).map(str::to_owned);
    let folder = database.parent().unwrap_or(Path::new(".")).join("copied");
    Clipboard::new(clipboard::Environment::from_variables(variable, true), folder)
}
