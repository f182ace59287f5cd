//! The table: which key does what, where, and how the footer and the help name it.

use super::key::Key;
use super::{Binding, Scope};
use crate::core::export::TestRunner;
use crate::core::filter::Story as Shared;
use crate::core::provider::meaning;
use crate::core::rehearsal::Rehearsal;
use crate::tui::action::{About, Action, CompareWith, Copied, OverrideChoice, Part};
use crate::tui::panes::{Pane, Tab};
use crossterm::event::KeyCode;
use std::borrow::Cow;

const fn row(scope: Scope, keys: &'static [Key], action: Action, help: &'static str) -> Binding {
    Binding { scope, keys: Cow::Borrowed(keys), action, help, footer: None, footer_panes: None }
}

const fn shown(mut binding: Binding, footer: &'static str) -> Binding {
    binding.footer = Some(footer);
    binding
}

/// Shown in the footer of some panes only.
const fn shown_in(panes: &'static [Pane], mut binding: Binding, footer: &'static str) -> Binding {
    (binding.footer, binding.footer_panes) = (Some(footer), Some(panes));
    binding
}

/// A status in the menu of overrides. The core knows what it means.
const fn status(key: &'static [Key], status: u16) -> Binding {
    let Some(help) = meaning(status) else { panic!("a status of the menu has a meaning") };
    row(Scope::Overrides, key, Action::ChooseOverride(OverrideChoice::Status(status)), help)
}

use KeyCode::{BackTab, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab as TabKey, Up};
use Scope::{
    Checks, Copying, CopyingHandler, CopyingTest, Detail, Diff, Everywhere, Job, List, Moving, Overrides, Sending,
    Story,
};

/// The digit keys.
const DIGITS: &[Key] = &[
    Key::char('0'),
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
    Key::char('8'),
    Key::char('9'),
];

const LISTS: &[Pane] = &[Pane::Events, Pane::Types];
const EVENTS: &[Pane] = &[Pane::Events];
const DETAIL: &[Pane] = &[Pane::Detail];

/// Every key binding.
pub const BINDINGS: &[Binding] = &[
    shown_in(
        LISTS,
        row(
            List,
            &[Key::of(Enter)],
            Action::Open,
            "open the selected event; on a type, filter by it; in the payload, fold or show a value in full",
        ),
        "open",
    ),
    shown_in(
        LISTS,
        row(
            List,
            &[Key::char('/')],
            Action::EditFilter,
            "filter the events, e.g. `type:user.* (is:failed OR status:4xx) data.email:jane@*`",
        ),
        "filter",
    ),
    row(List, &[Key::char('f')], Action::ToggleFilter, "turn the filter off, or on again"),
    shown(
        row(
            Detail,
            &[Key::char('/')],
            Action::Search,
            "search this tab; capitals matter only if the search has some; `0x1b5b` finds bytes in tab 5",
        ),
        "search",
    ),
    shown(row(Everywhere, &[Key::char('y')], Action::BeginCopy, "copy part of the selected event"), "copy"),
    row(
        Everywhere,
        &[Key::char('s')],
        Action::SaveFixtures,
        "save the marked events, or else the selected one, as fixture files",
    ),
    row(Everywhere, &[Key::char('S')], Action::ExportListed, "export all listed events as NDJSON, HAR or fixtures"),
    row(Everywhere, &[Key::char('I')], Action::ImportFile, "import requests from a file, or from ngrok"),
    row(
        Everywhere,
        &[Key::char('*')],
        Action::TogglePin,
        "pin the marked events, or else the selected one, so that `X` leaves them; or unpin",
    ),
    row(Everywhere, &[Key::char('i')], Action::EditNote, "write a note on the event; the filter finds its words"),
    shown(
        row(
            Everywhere,
            &[Key::char('r')],
            Action::Redeliver,
            "re-deliver like the provider's retry: same id, new timestamp, signed again if verified",
        ),
        "re-deliver",
    ),
    row(Everywhere, &[Key::char('R')], Action::RedeliverAsReceived, "re-deliver byte for byte, as received"),
    row(
        Everywhere,
        &[Key::char('e')],
        Action::Edit,
        "edit the body in `$EDITOR`, review the changes, then sign and send it as a new event",
    ),
    row(Everywhere, &[Key::char('o')], Action::Page, "show the text of the tab in `$PAGER`"),
    row(
        Everywhere,
        &[Key::char('|')],
        Action::Pipe,
        "run a shell command with the exact bytes of the body on its standard input",
    ),
    row(
        Everywhere,
        &[Key::char('=')],
        Action::EnterTarget,
        "change the target of re-deliveries; `↑` recalls earlier ones",
    ),
    row(
        Everywhere,
        &[Key::char('u')],
        Action::CopyPublicUrl,
        "copy the public URL for the dashboard, while a tunnel is up",
    ),
    shown(
        row(Everywhere, &[Key::char('T')], Action::SendSample, "choose a sample event and send it, signed"),
        "sample",
    ),
    shown(
        row(
            Everywhere,
            &[Key::char('K')],
            Action::EnterSecret,
            "add a signing secret and verify all stored events again",
        ),
        "secret",
    ),
    row(
        Everywhere,
        &[Key::control('s')],
        Action::SaveSecret,
        "save the pasted signing secret in `.env` of this folder; shows first what that changes",
    ),
    shown(
        row(
            Everywhere,
            &[Key::char('d')],
            Action::BeginSend,
            "rehearse failures, retry on a schedule, send many events",
        ),
        "rehearse",
    ),
    shown(
        row(
            Everywhere,
            &[Key::char('a')],
            Action::BeginOverride,
            "override the responses to senders, e.g. to see their retries",
        ),
        "override",
    ),
    row(
        Everywhere,
        &[Key::char('A')],
        Action::BeginStory,
        "list all events of the selected one's organization, user, type, path or message",
    ),
    row(Moving, &[Key::of(Down), Key::char('j')], Action::MoveDown, "down"),
    row(Moving, &[Key::of(Up), Key::char('k')], Action::MoveUp, "up"),
    row(Moving, &[Key::of(Left), Key::char('h')], Action::MoveLeft, "fold, then go to what is around it; scroll left"),
    row(Moving, &[Key::of(Right), Key::char('l')], Action::MoveRight, "unfold, then go in; scroll right"),
    row(Moving, &[Key::of(PageDown)], Action::PageDown, "page down"),
    row(Moving, &[Key::of(PageUp)], Action::PageUp, "page up"),
    row(Moving, &[Key::control('d')], Action::HalfPageDown, "half a page down"),
    row(Moving, &[Key::control('u')], Action::HalfPageUp, "half a page up"),
    row(Moving, &[Key::char('g'), Key::of(Home)], Action::GoFirst, "first"),
    row(Moving, &[Key::char('G'), Key::of(End)], Action::GoLast, "last"),
    row(Moving, &[Key::char('F')], Action::ToggleFollow, "follow the newest event, or stop following"),
    row(Moving, &[Key::char(']')], Action::NextInvalid, "next invalid event"),
    row(Moving, &[Key::char('[')], Action::PreviousInvalid, "previous invalid event"),
    row(Moving, &[Key::char('>')], Action::LaterAttempt, "later attempt of the same event"),
    row(Moving, &[Key::char('<')], Action::EarlierAttempt, "earlier attempt of the same event"),
    row(List, &[Key::char(' ')], Action::ToggleMark, "mark or unmark the event; `is:marked` lists the marked ones"),
    row(List, &[Key::char('M')], Action::ClearMarks, "clear all marks"),
    shown_in(
        EVENTS,
        row(
            List,
            &[Key::char('x')],
            Action::Delete,
            "delete the marked events, or the selected one with its listed attempts",
        ),
        "delete",
    ),
    row(List, &[Key::char('X')], Action::Clear, "delete all listed events but the pinned ones; asks first"),
    row(List, &[Key::char('Z')], Action::Undo, "undo the last deletion, until hookglass exits"),
    row(Detail, &[Key::char('n')], Action::NextHit, "next hit; unfolds what hides it"),
    row(Detail, &[Key::char('N')], Action::PreviousHit, "previous hit"),
    row(Detail, &[Key::char('w')], Action::ToggleWrap, "wrap long lines, or scroll sideways again"),
    row(Detail, &[Key::char('E')], Action::UnfoldAll, "unfold all of the payload"),
    row(Detail, &[Key::char('C')], Action::FoldAll, "fold all of the payload"),
    row(Detail, &[Key::char('+')], Action::UnfoldLevel, "unfold one level more of the payload"),
    row(Detail, &[Key::char('-')], Action::FoldLevel, "fold one level more of the payload"),
    row(Everywhere, &[Key::of(TabKey)], Action::FocusNext, "next pane"),
    row(Everywhere, &[Key::of(BackTab)], Action::FocusPrevious, "previous pane"),
    row(Everywhere, &[Key::char('1')], Action::ShowTab(Tab::Payload), "show the payload"),
    row(Everywhere, &[Key::char('2')], Action::ShowTab(Tab::Headers), "show the headers as received"),
    row(
        Everywhere,
        &[Key::char('3')],
        Action::ShowTab(Tab::Signature),
        "show the signature: what was checked, and why it failed",
    ),
    row(Everywhere, &[Key::char('4')], Action::ShowTab(Tab::Deliveries), "show the deliveries and the app's responses"),
    row(
        Everywhere,
        &[Key::char('6')],
        Action::ShowTab(Tab::Diff),
        "show what differs from the previous event of the type",
    ),
    row(
        Everywhere,
        &[Key::char('D')],
        Action::BeginDiff,
        "compare the payload with another event, an attempt or a file, or compare responses",
    ),
    row(Diff, &[Key::char('p')], Action::Compare(CompareWith::Previous), "the previous event of the same type"),
    row(Diff, &[Key::char('a')], Action::Compare(CompareWith::EarlierAttempt), "the earlier attempt of the message"),
    row(Diff, &[Key::char('f')], Action::Compare(CompareWith::File), "a fixture, or a file with a body"),
    row(
        Diff,
        &[Key::char('r')],
        Action::Compare(CompareWith::Responses),
        "no event: the last two responses of your app",
    ),
    row(Diff, &[Key::char('b')], Action::Compare(CompareWith::This), "make this event the base for others"),
    row(Everywhere, &[Key::char('5')], Action::ShowTab(Tab::Raw), "show the exact bytes: hexadecimal digits and text"),
    row(
        Everywhere,
        &[Key::char('!')],
        Action::ExplainReason,
        "explain the reason of the selected event: what it means, and how to fix it",
    ),
    row(
        Everywhere,
        &[Key::char('c')],
        Action::ShowChecks,
        "list where the payload differs from the documentation of its type",
    ),
    row(
        Everywhere,
        &[Key::char('V')],
        Action::ShowCoverage,
        "show which event types arrived, verified and were accepted by the app",
    ),
    shown_in(
        DETAIL,
        row(Everywhere, &[Key::char('z')], Action::ToggleZoom, "zoom the focused pane, or unzoom it"),
        "zoom",
    ),
    row(Everywhere, &[Key::char('t')], Action::ToggleTypes, "show or hide the types pane"),
    row(
        Everywhere,
        &[Key::char('m')],
        Action::ToggleMouse,
        "release the mouse to select text in the terminal, or capture it again",
    ),
    row(Everywhere, &[Key::control('z')], Action::Suspend, "suspend; `fg` resumes"),
    shown_in(
        DETAIL,
        row(Everywhere, &[Key::of(Esc)], Action::GoBack, "back: close, end the search, unzoom, clear the filter"),
        "back",
    ),
    shown(
        row(
            Everywhere,
            &[Key::char(':'), Key::control('p')],
            Action::ShowPalette,
            "find an action by its name and run it",
        ),
        "actions",
    ),
    shown(row(Everywhere, &[Key::char('?')], Action::ShowHelp, "this help"), "help"),
    shown(row(Everywhere, &[Key::char('q')], Action::Quit, "quit; asks first while deliveries are pending"), "quit"),
    row(Everywhere, &[Key::control('c')], Action::QuitNow, "quit at once"),
    row(Copying, &[Key::char('y')], Action::Copy(Copied::Payload), "payload, formatted"),
    row(Copying, &[Key::char('b')], Action::Copy(Copied::Body), "body, byte for byte"),
    row(Copying, &[Key::char('x')], Action::Copy(Copied::HexDump), "body as a hex dump: offsets, digits and text"),
    row(Copying, &[Key::char('c')], Action::Copy(Copied::Curl), "curl command that sends the event again"),
    row(Copying, &[Key::char('h')], Action::Copy(Copied::Headers), "headers"),
    row(Copying, &[Key::char('i')], Action::Copy(Copied::Id), "event id"),
    row(Copying, &[Key::char('n')], Action::Copy(Copied::Number), "event number"),
    row(Copying, &[Key::char('f')], Action::Copy(Copied::Fixture), "fixture, a JSON file that tests can load"),
    row(Copying, &[Key::char('t')], Action::BeginCopyTest, "test that posts the event to your handler"),
    row(Copying, &[Key::char('k')], Action::BeginCopyHandler, "handler code that verifies the signature"),
    row(CopyingTest, &[Key::char('v')], Action::Copy(Copied::Test(TestRunner::Vitest)), "Vitest or Jest"),
    row(CopyingTest, &[Key::char('p')], Action::Copy(Copied::Test(TestRunner::Pytest)), "pytest"),
    row(CopyingTest, &[Key::char('g')], Action::Copy(Copied::Test(TestRunner::Go)), "Go"),
    row(CopyingTest, &[Key::char('j')], Action::Copy(Copied::Test(TestRunner::JUnit)), "JUnit"),
    row(CopyingTest, &[Key::char('t')], Action::CopyTestAgain, "the same as last time"),
    row(CopyingHandler, &[Key::char('e')], Action::Copy(Copied::Handler("Express")), "Express"),
    row(CopyingHandler, &[Key::char('n')], Action::Copy(Copied::Handler("Next.js")), "Next.js"),
    row(CopyingHandler, &[Key::char('y')], Action::Copy(Copied::Handler("Fastify")), "Fastify"),
    row(CopyingHandler, &[Key::char('t')], Action::Copy(Copied::Handler("NestJS")), "NestJS"),
    row(CopyingHandler, &[Key::char('h')], Action::Copy(Copied::Handler("Hono")), "Hono"),
    row(CopyingHandler, &[Key::char('a')], Action::Copy(Copied::Handler("AWS Lambda")), "AWS Lambda"),
    row(CopyingHandler, &[Key::char('f')], Action::Copy(Copied::Handler("FastAPI")), "FastAPI"),
    row(CopyingHandler, &[Key::char('l')], Action::Copy(Copied::Handler("Flask")), "Flask"),
    row(CopyingHandler, &[Key::char('d')], Action::Copy(Copied::Handler("Django")), "Django"),
    row(CopyingHandler, &[Key::char('g')], Action::Copy(Copied::Handler("Go net/http")), "Go net/http"),
    row(CopyingHandler, &[Key::char('s')], Action::Copy(Copied::Handler("Spring")), "Spring"),
    row(Copying, &[Key::char('p')], Action::CopyPart(Part::Path), "path of the value at the cursor of the payload"),
    row(
        Copying,
        &[Key::char('v')],
        Action::CopyPart(Part::Value),
        "value at the cursor; a string without quotes and escapes",
    ),
    row(Copying, &[Key::char('u')], Action::CopyPublicUrl, "public URL for the dashboard"),
    row(Story, &[Key::char('o')], Action::ShowStory(Shared::Organization), "events of the same organization"),
    row(Story, &[Key::char('u')], Action::ShowStory(Shared::User), "events that mention the same user"),
    row(Story, &[Key::char('t')], Action::ShowStory(Shared::Type), "events of the same type"),
    row(Story, &[Key::char('p')], Action::ShowStory(Shared::Path), "requests to the same path"),
    row(Story, &[Key::char('m')], Action::ShowStory(Shared::Message), "attempts of the same message (`webhook-id`)"),
    row(Story, &[Key::char('s')], Action::ShowTimeline(About::Object), "the story of its user or object, in order"),
    row(Story, &[Key::char('S')], Action::ShowTimeline(About::Organization), "the story of its organization, in order"),
    row(Sending, &[Key::char('a')], Action::RehearseAll, "run all rehearsals; shows a table of results"),
    row(Sending, &[Key::char('x')], Action::Rehearse(Rehearsal::Expired), "expired: signed 6 min ago"),
    row(Sending, &[Key::char('f')], Action::Rehearse(Rehearsal::Future), "future: signed 6 min in the future"),
    row(Sending, &[Key::char('t')], Action::Rehearse(Rehearsal::Tampered), "tampered: body changed after signing"),
    row(Sending, &[Key::char('w')], Action::Rehearse(Rehearsal::WrongKey), "wrong-key: signed with another secret"),
    row(
        Sending,
        &[Key::char('h')],
        Action::Rehearse(Rehearsal::MissingHeader),
        "missing-header: one signature header left out",
    ),
    row(Sending, &[Key::char('u')], Action::Rehearse(Rehearsal::Unsigned), "unsigned: no signature headers"),
    row(
        Sending,
        &[Key::char('2')],
        Action::Rehearse(Rehearsal::TwiceAtOnce),
        "twice-at-once: two deliveries of one event at once",
    ),
    row(
        Sending,
        &[Key::char('0')],
        Action::Rehearse(Rehearsal::TenTimes),
        "ten-times: ten deliveries of one event in a row",
    ),
    row(
        Sending,
        &[Key::char('o')],
        Action::Rehearse(Rehearsal::OutOfOrder),
        "out-of-order: update and delete before create",
    ),
    row(Sending, &[Key::char('r')], Action::Retry, "retry on a schedule until the app responds 2xx"),
    row(Sending, &[Key::char('s')], Action::SignAndSend, "sign and send, even if it was never verified"),
    row(Sending, &[Key::char('m')], Action::RedeliverMarked, "re-deliver the marked events"),
    row(Sending, &[Key::char('l')], Action::RedeliverListed, "re-deliver all listed events"),
    row(Sending, &[Key::char('p')], Action::ShowLeftovers, "pending: decide what an earlier run left to forward"),
    row(Sending, &[Key::char('j')], Action::ShowJob, "show the running job or the last results"),
    row(
        Checks,
        &[Key::char('a')],
        Action::AcceptDifference,
        "accept the selected difference in all events of the type, or no longer",
    ),
    row(Checks, &[Key::char('A')], Action::AcceptDifferences, "accept all of them, or no longer"),
    row(Job, &[Key::char('x')], Action::StopJob, "stop: start no more deliveries"),
    row(Job, DIGITS, Action::FoldGroup, "fold or unfold the group with this number; `h` and `l` all groups"),
    status(&[Key::char('o')], 200),
    status(&[Key::char('c')], 201),
    status(&[Key::char('a')], 202),
    status(&[Key::char('m')], 400),
    status(&[Key::char('u')], 401),
    status(&[Key::char('f')], 403),
    status(&[Key::char('p')], 422),
    status(&[Key::char('e')], 500),
    status(&[Key::char('b')], 503),
    row(
        Overrides,
        &[Key::char('l')],
        Action::ChooseOverride(OverrideChoice::Late),
        "late: respond after a delay that you set",
    ),
    row(
        Overrides,
        &[Key::char('s')],
        Action::ChooseOverride(OverrideChoice::Slow),
        "slow: spread the body over a time that you set",
    ),
    row(
        Overrides,
        &[Key::char('d')],
        Action::ChooseOverride(OverrideChoice::Drop),
        "drop the connection, like an app that crashed",
    ),
    row(Overrides, &[Key::char('y')], Action::ChooseOverride(OverrideChoice::Allow), "ALLOW, for interceptors"),
    row(
        Overrides,
        &[Key::char('n')],
        Action::ChooseOverride(OverrideChoice::Deny),
        "DENY with a message, for interceptors",
    ),
    row(
        Overrides,
        &[Key::char('t')],
        Action::ChooseOverride(OverrideChoice::Claims),
        "token: ALLOW with claims, where a token is made",
    ),
    row(
        Overrides,
        &[Key::char('g')],
        Action::ChooseOverride(OverrideChoice::Membership),
        "group: ALLOW with a membership, at a sign-up",
    ),
    row(
        Overrides,
        &[Key::char('r')],
        Action::ChooseOverride(OverrideChoice::Default),
        "default: respond according to the verdict",
    ),
    row(
        Overrides,
        &[Key::char('w')],
        Action::ChooseOverride(OverrideChoice::Write),
        "write an override: `503 delay:3s next:2 type:user.*`",
    ),
    row(Overrides, DIGITS, Action::CountOverrides, "count: type it first to limit an override to N events"),
];
