//! Reads a damaged table with SQLite, in the order of its numbers and past every page that cannot be read.

use rusqlite::Connection;
use rusqlite::types::Value;

/// Numbers tried one by one behind a row that cannot be read; after that the steps grow. A damaged inner page may hide this many rows.
const SINGLE_STEPS: u32 = 1 << 20;

/// A row's number and all columns in the order of the schema.
pub(super) type Row = (i64, Vec<Value>);

/// Gives each readable row of the table to `each`, in ascending order; no number is above `highest`. `sql` selects all columns, the
/// number first, from the number `?1` on and in that order. A table that is not there has no rows.
///
/// # Errors
/// Those of `each`, which end the reading.
pub(super) fn scan<E>(
    source: &Connection,
    sql: &str,
    highest: i64,
    mut each: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let Ok(mut statement) = source.prepare(sql) else { return Ok(()) };
    let columns = statement.column_count();
    let mut order = Ascending::new(highest);
    let (mut from, mut misses) = (1i64, 0u32);
    while from <= highest {
        let before = order.last;
        let mut is_end = false;
        if let Ok(mut rows) = statement.query([from]) {
            loop {
                let row = match rows.next() {
                    Ok(Some(row)) => row,
                    Ok(None) => {
                        is_end = true;
                        break;
                    }
                    Err(_) => break,
                };
                let Ok(number) = row.get(0) else { continue };
                let values = (0..columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>();
                if let Some(row) = order.next(number, values.ok()) {
                    each(row)?;
                }
            }
        }
        if let Some(row) = order.end() {
            each(row)?;
        }
        if is_end {
            break;
        }
        misses = if order.last > before { 1 } else { misses + 1 };
        let step = 1i64 << misses.saturating_sub(SINGLE_STEPS).min(62);
        from = from.max(order.last).saturating_add(step);
    }
    Ok(())
}

/// Leaves out rows whose numbers are damaged. Rows are stored in ascending order, so a wrong number shows by its place: it is above the
/// one behind it, or not above the one before it.
pub(super) struct Ascending {
    highest: i64,
    /// The newest number given.
    last: i64,
    /// The newest row, until the one behind it is known. It has no columns if they cannot be read.
    held: Option<(i64, Option<Vec<Value>>)>,
}

impl Ascending {
    pub(super) fn new(highest: i64) -> Self {
        Self { highest, last: 0, held: None }
    }

    /// Takes the next row; gives the one before it if that is in its place and readable.
    pub(super) fn next(&mut self, number: i64, values: Option<Vec<Value>>) -> Option<Row> {
        if number <= self.last || number > self.highest {
            return None;
        }
        let before = self.held.replace((number, values));
        before.filter(|(held, _)| *held < number).and_then(|row| self.give(row))
    }

    /// Gives the last row.
    pub(super) fn end(&mut self) -> Option<Row> {
        let row = self.held.take()?;
        self.give(row)
    }

    fn give(&mut self, (number, values): (i64, Option<Vec<Value>>)) -> Option<Row> {
        self.last = number;
        Some((number, values?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_place_is_left_out() {
        for (numbers, expected) in [
            (&[1, 2, 3][..], &[1, 2, 3][..]),
            (&[1, 9, 3, 4], &[1, 3, 4]),
            (&[5, 6, 2, 8], &[5, 6, 8]),
            (&[1, 2, 99], &[1, 2]),
            (&[7, 7, 8], &[7, 8]),
            (&[-1, 0, 1], &[1]),
        ] {
            let mut order = Ascending::new(50);
            let mut given: Vec<_> =
                numbers.iter().filter_map(|number| order.next(*number, Some(Vec::new()))).map(|row| row.0).collect();
            given.extend(order.end().map(|row| row.0));
            assert_eq!(given, expected, "{numbers:?}");
        }
    }
}
