//! What the operator wants senders to be answered, and whom it still concerns. How it is written: see `grammar`.

use crate::core::event::{Envelope, Seq};
use crate::core::filter::glob_matches;
use crate::core::overrides::grammar::{Quoted, Time};
use crate::core::overrides::{Reply, is_interceptor, meaning};
use crate::core::signature::Verification;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// Longest time that an answer is held, and longest time over which its body comes.
pub const MAX_WAIT: Duration = Duration::from_secs(60);
/// The body of an answer that is to come slowly and has none.
pub const SLOW_TEXT: &str = "this answer was sent slowly on purpose\n";
/// How long the provider waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it waits at least for a decision; its documents say 3 to 5 s.
const DECISION_PATIENCE: Duration = Duration::from_secs(3);

/// One answer by order of the operator: `FromStr` reads it, `Display` writes it so that it reads back the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    pub directive: Directive,
    /// A glob over the whole type of the event, as in the filter; `None` is every event.
    pub types: Option<String>,
    /// For so many events more; `None` is until changed.
    pub next: Option<NonZeroU32>,
}

/// What one event is answered by order of the operator, and how fast. `Display` writes it as in a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    pub what: What,
    pub delays: Delays,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What the rules say.
    Rules,
    /// 200 to 599.
    Status(u16),
    /// The connection is closed without an answer, as by an app that crashed.
    Drop,
    /// Concerns interceptors alone.
    Decision(Decision),
}

/// What an interceptor decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Deny { message: String },
}

/// How slowly an answer comes; by default at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// How long nothing comes, at most [`MAX_WAIT`].
    pub delay: Duration,
    /// Over how long the body comes after that, at most [`MAX_WAIT`].
    pub slow: Duration,
}

impl Delays {
    pub fn is_immediate(self) -> bool {
        self == Self::default()
    }
}

impl Decision {
    /// The answer that the provider understands: always 200, the decision is in the body.
    pub fn reply(&self) -> Reply {
        match self {
            Self::Allow => Reply::json(200, crate::core::overrides::ALLOW),
            Self::Deny { message } => {
                let message = serde_json::to_string(message).expect("a string is always JSON");
                Reply::json(200, format!("{{\"decision\":\"DENY\",\"error\":{{\"message\":{message}}}}}"))
            }
        }
    }
}

impl Override {
    /// A status for every event, at once, until changed.
    pub fn status(status: u16) -> Self {
        Self::what(What::Status(status))
    }

    /// For every event it concerns, at once, until changed.
    pub fn what(what: What) -> Self {
        Self { directive: Directive { what, delays: Delays::default() }, types: None, next: None }
    }

    /// Whether it decides for interceptors, which can be on beside one that does not.
    pub fn is_decision(&self) -> bool {
        matches!(self.directive.what, What::Decision(_))
    }

    /// Whether it orders nothing: the rules, without a delay.
    pub fn is_default(&self) -> bool {
        self.directive.what == What::Rules && self.directive.delays.is_immediate()
    }

    fn concerns(&self, event_type: &str) -> bool {
        self.types.as_ref().is_none_or(|glob| glob_matches(glob, event_type))
    }

    /// `503 +3s ×2`: for a place with little room.
    pub fn short(&self) -> String {
        let Directive { what, delays } = &self.directive;
        let mut text = match what {
            What::Rules => "rules".to_owned(),
            What::Status(status) => status.to_string(),
            What::Drop => "drop".to_owned(),
            What::Decision(Decision::Allow) => "ALLOW".to_owned(),
            What::Decision(Decision::Deny { .. }) => "DENY".to_owned(),
        };
        for (sign, time) in [("+", delays.delay), ("~", delays.slow)] {
            if !time.is_zero() {
                text += &format!(" {sign}{}", Time(time));
            }
        }
        if let Some(glob) = &self.types {
            text += &format!(" {glob}");
        }
        if let Some(next) = self.next {
            text += &format!(" ×{next}");
        }
        text
    }

    /// What it does, in a sentence without a full stop.
    pub fn sentence(&self) -> String {
        let is_decision = matches!(self.directive.what, What::Decision(_));
        let one = if is_decision { "interceptor" } else { "event" };
        let (mut whom, verb) = match self.next.map(NonZeroU32::get) {
            None => (format!("every {one}"), "is"),
            Some(1) => (format!("the next {one}"), "is"),
            Some(next) => (format!("the next {next} {one}s"), "are"),
        };
        if let Some(glob) = &self.types {
            whom += &format!(" of type `{glob}`");
        }
        let what = match &self.directive.what {
            What::Rules => "answered by the rules".to_owned(),
            What::Status(status) => match meaning(*status).and_then(|meaning| meaning.split_once(' ')) {
                Some((_, words)) => format!("answered {status} ({words})"),
                None => format!("answered {status}"),
            },
            What::Drop => "dropped without an answer".to_owned(),
            What::Decision(Decision::Allow) => "answered ALLOW".to_owned(),
            What::Decision(Decision::Deny { message }) => format!("answered DENY {}", Quoted(message)),
        };
        let mut text = format!("{whom} {verb} {what}");
        let Delays { delay, slow } = self.directive.delays;
        if !delay.is_zero() {
            text += &format!(", {} late", spoken(delay));
        }
        if !slow.is_zero() {
            text += &format!(", its body over {}", spoken(slow));
        }
        text
    }

    /// What the provider does not wait for, if anything.
    pub fn warning(&self) -> Option<&'static str> {
        let Delays { delay, slow } = self.directive.delays;
        let time = delay + slow;
        if matches!(self.directive.what, What::Decision(_)) {
            (time > DECISION_PATIENCE).then_some("the provider waits 3 to 5 s for a decision")
        } else if time > PATIENCE {
            Some("the provider waits 10 s, and 3 to 5 s for a decision")
        } else {
            (time > DECISION_PATIENCE).then_some("the provider waits only 3 to 5 s for an interceptor's decision")
        }
    }
}

/// A time in a sentence: `3 s`, `1500 ms`.
fn spoken(time: Duration) -> String {
    let text = Time(time).to_string();
    let unit = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    format!("{} {}", &text[..unit], &text[unit..])
}

/// The settings that are on, and what has become of those that were: the answers to webhooks and to whatever else comes, and beside
/// them a decision for interceptors, which goes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    general: Option<Override>,
    decision: Option<Override>,
    /// How many settings have been used up so far.
    pub used_up: u64,
    /// How many senders went away while their answers were held, so far.
    pub left: u64,
    /// The event whose sender did so last.
    pub last_left: Option<Seq>,
}

impl Overrides {
    /// What is on, the decision last.
    pub fn on(&self) -> impl Iterator<Item = &Override> {
        self.general.iter().chain(&self.decision)
    }

    pub fn is_off(&self) -> bool {
        self.on().next().is_none()
    }

    /// Notes that the sender of `seq` went away while its answer was held.
    pub fn leave(&mut self, seq: Seq) {
        self.left += 1;
        self.last_left = Some(seq);
    }

    /// What has become of settings since `before`, in words.
    pub fn news_since(&self, before: &Self) -> Vec<String> {
        let mut news = Vec::new();
        if let Some(seq) = self.last_left.filter(|_| self.left > before.left) {
            news.push(format!("the sender of event {seq} went away before its answer came"));
        }
        if self.used_up > before.used_up {
            let left = if self.is_off() { "the rules answer again".to_owned() } else { format!("still on: {self}") };
            news.push(format!("the answer is used up; {left}"));
        }
        news
    }

    /// Puts `setting` in the place of the one of its kind; the default ends both.
    pub fn set(&mut self, setting: Override) {
        if setting.is_default() {
            (self.general, self.decision) = (None, None);
        } else if setting.is_decision() {
            self.decision = Some(setting);
        } else {
            self.general = Some(setting);
        }
    }

    /// The directive that concerns an event, which is then counted. Tells whether that changed anything here.
    pub fn take(&mut self, verification: &Verification, envelope: &Envelope) -> (Option<Directive>, bool) {
        let event_type = envelope.event_type.as_deref().unwrap_or_default();
        let decision = is_interceptor(verification.scheme, envelope).then_some(&mut self.decision);
        let concerned =
            |slot: &&mut Option<Override>| slot.as_ref().is_some_and(|setting| setting.concerns(event_type));
        let Some(slot) = decision.into_iter().chain([&mut self.general]).find(concerned) else { return (None, false) };
        let Some(setting) = slot else { return (None, false) };
        let directive = setting.directive.clone();
        let Some(next) = setting.next else { return (Some(directive), false) };
        setting.next = NonZeroU32::new(next.get() - 1);
        if setting.next.is_none() {
            *slot = None;
            self.used_up += 1;
        }
        (Some(directive), true)
    }
}

impl fmt::Display for Overrides {
    /// `503 ×2 · DENY`; nothing when all is off.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on: Vec<String> = self.on().map(Override::short).collect();
        f.write_str(&on.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::signature::{Scheme, Verdict};

    fn verification(scheme: Scheme) -> Verification {
        Verification { verdict: Verdict::Verified, scheme, reason: None, secret: None }
    }

    fn take(answers: &mut Overrides, event_type: &str, scheme: Scheme) -> Option<What> {
        let envelope = Envelope { event_type: Some(event_type.to_owned()), ..Envelope::default() };
        answers.take(&verification(scheme), &envelope).0.map(|directive| directive.what)
    }

    fn answers(settings: &[&str]) -> Overrides {
        let mut answers = Overrides::default();
        settings.iter().for_each(|text| answers.set(text.parse().unwrap()));
        answers
    }

    #[test]
    fn a_setting_is_used_up_after_so_many_events_of_its_type() {
        let mut answers = answers(&["503 next:2 type:user.*"]);
        let webhook = |answers: &mut Overrides, event_type| take(answers, event_type, Scheme::Webhook);
        assert_eq!(webhook(&mut answers, "role.created"), None);
        assert_eq!(webhook(&mut answers, "user.login"), Some(What::Status(503)));
        assert_eq!((answers.to_string().as_str(), answers.used_up), ("503 user.* ×1", 0));
        assert_eq!(webhook(&mut answers, "user.signup"), Some(What::Status(503)));
        assert_eq!((answers.is_off(), answers.used_up), (true, 1));
        assert_eq!(webhook(&mut answers, "user.login"), None);
    }

    #[test]
    fn a_decision_stands_beside_the_answer_to_webhooks_and_goes_first() {
        let mut answers = answers(&["500", "deny:no next:1"]);
        let deny = What::Decision(Decision::Deny { message: "no".to_owned() });
        assert_eq!(take(&mut answers, "user.login", Scheme::Webhook), Some(What::Status(500)));
        assert_eq!(take(&mut answers, "PRE_SIGNUP", Scheme::Interceptor), Some(deny));
        // Used up, it leaves the interceptor to what is said of all.
        assert_eq!(take(&mut answers, "PRE_SIGNUP", Scheme::Interceptor), Some(What::Status(500)));
        answers.set("default".parse().unwrap());
        assert!(answers.is_off());
    }

    #[test]
    fn a_decision_alone_leaves_webhooks_to_the_rules() {
        let mut answers = answers(&["allow"]);
        assert_eq!(take(&mut answers, "user.login", Scheme::Webhook), None);
        // The body alone may say that a decision is wanted.
        let envelope = Envelope { is_interceptor: true, ..Envelope::default() };
        assert!(answers.take(&verification(Scheme::None), &envelope).0.is_some());
    }

    #[test]
    fn an_event_without_a_type_is_one_that_every_glob_of_stars_matches() {
        let none = |answers: &mut Overrides| answers.take(&verification(Scheme::None), &Envelope::default()).0;
        assert!(none(&mut answers(&["503"])).is_some());
        assert!(none(&mut answers(&["503 type:*"])).is_some());
        assert!(none(&mut answers(&["503 type:user.*"])).is_none());
    }

    #[test]
    fn a_message_is_escaped_as_json() {
        let message = "no \"way\"\\\n\u{1}é".to_owned();
        let reply = Decision::Deny { message: message.clone() }.reply();
        let body = std::str::from_utf8(&reply.body).unwrap();
        let body: serde_json::Value = body.parse().unwrap();
        assert_eq!((reply.status, &body["decision"]), (200, &"DENY".into()));
        assert_eq!(body["error"]["message"], message);
        assert_eq!(&Decision::Allow.reply().body[..], b"{\"decision\":\"ALLOW\"}");
    }

    #[test]
    fn sentences_say_whom_and_what_and_warnings_what_is_too_late() {
        for (text, sentence, warning) in [
            ("503", "every event is answered 503 (busy or down: a failure, tried again)", ""),
            ("299 next:2 type:user.*", "the next 2 events of type `user.*` are answered 299", ""),
            ("drop next:1", "the next event is dropped without an answer", ""),
            ("default delay:4s", "every event is answered by the rules, 4 s late", "the provider waits only 3 to 5 s"),
            ("allow delay:4s", "every interceptor is answered ALLOW, 4 s late", "the provider waits 3 to 5 s for"),
            (
                "299 delay:8s slow:3s",
                "every event is answered 299, 8 s late, its body over 3 s",
                "the provider waits 10 s",
            ),
            ("deny:\"no way\" delay:3s", "every interceptor is answered DENY \"no way\", 3 s late", ""),
        ] {
            let setting: Override = text.parse().unwrap();
            assert_eq!(setting.sentence(), sentence);
            assert!(setting.warning().unwrap_or_default().starts_with(warning), "{text}");
            assert_eq!(setting.warning().is_none(), warning.is_empty(), "{text}");
        }
    }
}
