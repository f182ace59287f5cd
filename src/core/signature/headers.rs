//! The headers that carry signatures, as the HTTP servers in front of the SDKs pass them on.
//!
//! Names are case-insensitive, and white space around values is trimmed. Values stay bytes here: each dialect decodes
//! them in its own way.

use super::Scheme;
use crate::core::request::Header;
use std::borrow::Cow;

/// A set of three headers: id, timestamp and signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Webhook,
    Interceptor,
    Svix,
}

/// A header of a family, in the order in which missing and repeated ones are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Id,
    Timestamp,
    Signature,
}

/// The headers of Scalekit's documentation, which need no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lone {
    ScalekitSignature,
    XScalekitSignature,
}

/// Every header that carries a part of a signature, in lower case.
pub const SIGNATURE_HEADERS: [&str; 11] = [
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "interceptor-id",
    "interceptor-timestamp",
    "interceptor-signature",
    "svix-id",
    "svix-timestamp",
    "svix-signature",
    "scalekit-signature",
    "x-scalekit-signature",
];

const FIRST_LONE: usize = 9;

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Id, Self::Timestamp, Self::Signature];

    /// The suffix of the header's name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Timestamp => "timestamp",
            Self::Signature => "signature",
        }
    }
}

impl Family {
    pub(crate) const ALL: [Self; 3] = [Self::Webhook, Self::Interceptor, Self::Svix];

    /// The family of `scheme`, if it has one.
    pub(crate) fn of(scheme: Scheme) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.scheme() == scheme)
    }

    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::Webhook => Scheme::Webhook,
            Self::Interceptor => Scheme::Interceptor,
            Self::Svix => Scheme::Svix,
        }
    }

    /// The full name of a header in lower case, such as `webhook-id`.
    pub(crate) fn name(self, part: Part) -> &'static str {
        SIGNATURE_HEADERS[self.index(part)]
    }

    /// The index of that name in [`SIGNATURE_HEADERS`].
    fn index(self, part: Part) -> usize {
        self as usize * 3 + part as usize
    }
}

impl Lone {
    pub(crate) const ALL: [Self; 2] = [Self::ScalekitSignature, Self::XScalekitSignature];

    /// The index of its name in [`SIGNATURE_HEADERS`].
    fn index(self) -> usize {
        FIRST_LONE + self as usize
    }

    pub(crate) fn of(scheme: Scheme) -> Option<Self> {
        Self::ALL.into_iter().find(|lone| lone.scheme() == scheme)
    }

    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::ScalekitSignature => Scheme::ScalekitSignature,
            Self::XScalekitSignature => Scheme::XScalekitSignature,
        }
    }
}

impl Scheme {
    /// The lower-case name of the header that carries `part`, if the scheme has one for it.
    pub(crate) fn header(self, part: Part) -> Option<&'static str> {
        let lone = || Lone::of(self).filter(|_| part == Part::Signature).map(|lone| SIGNATURE_HEADERS[lone.index()]);
        Family::of(self).map(|family| family.name(part)).or_else(lone)
    }
}

/// The id that the attempts of one event share: the header of `scheme`, otherwise the first header of a family that carries one.
pub(crate) fn message_id<'h>(headers: &[Header<'h>], scheme: Scheme) -> Option<&'h [u8]> {
    let names = scheme.header(Part::Id).into_iter().chain(Family::ALL.map(|family| family.name(Part::Id)));
    names.into_iter().find_map(|name| headers.iter().find(|header| header.is(name))).map(|header| header.value)
}

/// Which value of a repeated header counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// All values, joined with `", "` as in `node:http` and the WHATWG `Headers`.
    Joined,
    First,
    Last,
    /// The one value that all ids, or all timestamps, have; `None` if they differ. Every signature, separated by spaces.
    Agreeing,
}

/// The three values of a family as one SDK sees them. `None` for an absent header.
#[derive(Clone, Debug)]
pub(crate) struct Claim<'h> {
    pub(crate) id: Option<Cow<'h, [u8]>>,
    pub(crate) timestamp: Option<Cow<'h, [u8]>>,
    pub(crate) signature: Option<Cow<'h, [u8]>>,
}

impl Claim<'_> {
    pub(crate) fn part(&self, part: Part) -> Option<&[u8]> {
        match part {
            Part::Id => self.id.as_deref(),
            Part::Timestamp => self.timestamp.as_deref(),
            Part::Signature => self.signature.as_deref(),
        }
    }
}

/// Every signature header of a request, gathered in one pass. The values are trimmed.
#[derive(Clone, Debug)]
pub(crate) struct Views<'h> {
    /// The first value of each of [`SIGNATURE_HEADERS`].
    first: [Option<&'h [u8]>; SIGNATURE_HEADERS.len()],
    /// Further values of repeated headers, each with the index of its name, in arrival order.
    more: Vec<(usize, &'h [u8])>,
}

impl<'h> Views<'h> {
    pub(crate) fn gather(headers: &[Header<'h>]) -> Self {
        let mut views = Self { first: [None; SIGNATURE_HEADERS.len()], more: Vec::new() };
        for header in headers {
            if let Some(name) = index_of(header.name) {
                let value = trimmed(header.value);
                match &mut views.first[name] {
                    Some(_) => views.more.push((name, value)),
                    first => *first = Some(value),
                }
            }
        }
        views
    }

    /// How the request claims to be signed: by the first complete family, otherwise by a header of Scalekit's
    /// documentation, otherwise by the first family that has any header, even an empty one.
    pub(crate) fn scheme(&self) -> Scheme {
        let families = Family::ALL.into_iter();
        let complete = families.clone().find(|family| self.is_complete(*family)).map(Family::scheme);
        let lone = || Lone::ALL.into_iter().find(|lone| self.has_text(lone.index())).map(Lone::scheme);
        let is_present = |family: &Family| Part::ALL.iter().any(|part| self.first[family.index(*part)].is_some());
        complete.or_else(lone).or_else(|| families.clone().find(is_present).map(Family::scheme)).unwrap_or(Scheme::None)
    }

    /// Whether all three headers of `family` are present and not empty.
    pub(crate) fn is_complete(&self, family: Family) -> bool {
        Part::ALL.into_iter().all(|part| self.has_text(family.index(part)))
    }

    pub(crate) fn claim(&self, family: Family, pick: Pick) -> Claim<'h> {
        if pick == Pick::Agreeing {
            let signature = self.first[family.index(Part::Signature)].is_some();
            let signatures: Vec<_> = self.values(family.index(Part::Signature)).collect();
            return Claim {
                id: self.agreed(family.index(Part::Id)),
                timestamp: self.agreed(family.index(Part::Timestamp)),
                signature: signature.then(|| Cow::Owned(signatures.join(&b" "[..]))),
            };
        }
        let pick = if self.more.is_empty() { Pick::First } else { pick };
        let value = |part| self.pick(family.index(part), pick);
        Claim { id: value(Part::Id), timestamp: value(Part::Timestamp), signature: value(Part::Signature) }
    }

    /// The only value of a header, also if it is repeated or joined with commas. `None` if there is none, or several.
    fn agreed(&self, name: usize) -> Option<Cow<'h, [u8]>> {
        let parts = self.values(name).flat_map(|value| value.split(|byte| *byte == b','));
        let mut parts = parts.map(trimmed).filter(|part| !part.is_empty());
        let first = parts.next()?;
        parts.all(|part| part == first).then_some(Cow::Borrowed(first))
    }

    /// The joined value of a header of Scalekit's documentation, if it is not empty.
    pub(crate) fn lone(&self, lone: Lone) -> Option<Cow<'h, [u8]>> {
        self.pick(lone.index(), Pick::Joined).filter(|value| !value.is_empty())
    }

    /// The values of a repeated header. Empty for any other header.
    pub(crate) fn repeated(&self, family: Family, part: Part) -> Vec<&'h [u8]> {
        let name = family.index(part);
        if self.is_repeated(name) { self.values(name).collect() } else { Vec::new() }
    }

    #[inline]
    fn pick(&self, name: usize, pick: Pick) -> Option<Cow<'h, [u8]>> {
        let first = self.first[name]?;
        if pick == Pick::First || !self.is_repeated(name) {
            return Some(Cow::Borrowed(first));
        }
        let values: Vec<_> = self.values(name).collect();
        Some(match pick {
            Pick::Last => Cow::Borrowed(values.last().copied().unwrap_or(first)),
            _ => Cow::Owned(values.join(&b", "[..])),
        })
    }

    /// Whether the joined value is present and not empty.
    fn has_text(&self, name: usize) -> bool {
        self.first[name].is_some_and(|first| !first.is_empty() || self.is_repeated(name))
    }

    fn is_repeated(&self, name: usize) -> bool {
        self.more.iter().any(|(repeated, _)| *repeated == name)
    }

    fn values(&self, name: usize) -> impl Iterator<Item = &'h [u8]> {
        let more = self.more.iter().filter(move |(repeated, _)| *repeated == name).map(|(_, value)| *value);
        self.first[name].into_iter().chain(more)
    }
}

/// The index of a header's name in [`SIGNATURE_HEADERS`]. Matching length and first letter first leaves few names to
/// compare.
fn index_of(name: &[u8]) -> Option<usize> {
    Some(match (name.len(), name.first()?.to_ascii_lowercase()) {
        (7, b's') if is(name, b"svix-id") => 6,
        (10, b'w') if is(name, b"webhook-id") => 0,
        (14, b's') if is(name, b"svix-timestamp") => 7,
        (14, b's') if is(name, b"svix-signature") => 8,
        (14, b'i') if is(name, b"interceptor-id") => 3,
        (17, b'w') if is(name, b"webhook-timestamp") => 1,
        (17, b'w') if is(name, b"webhook-signature") => 2,
        (18, b's') if is(name, b"scalekit-signature") => 9,
        (20, b'x') if is(name, b"x-scalekit-signature") => 10,
        (21, b'i') if is(name, b"interceptor-timestamp") => 4,
        (21, b'i') if is(name, b"interceptor-signature") => 5,
        _ => return None,
    })
}

/// Whether `name` is `lower` in any case. The compiler knows the length, so it can compare all bytes at once.
fn is<const LENGTH: usize>(name: &[u8], lower: &[u8; LENGTH]) -> bool {
    let differing = |all, (left, right): (&u8, &u8)| all | (left.to_ascii_lowercase() ^ right);
    <&[u8; LENGTH]>::try_from(name).is_ok_and(|name| name.iter().zip(lower).fold(0, differing) == 0)
}

fn trimmed(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    if let ([first, ..], [.., last]) = (value, value)
        && !is_blank(first)
        && !is_blank(last)
    {
        return value;
    }
    let start = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme_of(headers: &[(&str, &str)]) -> Scheme {
        let headers: Vec<_> = headers.iter().map(|(name, value)| Header::new(*name, *value)).collect();
        Views::gather(&headers).scheme()
    }

    #[test]
    fn the_id_comes_from_the_header_of_the_scheme_or_else_from_another_family() {
        let headers = [("svix-id", "s"), ("Interceptor-Id", "i"), ("interceptor-id", "j")];
        let headers = headers.map(|(name, value)| Header::new(name, value));
        for (scheme, expected) in
            [(Scheme::Webhook, "i"), (Scheme::Interceptor, "i"), (Scheme::Svix, "s"), (Scheme::None, "i")]
        {
            assert_eq!(message_id(&headers, scheme), Some(expected.as_bytes()), "{scheme}");
        }
        assert_eq!(message_id(&headers[..1], Scheme::Webhook), Some(&b"s"[..]));
        assert_eq!(message_id(&[], Scheme::Webhook), None);
    }

    #[test]
    fn the_first_complete_family_wins_then_a_documented_header_then_an_incomplete_family() {
        let complete = |family: &'static str| match family {
            "svix" => [("svix-id", "a"), ("Svix-Timestamp", "1"), ("SVIX-SIGNATURE", "s")],
            "interceptor" => [("interceptor-id", "a"), ("interceptor-timestamp", "1"), ("interceptor-signature", "s")],
            _ => [("webhook-id", "a"), ("webhook-timestamp", "1"), ("webhook-signature", "s")],
        };
        let (svix, interceptor, webhook) = (complete("svix"), complete("interceptor"), complete("webhook"));
        assert_eq!(scheme_of(&[svix, interceptor, webhook].concat()), Scheme::Webhook);
        assert_eq!(scheme_of(&[&svix[..], &interceptor, &webhook[1..]].concat()), Scheme::Interceptor);
        assert_eq!(scheme_of(&[&svix[..], &webhook[1..], &[("scalekit-signature", "x")]].concat()), Scheme::Svix);
        assert_eq!(scheme_of(&[&webhook[1..], &[("x-scalekit-signature", "x")]].concat()), Scheme::XScalekitSignature);
        assert_eq!(scheme_of(&[("x-scalekit-signature", "x"), ("scalekit-signature", "x")]), Scheme::ScalekitSignature);
        assert_eq!(
            scheme_of(&[("svix-id", "a"), ("interceptor-id", ""), ("scalekit-signature", " ")]),
            Scheme::Interceptor
        );
        assert_eq!(scheme_of(&[("svix-id", "a"), ("webhook-timestamp", "")]), Scheme::Webhook);
        assert_eq!(scheme_of(&[("webhook_id", "a"), ("scalekit-signature", "")]), Scheme::None);
        assert_eq!(
            scheme_of(&[("webhook-id", "a"), ("webhook-timestamp", " \t"), ("webhook-signature", "s")]),
            Scheme::Webhook
        );
    }

    #[test]
    fn every_name_is_found_in_any_case_and_no_other_name_is() {
        for (index, name) in SIGNATURE_HEADERS.iter().enumerate() {
            assert_eq!(index_of(name.as_bytes()), Some(index));
            assert_eq!(index_of(name.to_uppercase().as_bytes()), Some(index));
            // A byte that differs only in the case bit is not always a letter: `-` and CR.
            for other in [
                name.replace('-', "_"),
                name.replace('-', "\r"),
                name[1..].to_owned(),
                name[..name.len() - 1].to_owned() + "!",
            ] {
                assert_eq!(index_of(other.as_bytes()), None, "{other:?}");
            }
        }
    }

    #[test]
    fn repeated_values_are_trimmed_and_joined_in_order() {
        let headers =
            [Header::new("Webhook-Id", " a\t"), Header::new("webhook-id", ""), Header::new("WEBHOOK-ID", "b c")];
        let views = Views::gather(&headers);
        let id = |pick| views.claim(Family::Webhook, pick).id.unwrap().into_owned();
        assert_eq!(
            (id(Pick::Joined), id(Pick::First), id(Pick::Last)),
            (b"a, , b c".to_vec(), b"a".to_vec(), b"b c".to_vec())
        );
        assert_eq!(views.repeated(Family::Webhook, Part::Id).len(), 3);
        assert!(views.claim(Family::Webhook, Pick::First).timestamp.is_none());
    }
}
