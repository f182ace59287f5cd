//! Prompts: what the user is asked to type, and what the text means so far.

use super::effect::Order;
use crate::core::delivery::{Form, Pace, RetryPlan, SCHEDULES, Target};
use crate::core::event::Seq;
use crate::core::export::ExportFormat;
use crate::core::numbers::counted;
use crate::core::overrides::Override;

/// What is imported instead of a file.
pub(crate) const NGROK: &str = "ngrok";

/// The word in a pace that means byte for byte instead of signed again.
const AS_RECEIVED: &str = "as-received";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The target, and the order to send there at once.
    Target { then: Option<Order> },
    /// The pace at which to re-deliver these events.
    Pace { seqs: Vec<Seq> },
    /// The schedule on which to retry an event, and how fast.
    Plan { seq: Seq },
    /// The override.
    Response,
    /// The file to compare the event with.
    FileToCompare,
    /// The command to pipe the body of an event to.
    Command { seq: Seq },
    /// A note on an event.
    Note { seq: Seq },
    /// The file to export these events to.
    Export { seqs: Vec<Seq> },
    /// The file to import, or the word "ngrok". `captured`: what ngrok captured and the history lacks, in words.
    Import { captured: Option<String> },
}

/// What the field of a prompt shows: a suggestion, or an earlier text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recall {
    /// Whether it is a suggestion that nobody has changed: what is typed replaces it.
    pub is_fresh: bool,
    /// The place of the earlier text that is shown.
    pub place: Option<usize>,
    /// What was typed before an earlier text was shown.
    pub typed: String,
}

/// What the typed text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    pub sentence: String,
    pub warning: Option<&'static str>,
}

impl Question {
    /// Whether typing replaces the suggestion. Other suggestions are there to be completed.
    pub fn replaces(&self) -> bool {
        matches!(self, Self::Target { .. } | Self::Import { .. } | Self::Export { .. } | Self::Command { .. })
    }

    /// Whether there are earlier texts to choose from.
    pub(crate) fn has_earlier(&self) -> bool {
        matches!(self, Self::Target { .. })
    }

    /// The title, with the target when it is known.
    pub fn title(&self, target: Option<&Target>) -> String {
        let to = target.map(|target| format!(" to {target}")).unwrap_or_default();
        match self {
            Self::Target { .. } => "Target".to_owned(),
            Self::Pace { seqs } => format!("Re-deliver {}{to}", events(seqs.len())),
            Self::Plan { .. } => format!("Retry{to} until it responds 2xx"),
            Self::FileToCompare => "Compare with a file".to_owned(),
            Self::Response => "Override · Enter sets it, Esc cancels".to_owned(),
            Self::Note { seq } => format!("Note on event {seq}"),
            Self::Command { seq } => format!("Pipe the body of event {seq} to"),
            Self::Export { seqs } => format!("Export {}", events(seqs.len())),
            Self::Import { .. } => "Import".to_owned(),
        }
    }

    pub fn example(&self) -> String {
        match self {
            Self::Target { .. } => "a port, host:port or URL, e.g. `http://localhost:4000/webhooks`".to_owned(),
            Self::Pace { .. } => format!("e.g. `parallel:4 rate:10/s times:2 {AS_RECEIVED}`"),
            Self::Plan { .. } => {
                let names = SCHEDULES.each_ref().map(|schedule| schedule.name).join(", ");
                format!("a schedule ({names}), then how many times faster than real time, e.g. `minutes 60`")
            }
            Self::FileToCompare => {
                "a fixture, or a file with a body, e.g. `fixtures/user.signup-31836170.json`".to_owned()
            }
            Self::Note { .. } => "one line; empty to remove it".to_owned(),
            Self::Command { .. } => "a shell command, e.g. `jq .data` or `sha256sum`".to_owned(),
            Self::Export { .. } => {
                "a new file, `.ndjson` or `.har`, or a folder of fixtures that ends with `/`".to_owned()
            }
            Self::Import { .. } => {
                "a file: NDJSON, HAR, a fixture, raw HTTP or a copied request; a folder of fixtures; or `ngrok`"
                    .to_owned()
            }
            Self::Response => "e.g. `503 delay:3s next:2 type:user.*`, `drop next:1`, `201 slow:8s`".to_owned(),
        }
    }

    /// What `text` means.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn meaning(&self, text: &str) -> Result<Meaning, String> {
        let plain = |sentence| Meaning { sentence, warning: None };
        match self {
            Self::Target { .. } => match text.parse::<Target>() {
                Ok(target) => Ok(plain(target.to_string())),
                Err(error) => Err(error.to_string()),
            },
            Self::Pace { seqs } => {
                let (form, pace) = form_and_pace(text)?;
                let form = if form == Form::AsReceived { "byte for byte" } else { "signed again if verified" };
                Ok(plain(format!("{}, {form}, {}", events(seqs.len()), pace.sentence())))
            }
            Self::Plan { .. } => Ok(plain(text.parse::<RetryPlan>()?.sentence())),
            Self::FileToCompare if text.is_empty() => Err("type the path of a file".to_owned()),
            Self::FileToCompare => Ok(plain("compares the payload with the one in this file".to_owned())),
            Self::Command { .. } if text.trim().is_empty() => Err("type a command".to_owned()),
            Self::Command { .. } => {
                Ok(plain("runs with `sh -c`; gets the exact bytes on its standard input".to_owned()))
            }
            Self::Note { .. } => Ok(plain("found by the words of the filter".to_owned())),
            Self::Export { seqs } => match ExportFormat::of_name(text) {
                Some(format) => Ok(plain(format!("{} as {}", events(seqs.len()), format.as_str()))),
                None => Err("the name must end with `.ndjson`, `.har` or `/`".to_owned()),
            },
            Self::Import { captured } if text == NGROK => Ok(plain(match captured {
                Some(captured) => format!("adds {captured}, from ngrok; forwards nothing"),
                None => "adds what ngrok captured for this port and is not in the history".to_owned(),
            })),
            Self::Import { .. } => Ok(plain("adds the requests that are not in the history yet".to_owned())),
            Self::Response => match text.parse::<Override>() {
                Ok(setting) if setting.is_default() => Ok(plain("every event gets the default response".to_owned())),
                Ok(setting) => Ok(Meaning { sentence: setting.sentence(), warning: setting.warning() }),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

/// The form and the pace of a bulk re-delivery.
///
/// # Errors
/// What is wrong with `text`.
pub(crate) fn form_and_pace(text: &str) -> Result<(Form, Pace), String> {
    let (as_received, pace): (Vec<_>, Vec<_>) = text.split_whitespace().partition(|word| *word == AS_RECEIVED);
    let form = if as_received.is_empty() { Form::Resigned } else { Form::AsReceived };
    Ok((form, pace.join(" ").parse()?))
}

fn events(count: usize) -> String {
    counted(count as u64, "event")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(question: &Question, text: &str) -> String {
        question.meaning(text).unwrap().sentence
    }

    #[test]
    fn the_meaning_of_a_pace_names_the_events_their_form_and_the_rate() {
        let question = Question::Pace { seqs: vec![1, 2, 3] };
        assert_eq!(sentence(&question, "parallel:1"), "3 events, signed again if verified, one after another");
        assert_eq!(
            sentence(&question, "as-received rate:10/s parallel:4 times:2"),
            "3 events, byte for byte, 4 in parallel, at most 10 per second, 2 times"
        );
        assert!(question.meaning("slowly").unwrap_err().contains("`parallel:`"));
        let one = Question::Pace { seqs: vec![1] };
        assert_eq!(one.title(Some(&"4000".parse().unwrap())), "Re-deliver 1 event to http://localhost:4000/");
    }

    #[test]
    fn the_meaning_of_a_plan_says_how_long_it_takes() {
        let question = Question::Plan { seq: 1 };
        assert_eq!(
            sentence(&question, "minutes 60"),
            "From another page of the provider's docs: at once, then after 1, 5 and 15 minutes. At 60× speed: 21 s if no \
             attempt succeeds."
        );
    }

    #[test]
    fn a_short_target_is_expanded_to_its_url() {
        assert_eq!(sentence(&Question::Target { then: None }, "4000/hook"), "http://localhost:4000/hook");
    }
}
