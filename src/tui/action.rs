//! Actions of the screen. `keymap` binds keys to them, `update` carries them out.

use super::panes::Tab;
use crate::core::export::TestRunner;
use crate::core::filter::Story;
use crate::core::rehearsal::Rehearsal;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    ShowHelp,
    ShowPalette,
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

    /// List the differences of the payload from the documentation.
    ShowChecks,
    /// Show the text of the tab in the user's pager.
    Page,
    /// Run a command with the body on its standard input.
    Pipe,
    AcceptDifference,
    AcceptDifferences,
    ShowCoverage,

    /// Search the open tab.
    Search,
    NextHit,
    PreviousHit,
    FoldAll,
    UnfoldAll,
    /// Fold one level more of the payload.
    FoldLevel,
    /// Unfold one level more of the payload.
    UnfoldLevel,
    ToggleWrap,
    BeginDiff,
    Compare(CompareWith),

    Open,
    /// Shows the page of the selected event's reason.
    ExplainReason,
    ToggleMark,
    ClearMarks,
    EditFilter,
    /// Turn the filter off, or on again.
    ToggleFilter,
    /// Choose what the listed events have in common with the selected one.
    BeginStory,
    ShowStory(Story),
    /// Shows the events about the same id in the order in which they happened.
    ShowTimeline(About),
    Delete,
    /// Delete every listed event.
    Clear,
    /// Restore what was deleted last.
    Undo,

    BeginCopy,
    Copy(Copied),
    BeginCopyTest,
    /// With the runner of the last copied test.
    CopyTestAgain,
    BeginCopyHandler,
    CopyPublicUrl,
    CopyPart(Part),
    /// The selected event, or the marked ones, as files.
    SaveFixtures,
    /// All listed events to a file.
    ExportListed,
    ImportFile,
    /// Pin the selected event, or the marked ones, or unpin them.
    TogglePin,
    EditNote,

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
    /// Ask what becomes of the forwards that earlier runs left.
    ShowLeftovers,
    StopJob,
    /// Fold or unfold the group of results with the digit.
    FoldGroup,
    /// Edit the body, then send it as a new event.
    Edit,
    EnterTarget,
    SendSample,
    EnterSecret,
    /// Save the pasted secret in `.env`. Shows first what that changes.
    SaveSecret,

    BeginOverride,
    /// A digit of the number of events that an override applies to.
    CountOverrides,
    ChooseOverride(OverrideChoice),
}

/// The choices in the menu of overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverrideChoice {
    Status(u16),
    Late,
    Slow,
    Drop,
    Allow,
    /// Asks for the message.
    Deny,
    /// ALLOW with claims that are typed.
    Claims,
    /// ALLOW with a membership that is typed.
    Membership,
    Default,
    /// Type it in the syntax of [`crate::core::overrides::Override`].
    Write,
}

/// Whose story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// The user of the event, otherwise its object.
    Object,
    Organization,
}

/// What the diff tab compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareWith {
    Previous,
    EarlierAttempt,
    /// Makes the selected event the one that others are compared with.
    This,
    /// Asks for its path.
    File,
    Responses,
}

/// The parts of an event that can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Copied {
    Payload,
    Body,
    /// The body as rows of offset, hexadecimal digits and text.
    HexDump,
    Curl,
    Headers,
    Id,
    Number,
    Fixture,
    Test(TestRunner),
    /// Handler code for the framework of this name.
    Handler(&'static str),
}

impl Copied {
    /// For the notice: "payload copied to the clipboard".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Body => "body",
            Self::HexDump => "hex dump of the body",
            Self::Curl => "curl command (sh, bash, zsh, fish)",
            Self::Headers => "headers",
            Self::Id => "event id",
            Self::Number => "event number",
            Self::Fixture => "fixture",
            Self::Test(TestRunner::Vitest) => "test for Vitest or Jest",
            Self::Test(TestRunner::Pytest) => "test for pytest",
            Self::Test(TestRunner::Go) => "test for Go",
            Self::Test(TestRunner::JUnit) => "test for JUnit",
            Self::Handler(_) => "handler code",
        }
    }

    /// The same for something whose headers have credentials.
    pub fn with_credentials(self) -> &'static str {
        match self {
            Self::Curl => "curl command with credentials in its headers",
            Self::Fixture => "fixture with credentials in its headers",
            other => other.as_str(),
        }
    }
}

/// What can be copied of the value at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Path,
    /// A string without its quotes and escapes, anything else as received.
    Value,
}

impl Part {
    /// For the notice.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Value => "value",
        }
    }
}
