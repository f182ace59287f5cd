//! The state of the screen. Only `update` changes it; the views read it.

mod captured;
mod deleting;
mod detail;
mod events;
mod filter_field;
mod in_flight;
mod overlay;
mod reading;
mod search;
mod text_search;
mod types;

pub use super::panes::{Pane, Tab};
pub use captured::CapturedOffer;
pub use deleting::{Deletion, Deletions, What};
pub use detail::{Detail, Offset, Place};
pub(crate) use events::NewVerdict;
pub use events::{CatchingUp, Events};
pub(crate) use filter_field::{Before, Completing};
pub use filter_field::{FilterField, FilterHistory};
pub use in_flight::InFlight;
pub use overlay::{Edit, Overlay, Saving};
pub use reading::Reading;
pub use search::Search;
pub use text_search::TextSearch;
pub use types::{Node, Types, namespace};

use super::action::Action;
use super::job::Job;
use super::keymap::key_name;
use super::leftovers::counts;
use super::prompt::{Question, Recall};
use crate::core::delivery::{Doubt, Ending, Forwarded, Forwarding, Leftovers, Route, Target};
use crate::core::event::Seq;
use crate::core::export::TestRunner;
use crate::core::filter::SavedFilters;
use crate::core::index::Index;
use crate::core::numbers::counted;
use crate::core::overrides::Overrides;
use crate::core::recent::Recent;
use crate::core::signature::{Keyring, SECRET_VARIABLE, Secret, SecretCheck, no_secret, odd_secrets};
use crate::core::tunnel::{Found, PublicUrl};
use jiff::{Timestamp, tz::TimeZone};
use ratatui::layout::Size;
use tui_input::Input;

pub struct Model {
    pub size: Size,
    pub now: Timestamp,
    pub setup: Setup,
    /// The public URL, and how the last event came.
    pub tunnel: Found,
    /// The last delivery to each address, the newest at the end.
    last_deliveries: Vec<LastDelivery>,
    /// Unfinished deliveries, without those of the job.
    pub running_deliveries: usize,
    /// The pending deliveries by event, without those of the job.
    pub in_flight: InFlight,
    /// The events in flight that `r` could not sign again, since they never verified.
    pub(crate) unsigned: Vec<Seq>,
    /// The running job, or the last one.
    pub job: Option<Job>,
    /// What the user typed last, without the filters.
    pub recent: Recent,
    /// Whether that, or the filters, are yet to be stored.
    pub is_recent_changed: bool,
    /// Whether the secret that was just added is yet to be offered for saving.
    pub is_saving_offered: bool,
    /// What earlier runs left to forward, until the user decides.
    pub left: Vec<Leftovers>,
    /// The runner of the last copied test.
    pub last_test: Option<TestRunner>,
    /// The last command that a body was piped to; empty if there was none.
    pub last_command: String,
    /// What ngrok captured before hookglass started and the history lacks.
    pub captured: Option<CapturedOffer>,
    /// Whether an export or import runs.
    pub is_transferring: bool,
    pub events: Events,
    pub deletions: Deletions,
    pub types: Types,
    pub detail: Detail,
    pub focus: Pane,
    pub is_zoomed: bool,
    pub is_mouse_captured: bool,
    pub overlay: Option<Overlay>,
    pub notice: Option<Notice>,
    /// The problems apart from the secrets; see [`Model::all_problems`].
    pub problems: Vec<Problem>,
    /// How far the repair of the damaged history is.
    pub repair: Option<Problem>,
    /// While stored events are being verified again: how many are done, of how many.
    pub reverifying: Option<(u64, u64)>,
}

/// The configuration: from startup, with the changes that the user made since.
pub struct Setup {
    /// The time zone for all times on the screen.
    pub zone: TimeZone,
    /// The listening address, as in `127.0.0.1:3000`.
    pub address: String,
    pub secrets: Secrets,
    /// The target of re-deliveries.
    pub target: Option<Target>,
    pub forwarding: Forwarding,
    /// The active overrides.
    pub overrides: Overrides,
    pub saved_filters: SavedFilters,
}

impl Setup {
    /// The command that starts a tunnel to the listener.
    pub fn tunnel_command(&self) -> String {
        format!("ngrok http {}", self.address.rsplit(':').next().unwrap_or_default())
    }

    /// The targets that events are forwarded to.
    pub fn forward_to(&self) -> impl Iterator<Item = &Target> {
        self.forwarding.routes.iter().map(Route::target)
    }

    /// The target that the user set, or else the first that events are forwarded to.
    pub(crate) fn first_target(&self) -> Option<&Target> {
        self.target.as_ref().or(self.forward_to().next())
    }
}

/// The signing secrets, without their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The labels of the secrets that verify.
    pub labels: Vec<String>,
    /// The label of the last secret that was added since startup.
    pub last_added: Option<String>,
    /// Whether that secret looks as the dashboard shows it, so that it is worth saving.
    pub is_worth_saving: bool,
    /// One sentence for each suspicious secret.
    pub odd: Vec<String>,
}

impl Secrets {
    pub fn of(keyring: &Keyring, last_added: Option<&Secret>) -> Self {
        let labels = keyring.verifying.iter().map(|secret| secret.label().to_owned()).collect();
        let is_worth_saving = last_added.is_some_and(|secret| SecretCheck::of(secret).oddities.is_empty());
        let last_added = last_added.map(|secret| secret.label().to_owned());
        Self { labels, last_added, is_worth_saving, odd: odd_secrets(keyring).collect() }
    }
}

/// The last delivery to a target, for the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDelivery {
    /// See [`Target::address`].
    pub address: String,
    pub ending: Ending,
    /// What is wrong with a 2xx.
    pub doubt: Option<Doubt>,
    pub total_us: u64,
}

/// A short text about what just happened. It disappears after a few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Warning,
    Bad,
}

/// A problem that stays until it is fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub text: String,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    /// The tunnel is down, or has another URL than the one that events used.
    fn of_tunnel(tunnel: &Found, setup: &Setup) -> Option<Self> {
        if let PublicUrl::Down(url) = &tunnel.public {
            let text = format!("the tunnel `{url}` is down: no event can arrive through it");
            return Some(Self { text, hint: format!("start it again with `{}`", setup.tunnel_command()) });
        }
        let (former, url) = (tunnel.former_host()?, tunnel.public.url()?);
        Some(Self {
            text: format!("the last event came through `{former}`, but the public URL is now `{url}`"),
            hint: format!("set it in the dashboard; `{}` copies it", key_name(Action::CopyPublicUrl)),
        })
    }

    /// Some events were not forwarded before hookglass ended.
    fn of_leftovers(left: &[Leftovers]) -> Option<Self> {
        let (queued, unknown) = counts(left);
        let count = queued + unknown;
        let was = if count == 1 { "was" } else { "were" };
        let keys = [Action::BeginSend, Action::ShowLeftovers].map(key_name).join(" ");
        (count > 0).then(|| Self {
            text: format!("{} {was} pending when hookglass ended", counted(count as u64, "forward")),
            hint: format!("press `{keys}` to decide"),
        })
    }

    fn no_secret() -> Self {
        Self {
            text: no_secret("events are unchecked"),
            hint: format!("press `K` to paste it, or set {SECRET_VARIABLE}"),
        }
    }

    /// `text` names the secret and says what is suspicious about it.
    fn odd_secret(text: String, is_any_added: bool) -> Self {
        let or_forget = if is_any_added { ", or to forget the pasted one" } else { "" };
        Self { text, hint: format!("press `K` to paste the secret that the dashboard shows{or_forget}") }
    }

    fn nothing_forwarded() -> Self {
        Self {
            text: no_secret("nothing can be verified or forwarded"),
            hint: "press `K` to paste it, or start with `--forward all`".to_owned(),
        }
    }
}

impl Model {
    /// The initial state, with the newest event of `index` selected but not loaded. `is_history_loading`: older events
    /// are still to be read.
    pub fn new(size: Size, now: Timestamp, setup: Setup, index: Index, is_history_loading: bool) -> Self {
        Self {
            size,
            now,
            setup,
            tunnel: Found::default(),
            last_deliveries: Vec::new(),
            running_deliveries: 0,
            in_flight: InFlight::default(),
            unsigned: Vec::new(),
            job: None,
            recent: Recent::default(),
            is_recent_changed: false,
            is_saving_offered: false,
            left: Vec::new(),
            last_test: None,
            last_command: String::new(),
            captured: None,
            is_transferring: false,
            events: Events::new(index, is_history_loading),
            deletions: Deletions::default(),
            types: Types { is_shown: true, ..Types::default() },
            detail: Detail::default(),
            focus: Pane::Events,
            is_zoomed: false,
            is_mouse_captured: true,
            overlay: None,
            notice: None,
            problems: Vec::new(),
            repair: None,
            reverifying: None,
        }
    }

    /// All problems: the latest first, those of the secrets last.
    pub fn all_problems(&self) -> Vec<Problem> {
        let Setup { secrets, forwarding, .. } = &self.setup;
        let mut problems: Vec<_> = self.repair.iter().chain(self.problems.iter().rev()).cloned().collect();
        problems.extend(Problem::of_leftovers(&self.left));
        let unseen = self.captured.as_ref().filter(|captured| !captured.is_seen);
        problems.extend(unseen.map(|captured| captured.problem(self.now, &self.setup.zone)));
        problems.extend(Problem::of_tunnel(&self.tunnel, &self.setup));
        let is_any_added = secrets.last_added.is_some();
        problems.extend(secrets.odd.iter().map(|text| Problem::odd_secret(text.clone(), is_any_added)));
        if secrets.labels.is_empty() {
            let forwards_nothing = !forwarding.routes.is_empty() && forwarding.forwarded == Forwarded::Verified;
            problems.push(if forwards_nothing { Problem::nothing_forwarded() } else { Problem::no_secret() });
        }
        problems
    }

    /// Whether a delivery that the user asked for is pending.
    pub(crate) fn is_sending(&self) -> bool {
        self.running_deliveries > 0 || self.job.as_ref().is_some_and(Job::is_running)
    }

    /// Sets the target of re-deliveries, and forgets the results of targets that are no longer in use.
    pub(crate) fn set_target(&mut self, target: Target) {
        let is_target =
            |address: &String| self.setup.forward_to().chain([&target]).any(|target| target.address() == *address);
        self.last_deliveries.retain(|last| is_target(&last.address));
        self.setup.target = Some(target);
    }

    pub fn note_delivery(&mut self, delivery: LastDelivery) {
        self.last_deliveries.retain(|last| last.address != delivery.address);
        self.last_deliveries.push(delivery);
    }

    /// The delivery for the header: the last failed one to a forwarding target, otherwise the newest.
    pub fn last_delivery(&self) -> Option<&LastDelivery> {
        let is_forwarded_to =
            |last: &&LastDelivery| self.setup.forward_to().any(|target| target.address() == last.address);
        let mut failing =
            self.last_deliveries.iter().rev().filter(|last| !last.ending.is_delivered() || last.doubt.is_some());
        failing.find(is_forwarded_to).or(self.last_deliveries.last())
    }

    /// The target, those that events are forwarded to, and those that were used before.
    pub fn targets(&self) -> Vec<String> {
        let known = self.setup.target.iter().chain(self.setup.forward_to()).map(ToString::to_string);
        let mut targets: Vec<String> = Vec::new();
        for url in known.chain(self.recent.targets.iter().cloned()) {
            if !targets.contains(&url) {
                targets.push(url);
            }
        }
        targets
    }

    /// Everything that the user typed last.
    pub fn all_recent(&self) -> Recent {
        Recent { filters: self.events.filter_history.texts().to_vec(), ..self.recent.clone() }
    }

    /// Takes over what was typed before this start.
    pub fn recall(&mut self, recent: Recent) {
        self.events.filter_history = recent.filters.into();
        self.recent = Recent { filters: Vec::new(), ..recent };
    }

    /// Opens a text field for `question` with `text` as the suggestion.
    pub fn ask(&mut self, question: Question, text: impl Into<Input>) {
        let input: Input = text.into();
        let recall = Recall { is_fresh: question.replaces() && !input.value().is_empty(), ..Recall::default() };
        self.overlay = Some(Overlay::Prompt { question, input, recall });
    }

    /// Shows a notice, replacing the last one. For errors and for results of what the user did.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone, since: self.now });
    }

    /// Shows a notice about something that the user did not ask for. Does not replace an error.
    pub(crate) fn mention(&mut self, tone: Tone, text: impl Into<String>) {
        if self.notice.as_ref().is_none_or(|notice| notice.tone != Tone::Bad) {
            self.say(tone, text);
        }
    }
}
