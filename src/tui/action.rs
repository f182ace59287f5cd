//! What a key can ask for. Actions are named here, bound in `keymap`, carried out in `update`.

use super::model::Tab;
use crate::core::rehearsal::Rehearsal;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    ShowHelp,
    Quit,
    QuitNow,
    Suspend,
    GoBack,
    FocusNext,
    FocusPrevious,
    ShowTab(Tab),
    ToggleZoom,
    ToggleTypes,
    ToggleMouse,

    MoveUp,
    MoveDown,
    MoveLeft,
    MoveRight,
    PageUp,
    PageDown,
    HalfPageUp,
    HalfPageDown,
    GoFirst,
    GoLast,
    ToggleFollow,
    NextInvalid,
    PreviousInvalid,
    LaterAttempt,
    EarlierAttempt,

    Open,
    ToggleMark,
    ClearMarks,
    EditFilter,

    BeginCopy,
    Copy(Copied),

    /// As the provider's retry.
    Redeliver,
    RedeliverAsReceived,
    BeginSend,
    Rehearse(Rehearsal),
    RehearseAll,
    Retry,
    RedeliverMarked,
    RedeliverListed,
    SignAndSend,
    ShowJob,
    StopJob,
    /// Edit the body and send it as a new event.
    Edit,
    EnterTarget,
    SendSample,
    EnterSecret,

    BeginOverride,
    /// A digit of how many events the answer is for.
    CountOverrides,
    Response(OverrideChoice),
}

/// What can be chosen in the menu of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverrideChoice {
    Status(u16),
    Late,
    Slow,
    Drop,
    Allow,
    /// Asks for the message.
    Deny,
    Rules,
    /// In the words of [`crate::core::overrides::Override`].
    Write,
}

/// What can be copied of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Copied {
    Payload,
    Body,
    Curl,
    Headers,
    Id,
}

impl Copied {
    /// The word for a notice: "payload copied".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Body => "body",
            Self::Curl => "curl command (sh, bash, zsh, fish)",
            Self::Headers => "headers",
            Self::Id => "id",
        }
    }
}
