//! The stored events that match a filter, as on the screen but without `is:marked`.

use crate::commands::Failure;
use crate::core::event::{Seq, Summary};
use crate::core::filter::Filter;
use crate::core::index::Index;
use crate::store::{Reader, StoreError};

/// Summaries read at once.
const BATCH: usize = 1000;

pub(super) fn read(text: &str) -> Result<Filter, Failure> {
    let filter = Filter::parse(text).map_err(|error| {
        Failure::with_hint(format!("invalid filter `{text}`: {error}"), "write it like `--filter 'type:user.*'`")
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

/// The numbers of the events that match, in the order of arrival.
pub(super) fn chosen(reader: &Reader, filter: &Filter) -> Result<Vec<Seq>, StoreError> {
    let mut index = Index::default();
    reader.for_each_summary(reader.last_seq()?, |summary| index.push(&summary))?;
    reader.for_each_ending(reader.last_delivery()?, |seq, origin, ending, total_us| {
        index.delivered(seq, origin, ending, total_us, false);
    })?;
    Ok(filter.select(&index, 0..index.len()).into_iter().map(|position| index.row(position).seq).collect())
}

/// The newest events that match, at most `limit`, the oldest first.
pub(super) fn newest(reader: &Reader, filter: &Filter, limit: usize) -> Result<Vec<Summary>, StoreError> {
    let chosen = chosen(reader, filter)?;
    let seqs = &chosen[chosen.len().saturating_sub(limit)..];
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
