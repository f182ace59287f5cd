//! A number for each value of a document: equal values have equal numbers. Whatever is nested in a value is read once.

use crate::core::json::{Document, unescape_bytes};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Two values that differ have the same digest with negligible chance. A sender who makes them collide hides a difference
/// by path, but none by bytes.
pub(super) type Digest = u128;

/// The digests of the containers in a document.
pub(super) struct Digests<'d> {
    document: &'d Document,
    /// By the line of the opening bracket.
    containers: HashMap<usize, Digest>,
}

impl<'d> Digests<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        let mut digests = Self { document, containers: HashMap::new() };
        // Nested containers open on later lines, so they are ready before those around them.
        for line in (0..document.line_count()).rev() {
            if let Some(fold) = document.fold(line) {
                let digest = digests.container(line, fold.is_object);
                digests.containers.insert(line, digest);
            }
        }
        digests
    }

    /// The digest of the value on `line`.
    pub(super) fn of(&self, line: usize) -> Digest {
        match self.containers.get(&line) {
            Some(digest) => *digest,
            None => scalar(self.document.value(line)),
        }
    }

    fn container(&self, line: usize, is_object: bool) -> Digest {
        let children = children(self.document, line);
        if !is_object {
            let digests: Vec<_> = children.map(|child| self.of(child)).collect();
            return hashed(&("array", digests));
        }
        // The order of keys does not count, but that of duplicates does.
        let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut sum: Digest = 0;
        for child in children {
            let key = key(self.document, child);
            let place = seen.entry(key.clone()).and_modify(|place| *place += 1).or_default();
            sum = sum.wrapping_add(hashed(&("member", key, *place, self.of(child))));
        }
        hashed(&("object", sum))
    }
}

/// The lines of the members or elements of the container that opens on `line`. None for any other value.
pub(super) fn children(document: &Document, line: usize) -> impl Iterator<Item = usize> {
    let fold = document.fold(line);
    let mut next = line + 1;
    let end = fold.map_or(next, |fold| fold.last);
    std::iter::from_fn(move || {
        let child = (next < end).then_some(next)?;
        next = document.fold(child).map_or(child, |fold| fold.last) + 1;
        Some(child)
    })
}

/// The key on `line`, decoded.
pub(super) fn key(document: &Document, line: usize) -> Vec<u8> {
    document.key(line).map(|token| unescape_bytes(token).into_owned()).unwrap_or_default()
}

fn scalar(token: &[u8]) -> Digest {
    match token.first() {
        Some(b'"') => hashed(&("string", &*unescape_bytes(token))),
        // White space may stand in empty brackets.
        Some(b'{') => hashed(&("object", 0 as Digest)),
        Some(b'[') => hashed(&("array", Vec::<Digest>::new())),
        _ => hashed(&("token", token)),
    }
}

fn hashed(value: &impl Hash) -> Digest {
    let half = |which: u8| {
        let mut hasher = DefaultHasher::new();
        which.hash(&mut hasher);
        value.hash(&mut hasher);
        Digest::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
