//! The deliveries tab: every delivery of the event, newest first, with the response.

use super::headers::header_lines;
use super::response::{body_lines, pairs, response_lines};
use super::{Segment, TextLine, at, prose, segment, words};
use crate::core::delivery::{Delivery, Doubt, Doubts, Learned, Manner, Origin, Received, Target, cause_lines, causes};
use crate::core::diagnosis::handlers;
use crate::core::envelope;
use crate::core::event::Event;
use crate::core::numbers::grouped;
use crate::core::provider::{share_of_time_limit, time_limit};
use crate::core::rehearsal::{Grade, Outcome, Terms, assess};
use crate::core::reply::is_interceptor;
use crate::core::signature::{Keyring, Scheme, Verdict, family_of};
use crate::core::times::in_words;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::theme::Role;
use jiff::tz::TimeZone;
use std::time::Duration;

/// The most lines of the overview.
const OVERVIEW: usize = 10;
/// The columns of the bar that shows the used share of the provider's time limit.
const BAR: u128 = 20;

/// The text before any delivery has finished. While forwarding is pending it does not suggest to send the event.
pub(super) fn lines_without_deliveries(forwarded_to: &[Target]) -> Vec<TextLine> {
    if forwarded_to.is_empty() {
        let key = key_name(Action::Redeliver);
        return vec![words(Role::Dim, format!("not sent to an app yet; press `{key}` to send it"))];
    }
    let targets = forwarded_to.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let text = format!("pending: queued or in flight to {targets}");
    vec![prose((Role::Dim, ""), (Role::Dim, text))]
}

pub(super) fn lines(
    event: &Event,
    deliveries: &[Delivery],
    count: u64,
    learned: &[(String, Learned)],
    keyring: &Keyring,
    zone: &TimeZone,
) -> Vec<TextLine> {
    let envelope = envelope::read(&event.body).unwrap_or_default();
    let is_interceptor = is_interceptor(event.verification.scheme, &envelope);
    let family = family_of(event.verification.scheme, &event.body);
    let details = deliveries.iter().rev().flat_map(|delivery| {
        let doubt = doubt(event, delivery);
        let learned = learned.iter().find(|(target, _)| *target == delivery.target).map(|(_, learned)| *learned);
        let refusal = refusal_lines(event, delivery, learned.unwrap_or_default(), keyring);
        // The cause says these itself.
        let said = doubt.filter(|doubt| !matches!(doubt, Doubt::NoDecision | Doubt::SaysFailed) || refusal.is_empty());
        let explanation = doubt_line(event, said).into_iter().chain(refusal).collect();
        delivery_lines(delivery, doubt, explanation, is_interceptor, family, zone)
    });
    overview(event, deliveries, count, zone).into_iter().chain(details).collect()
}

/// The number of deliveries; if there are several, plus a line for each of the newest.
fn overview(event: &Event, deliveries: &[Delivery], count: u64, zone: &TimeZone) -> Vec<TextLine> {
    if count == 1 {
        return vec![words(Role::Strong, "1 delivery"), Vec::new()];
    }
    let shown = deliveries.len() as u64;
    let which = if shown < count { format!("; the newest {shown}") } else { ", newest first".to_owned() };
    let mut lines = vec![words(Role::Strong, format!("{} deliveries{which}", grouped(count)))];
    let endings = deliveries.iter().map(|delivery| delivery.ending().to_string().len()).max().unwrap_or_default();
    let short = |delivery: &Delivery| match delivery.origin.rehearsal() {
        Some(rehearsal) => rehearsal.name(),
        None => origin(delivery),
    };
    let origins =
        deliveries.iter().rev().take(OVERVIEW).map(|delivery| short(delivery).len()).max().unwrap_or_default();
    lines.extend(deliveries.iter().rev().take(OVERVIEW).map(|delivery| {
        vec![
            segment(Role::Dim, format!("  {}  ", at(delivery.started_at, zone))),
            ending_segment(delivery, doubt(event, delivery), endings),
            segment(Role::Strong, format!(" {:>7}  ", in_words(delivery.timing.total()))),
            segment(Role::Text, format!("{:<origins$}  ", short(delivery))),
            segment(Role::Dim, delivery.target.strip_prefix("http://").unwrap_or(&delivery.target)),
        ]
    }));
    if deliveries.len() > OVERVIEW {
        lines.push(words(Role::Dim, format!("  … and {} older, all below", deliveries.len() - OVERVIEW)));
    }
    lines.push(Vec::new());
    lines
}

/// What is wrong with a delivery whose status says that it was delivered. A rehearsal has its own line.
fn doubt(event: &Event, delivery: &Delivery) -> Option<Doubt> {
    let verdict = event.verification.verdict;
    let event_type = event.summary.event_type.as_deref().unwrap_or_default();
    let is_rehearsal = delivery.origin.rehearsal().is_some() || delivery.manner == Manner::Rehearsed;
    Doubts::of(delivery, event_type).given(verdict).filter(|_| !is_rehearsal)
}

fn doubt_line(event: &Event, doubt: Option<Doubt>) -> Option<TextLine> {
    let doubt = doubt?;
    let role = if doubt.is_fault() { Role::Bad } else { Role::Warning };
    Some(prose((role, "  ! "), (role, doubt.sentence(event.verification.verdict))))
}

/// The outcome, padded to `columns`.
fn ending_segment(delivery: &Delivery, doubt: Option<Doubt>, columns: usize) -> Segment {
    let ending = delivery.ending();
    let mark = if doubt.is_some() { "!" } else { "" };
    segment(Role::of(ending, doubt), format!("{:<columns$}", format!("{mark}{ending}")))
}

fn origin(delivery: &Delivery) -> &'static str {
    match (delivery.origin, delivery.manner) {
        (Origin::Rehearsed(_), _) | (_, Manner::Rehearsed) => "rehearsed",
        (_, Manner::Edited) if delivery.sent_body.is_some() => "edited",
        (_, Manner::New | Manner::Edited) => "sent",
        (Origin::Asked, _) => "re-delivered",
        (Origin::Forwarded, _) => "forwarded",
        (Origin::Retried, _) => "retried",
    }
}

/// The form of the request, or the rehearsal.
fn detail(delivery: &Delivery) -> String {
    match delivery.manner {
        Manner::Resigned => ", signed again".to_owned(),
        Manner::AsReceived => ", byte for byte".to_owned(),
        Manner::New | Manner::Edited => ", as a new signed event".to_owned(),
        Manner::Rehearsed => {
            delivery.origin.rehearsal().map(|which| format!(": {}", which.title())).unwrap_or_default()
        }
    }
}

fn delivery_lines(
    delivery: &Delivery,
    doubt: Option<Doubt>,
    explanation: Vec<TextLine>,
    is_interceptor: bool,
    family: Scheme,
    zone: &TimeZone,
) -> Vec<TextLine> {
    let mut lines = vec![
        vec![
            ending_segment(delivery, doubt, 0),
            segment(Role::Strong, format!("  {}  ", in_words(delivery.timing.total()))),
            segment(Role::Text, delivery.target.as_str()),
        ],
        words(Role::Dim, format!("  {}  {}{}", at(delivery.started_at, zone), origin(delivery), detail(delivery))),
        patience_line(delivery, time_limit(is_interceptor)),
        words(Role::Dim, format!("  {}", timing(delivery))),
    ];
    lines.extend(rehearsal_line(delivery, family));
    lines.extend(explanation);
    match &delivery.outcome {
        Ok(response) => lines.extend(response_lines(response)),
        Err(failure) => lines.push(prose((Role::Text, "  "), (Role::Bad, failure.text.as_str()))),
    }
    lines.push(Vec::new());
    lines.push(words(Role::Dim, "  request"));
    lines.extend(header_lines(pairs(&delivery.sent_headers), "    "));
    if let Some(body) = &delivery.sent_body {
        lines.push(Vec::new());
        lines.push(words(Role::Dim, "  request body, unlike the event's"));
        lines.extend(body_lines(body.clone(), None));
    }
    lines.push(Vec::new());
    lines
}

/// The share of the provider's time limit that was used.
fn patience_line(delivery: &Delivery, limit: Duration) -> TextLine {
    let used = delivery.timing.total();
    // In eighths of a column, so that short times show as well.
    let eighths = (used.min(limit).as_micros() * BAR * 8 / limit.as_micros()).max(1);
    let full = usize::try_from(eighths / 8).expect("a bar is short");
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][usize::try_from(eighths % 8).expect("it is below eight")];
    let columns = usize::try_from(BAR).expect("a bar is short");
    let rest = columns - full - usize::from(!part.is_empty());
    let role = match used {
        // A failure is red however fast it came.
        _ if !delivery.ending().is_delivered() => Role::Bad,
        used if used >= limit => Role::Bad,
        used if used * 2 > limit => Role::Warning,
        _ => Role::Good,
    };
    let of = format!("  {}", share_of_time_limit(used, limit));
    vec![
        segment(Role::Text, "  "),
        segment(role, format!("{}{part}", "█".repeat(full))),
        segment(Role::Dim, "░".repeat(rest)),
        segment(Role::Dim, of),
    ]
}

/// Whether the app handled a rehearsal correctly; `None` when that cannot be determined. `family` as in [`Terms`].
fn rehearsal_line(delivery: &Delivery, family: Scheme) -> Option<TextLine> {
    let rehearsal = delivery.origin.rehearsal()?;
    // The result of the control is not known here.
    let terms = Terms::new(family);
    let outcome = Outcome::of("it", &delivery.outcome, delivery.timing);
    let finding = assess(rehearsal, terms, &[outcome]);
    match finding.grade {
        Grade::Passed => Some(words(Role::Dim, "  as a correct handler responds")),
        // The status is right; the sentence says what is wrong.
        Grade::Warned | Grade::Failed if delivery.ending().is_delivered() && !rehearsal.must_be_rejected() => {
            Some(prose((Role::Text, "  "), (Role::Warning, finding.sentence)))
        }
        Grade::Warned | Grade::Failed => {
            let expected = rehearsal.expectation(family).as_str();
            Some(words(Role::Warning, format!("  a correct handler responds with {expected}")))
        }
        Grade::Shown | Grade::Inconclusive => None,
    }
}

/// Why the app did not accept the event. If the response does not show it, with a heading above the likely causes.
fn refusal_lines(event: &Event, delivery: &Delivery, learned: Learned, keyring: &Keyring) -> Vec<TextLine> {
    let verification = Some(&event.verification);
    let received = Received { body: &event.body, target: Some(event.head.target()), verification, learned };
    let causes = causes(delivery, received, keyring);
    let known = match (event.verification.verdict, delivery.manner) {
        (Verdict::Verified, _) => "verified by hookglass",
        // Valid at the time of the signature, by the sender.
        (_, Manner::AsReceived) => "validly signed",
        _ => "signed by hookglass",
    };
    let heading = (causes.len() > 1).then(|| format!("{known}, but rejected by the app; likely causes:"));
    let heading = heading.map(|heading| prose((Role::Warning, "  "), (Role::Warning, heading)));
    let line = |(label, text): (&'static str, String)| {
        let role = if label.contains("why") { Role::Warning } else { Role::Text };
        prose((Role::Strong, label), (role, text))
    };
    let [first, others] = cause_lines(&causes).map(|lines| lines.into_iter().map(line).collect::<Vec<_>>());
    let code = causes.first().and_then(|cause| cause.handler).map(|name| handler_lines(name, event));
    heading.into_iter().chain(first).chain(code.unwrap_or_default()).chain(others).collect()
}

/// The handler for the framework that responded, if there is one.
fn handler_lines(framework: &str, event: &Event) -> Vec<TextLine> {
    let family = family_of(event.verification.scheme, &event.body);
    let Some(fix) = handlers(family).into_iter().find(|fix| fix.framework == framework) else { return Vec::new() };
    let [copy, handler] = [Action::BeginCopy, Action::BeginCopyHandler].map(key_name);
    let title = format!("a handler for {framework}; `{copy} {handler}` copies it");
    let code = fix.code.lines().map(|line| words(Role::Text, format!("    {line}")));
    [prose((Role::Strong, "  code  "), (Role::Text, title))].into_iter().chain(code).collect()
}

/// `connected 412 µs · first byte 11 ms · total 12 ms · 127.0.0.1:4000`, without the steps that were not reached.
fn timing(delivery: &Delivery) -> String {
    let Delivery { timing, target, .. } = delivery;
    let part = |name: &str, time: Option<u64>| {
        time.map(|time_us| format!("{name} {}", in_words(Duration::from_micros(time_us))))
    };
    // The address that was connected to, unless the target already contains it: a host name may have several.
    let peer = delivery.peer.clone().filter(|peer| !target.contains(peer));
    let parts = [
        part("connected", timing.connected_us),
        part("first byte", timing.first_byte_us),
        part("total", Some(timing.total_us)),
        peer,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::{Completeness, Failure, FailureKind, Response, Timing};
    use crate::core::event::Arrival;
    use crate::core::rehearsal::Rehearsal;
    use crate::core::request::Head;
    use crate::core::signature::Verification;
    use bytes::Bytes;
    use jiff::Timestamp;

    fn delivery(origin: Origin, manner: Manner, outcome: Result<u16, FailureKind>) -> Delivery {
        Delivery {
            event: 1,
            origin,
            manner,
            target: "http://localhost:4000/".to_owned(),
            peer: Some("127.0.0.1:4000".to_owned()),
            started_at: Timestamp::UNIX_EPOCH,
            timing: Timing { connected_us: Some(412), first_byte_us: None, total_us: 6_200_000 },
            sent_headers: Vec::new(),
            sent_body: None,
            outcome: match outcome {
                Ok(status) => {
                    Ok(Response { status, headers: Vec::new(), body: Bytes::new(), completeness: Completeness::Whole })
                }
                Err(kind) => Err(Failure { kind, text: String::new() }),
            },
        }
    }

    fn event() -> Event {
        let arrival = Arrival {
            received_at: Timestamp::UNIX_EPOCH,
            head: Head::parse(b"POST / HTTP/1.1\r\n\r\n").unwrap(),
            body: Bytes::from_static(b"{}"),
        };
        let verification =
            Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret: None };
        Event::unstored(arrival, verification)
    }

    fn text(lines: &[TextLine]) -> Vec<String> {
        let line = |line: &TextLine| line.iter().map(|it| String::from_utf8_lossy(&it.bytes)).collect::<String>();
        lines.iter().map(line).collect()
    }

    #[test]
    fn the_overview_has_a_line_for_each_delivery() {
        let deliveries = [
            delivery(Origin::Asked, Manner::Resigned, Ok(201)),
            delivery(Origin::Rehearsed(None), Manner::Rehearsed, Err(FailureKind::TimedOut)),
        ];
        let lines = text(&overview(&event(), &deliveries, 2, &TimeZone::UTC));
        assert_eq!(
            lines,
            [
                "2 deliveries, newest first",
                "  Jan 01 00:00:00  timed out   6.2 s  rehearsed     localhost:4000/",
                "  Jan 01 00:00:00  201         6.2 s  re-delivered  localhost:4000/",
                ""
            ]
        );
    }

    #[test]
    fn the_overview_of_many_deliveries_says_which_are_shown() {
        let deliveries = vec![delivery(Origin::Asked, Manner::Resigned, Ok(201)); 12];
        let lines = text(&overview(&event(), &deliveries, 1_284, &TimeZone::UTC));
        assert_eq!(lines[0], "1,284 deliveries; the newest 12");
        assert_eq!((lines.len(), lines[OVERVIEW + 1].as_str()), (OVERVIEW + 3, "  … and 2 older, all below"));
    }

    #[test]
    fn the_hint_to_send_is_absent_while_forwarding_is_pending() {
        let text_for = |urls: &[&str]| {
            let targets: Vec<_> = urls.iter().map(|url| url.parse().unwrap()).collect();
            text(&lines_without_deliveries(&targets)).join("\n")
        };
        assert_eq!(text_for(&[]), "not sent to an app yet; press `r` to send it");
        assert_eq!(
            text_for(&["app:1", "app:2/hook"]),
            "pending: queued or in flight to http://app:1/ and http://app:2/hook"
        );
    }

    #[test]
    fn a_rehearsal_with_the_right_status_still_shows_what_is_wrong() {
        let origin = Origin::Rehearsed(Some(Rehearsal::Control));
        for (status, family, expected) in [
            (201, Scheme::Webhook, "  the app responded 201 to it after 6.2 s of the provider's 10 s"),
            (
                201,
                Scheme::Interceptor,
                "  the app responded 201 to it without a decision: the flow that waits for it, such as a login, is blocked (FAIL_CLOSED) or \
                 continues unchecked (FAIL_OPEN)",
            ),
            (401, Scheme::Interceptor, "  a correct handler responds with 200 + decision"),
        ] {
            let delivery = delivery(origin, Manner::Rehearsed, Ok(status));
            assert_eq!(text(&[rehearsal_line(&delivery, family).unwrap()]), [expected]);
        }
    }

    #[test]
    fn the_timing_line_shows_each_step_and_the_address() {
        let delivery = delivery(Origin::Asked, Manner::Resigned, Ok(201));
        assert_eq!(timing(&delivery), "connected 412 µs · total 6.2 s · 127.0.0.1:4000");
        assert_eq!(
            text(&[patience_line(&delivery, time_limit(false))])[0],
            "  ████████████▍░░░░░░░  6.2 s of the provider's 10 s"
        );
    }
}
