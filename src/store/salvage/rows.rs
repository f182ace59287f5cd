//! Reads a damaged table with SQLite, in the order of its numbers, and skips every page that cannot be read.

use rusqlite::Connection;
use rusqlite::types::Value;

/// How many numbers behind an unreadable row are tried one by one. A damaged inner page may hide this many rows. After that the steps grow.
const SINGLE_STEPS: u32 = 1 << 20;

/// A row's number, and all of its columns in the order of the schema.
pub(super) type Row = (i64, Vec<Value>);

/// Calls `each` with every readable row of a table, in ascending order. Leaves out numbers above `highest`. `sql` must select all columns,
/// with the number first, from the number `?1` on, in the order of the numbers. A missing table has no rows.
///
/// # Errors
/// The first error of `each`.
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

/// Leaves out rows whose numbers are damaged. Rows are stored in ascending order. A number is damaged if it is not above the one before it,
/// or not below the one behind it.
pub(super) struct Ascending {
    highest: i64,
    /// The last number that was returned.
    last: i64,
    /// The newest row, until the next one is known. `None` as its columns means that they cannot be read.
    pending: Option<(i64, Option<Vec<Value>>)>,
}

impl Ascending {
    pub(super) fn new(highest: i64) -> Self {
        Self { highest, last: 0, pending: None }
    }

    /// Takes the next row. Returns the one before it, if that is in order and readable.
    pub(super) fn next(&mut self, number: i64, values: Option<Vec<Value>>) -> Option<Row> {
        if number <= self.last || number > self.highest {
            return None;
        }
        let before = self.pending.replace((number, values));
        before.filter(|(pending, _)| *pending < number).and_then(|row| self.emit(row))
    }

    /// Returns the last row.
    pub(super) fn end(&mut self) -> Option<Row> {
        let row = self.pending.take()?;
        self.emit(row)
    }

    fn emit(&mut self, (number, values): (i64, Option<Vec<Value>>)) -> Option<Row> {
        self.last = number;
        Some((number, values?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_order_is_left_out() {
        for (numbers, expected) in [
            (&[1, 2, 3][..], &[1, 2, 3][..]),
            (&[1, 9, 3, 4], &[1, 3, 4]),
            (&[5, 6, 2, 8], &[5, 6, 8]),
            (&[1, 2, 99], &[1, 2]),
            (&[7, 7, 8], &[7, 8]),
            (&[-1, 0, 1], &[1]),
        ] {
            let mut order = Ascending::new(50);
            let mut found: Vec<_> =
                numbers.iter().filter_map(|number| order.next(*number, Some(Vec::new()))).map(|row| row.0).collect();
            found.extend(order.end().map(|row| row.0));
            assert_eq!(found, expected, "{numbers:?}");
        }
    }
}
