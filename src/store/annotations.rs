//! Stores pins, notes and which events were imported.

use super::convert::signed;
use crate::core::annotation::{Annotation, AnnotationChange};
use crate::core::event::Seq;
use rusqlite::{Connection, Row, ToSql, params};

const INSERT: &str = "INSERT INTO annotation (seq, is_pinned, is_imported, note) VALUES (?1, ?2, ?3, ?4)";
const PIN: &str = "INSERT INTO annotation SELECT seq, ?2, 0, '' FROM event WHERE seq = ?1 \
     ON CONFLICT (seq) DO UPDATE SET is_pinned = excluded.is_pinned";
const NOTE: &str = "INSERT INTO annotation SELECT seq, 0, 0, ?2 FROM event WHERE seq = ?1 \
     ON CONFLICT (seq) DO UPDATE SET note = excluded.note";
const FORGET: &str = "DELETE FROM annotation WHERE seq = ?1 AND NOT is_pinned AND NOT is_imported AND note = ''";

/// Stores the annotation of a new event, if it has one.
pub(super) fn insert(connection: &Connection, seq: Seq, annotation: &Annotation) -> rusqlite::Result<()> {
    if annotation.is_nothing() {
        return Ok(());
    }
    let Annotation { is_pinned, is_imported, note } = annotation;
    connection.prepare_cached(INSERT)?.execute(params![signed(seq), is_pinned, is_imported, note]).map(drop)
}

/// Changes the annotations of the events that exist.
pub(super) fn change(connection: &Connection, seqs: &[Seq], change: &AnnotationChange) -> rusqlite::Result<()> {
    let (sql, value): (_, &dyn ToSql) = match change {
        AnnotationChange::Pinned(is_pinned) => (PIN, is_pinned),
        AnnotationChange::Note(note) => (NOTE, note),
    };
    let (mut set, mut forget) = (connection.prepare_cached(sql)?, connection.prepare_cached(FORGET)?);
    for seq in seqs {
        set.execute(params![signed(*seq), value])?;
        forget.execute([signed(*seq)])?;
    }
    Ok(())
}

/// The annotation in three columns from `first` on, all NULL if there is none.
pub(super) fn annotation(row: &Row<'_>, first: usize) -> rusqlite::Result<Annotation> {
    let Some(is_pinned) = row.get(first)? else { return Ok(Annotation::NOTHING) };
    Ok(Annotation { is_pinned, is_imported: row.get(first + 1)?, note: row.get(first + 2)? })
}
