//! Walks two documents side by side. Depth costs no stack.

use super::align::{Aligned, align};
use super::digest::{Digests, children, key};
use super::{Changed, Changes, Kind};
use crate::core::json::Document;
use std::collections::HashMap;

/// A step of the walk, by lines.
enum Task {
    Compare(usize, usize),
    Removed(usize),
    Added(usize),
}

struct Walk<'d> {
    before: &'d Document,
    after: &'d Document,
    digests: (Digests<'d>, Digests<'d>),
    /// The last is the next.
    tasks: Vec<Task>,
    changes: Changes,
}

/// The changes from `before` to `after`, two documents of JSON.
pub(super) fn changes(before: &Document, after: &Document) -> Changes {
    let digests = (Digests::new(before), Digests::new(after));
    let tasks = vec![Task::Compare(0, 0)];
    let mut walk = Walk { before, after, digests, tasks, changes: Changes::default() };
    while let Some(task) = walk.tasks.pop() {
        walk.step(&task);
    }
    walk.changes
}

impl Walk<'_> {
    fn step(&mut self, task: &Task) {
        match *task {
            Task::Compare(a, b) if self.digests.0.of(a) == self.digests.1.of(b) => {}
            Task::Compare(a, b) => match (bracket(self.before, a), bracket(self.after, b)) {
                (b'{', b'{') => self.objects(a, b),
                (b'[', b'[') => self.arrays(a, b),
                _ => self.found(Kind::Changed, Some(a), Some(b)),
            },
            Task::Removed(a) => self.found(Kind::Removed, Some(a), None),
            Task::Added(b) => self.found(Kind::Added, None, Some(b)),
        }
    }

    /// Members with the same key belong together; of a key that stands several times, those at the same place.
    fn objects(&mut self, a: usize, b: usize) {
        let mut partners = members(self.after, b);
        let mut tasks = Vec::new();
        let mut seen = HashMap::new();
        for line in children(self.before, a) {
            let name = numbered(self.before, line, &mut seen);
            tasks.push(partners.remove(&name).map_or(Task::Removed(line), |partner| Task::Compare(line, partner)));
        }
        let mut added: Vec<_> = partners.into_values().collect();
        added.sort_unstable();
        tasks.extend(added.into_iter().map(Task::Added));
        self.tasks.extend(tasks.into_iter().rev());
    }

    fn arrays(&mut self, a: usize, b: usize) {
        let lines: (Vec<_>, Vec<_>) = (children(self.before, a).collect(), children(self.after, b).collect());
        let of =
            |digests: &Digests<'_>, lines: &[usize]| lines.iter().map(|line| digests.of(*line)).collect::<Vec<_>>();
        let aligned = align(&of(&self.digests.0, &lines.0), &of(&self.digests.1, &lines.1));
        let task = |aligned| match aligned {
            Aligned::Both(a, b) => Task::Compare(lines.0[a], lines.1[b]),
            Aligned::Removed(a) => Task::Removed(lines.0[a]),
            Aligned::Added(b) => Task::Added(lines.1[b]),
        };
        self.tasks.extend(aligned.into_iter().map(task).rev());
    }

    fn found(&mut self, kind: Kind, a: Option<usize>, b: Option<usize>) {
        let (before, after) = (self.before, self.after);
        self.changes.push(kind, || Changed {
            kind,
            path: a.map_or_else(|| b.map(|line| after.path(line)).unwrap_or_default(), |line| before.path(line)),
            before: a.map(|line| before.shared_value(line)),
            after: b.map(|line| after.shared_value(line)),
        });
    }
}

fn bracket(document: &Document, line: usize) -> u8 {
    document.value(line).first().copied().unwrap_or_default()
}

/// The lines of the members by key, and by its place among the same keys.
fn members(document: &Document, line: usize) -> HashMap<(Vec<u8>, usize), usize> {
    let mut seen = HashMap::new();
    children(document, line).map(|line| (numbered(document, line, &mut seen), line)).collect()
}

fn numbered(document: &Document, line: usize, seen: &mut HashMap<Vec<u8>, usize>) -> (Vec<u8>, usize) {
    let key = key(document, line);
    let place = seen.entry(key.clone()).or_default();
    *place += 1;
    (key, *place)
}
