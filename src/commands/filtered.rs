//! The stored events that match a filter, as on the screen but without `is:marked`.

use super::talk::tell_with_hint;
use crate::app::accepted::AcceptedFile;
use crate::app::history::load::load;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::check::Accepted;
use crate::core::errors::with_causes;
use crate::core::event::{Seq, Summary};
use crate::core::filter::{Filter, Query};
use crate::core::index::Index;
use crate::core::numbers::counted;
use crate::store::{Reader, StoreError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Summaries read at once, and events that are decided at once.
const BATCH: usize = 1000;

pub(super) fn read(text: &str, environment: &Environment) -> Result<Filter, Failure> {
    let saved = environment.file.filters.clone().unwrap_or_default();
    let filter = Filter::parse_with(text, &saved).map_err(|error| {
        Failure::with_hint(
            format!("invalid filter `{text}`: {error}"),
            "`hookglass events --help` lists the terms of filters",
        )
    })?;
    if filter.asks_for_marks() {
        return Err(Failure::with_hint(
            format!("cannot use the filter `{text}`: marks exist only on the screen"),
            "leave out `is:marked`, or press `d m` on the screen to send the marked events",
        ));
    }
    if let Some(reason) = filter.unknown_reason() {
        return Err(Failure::with_hint(
            format!("invalid filter `{text}`: there is no reason `{reason}`"),
            "copy a reason from `hookglass events`, or write part of it and `*`, such as `reason:timestamp-*`",
        ));
    }
    Ok(filter)
}

/// The differences from the documentation that do not count. Says why if the file with them cannot be used.
pub(super) fn accepted(reader: &Reader) -> Arc<Accepted> {
    AcceptedFile::beside(reader.path()).read().unwrap_or_else(|error| {
        tell_with_hint(&with_causes(&error), error.hint());
        Arc::default()
    })
}

/// The numbers of the events that match, in the order of arrival.
pub(super) fn chosen(reader: &Reader, filter: &Filter) -> Result<Vec<Seq>, StoreError> {
    newest_chosen(reader, filter, usize::MAX)
}

/// The summaries of all events, with how their deliveries ended.
pub(super) fn index(reader: &Reader) -> Result<Index, StoreError> {
    load(reader, reader.last_seq()?, reader.last_delivery()?, |_| ())
}

/// The numbers of the newest events that match, at most `limit`, in the order of arrival. Reads the requests of no more events than needed.
fn newest_chosen(reader: &Reader, filter: &Filter, limit: usize) -> Result<Vec<Seq>, StoreError> {
    let accepted = accepted(reader);
    let index = index(reader)?;
    let mut query = Query::new(filter.clone(), Timestamp::now(), TimeZone::system());
    let test = filter.request_test(&accepted);
    let mut chosen = Vec::new();
    let mut end = index.len();
    while end > 0 && chosen.len() < limit {
        let positions = end.saturating_sub(BATCH)..end;
        end = positions.start;
        let undecided = query.select(&index, positions.clone()).undecided;
        let seqs: Vec<_> = undecided.into_iter().rev().map(|position| index.seq(position)).collect();
        reader.for_each_request(&seqs, |seq, request| {
            // An event that was deleted meanwhile does not match.
            query.know(seq, request.map(|(head, body)| test.facts(head, body)).unwrap_or_default());
            ControlFlow::Continue(())
        })?;
        chosen.extend(query.select(&index, positions).matching.into_iter().rev());
    }
    chosen.truncate(limit);
    Ok(chosen.into_iter().rev().map(|position| index.seq(position)).collect())
}

/// The newest events that match, at most `limit`, the oldest first.
pub(super) fn newest(reader: &Reader, filter: &Filter, limit: usize) -> Result<Vec<Summary>, StoreError> {
    let seqs = newest_chosen(reader, filter, limit)?;
    let mut summaries = Vec::with_capacity(seqs.len());
    let (Some(first), Some(last)) = (seqs.first(), seqs.last()) else { return Ok(summaries) };
    let mut after = first - 1;
    while after < *last {
        let read = reader.after(after, BATCH)?;
        let Some(end) = read.last() else { break };
        after = end.seq;
        summaries.extend(read.into_iter().filter(|summary| seqs.binary_search(&summary.seq).is_ok()));
    }
    Ok(summaries)
}

/// Says that no event matches, and how many there are.
pub(super) fn no_match(reader: &Reader) -> Result<String, StoreError> {
    Ok(match reader.overview()?.events {
        0 => "no events yet".to_owned(),
        count => format!("none of {} matches the filter", counted(count, "event")),
    })
}
