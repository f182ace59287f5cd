//! The headers that carry signatures, as the HTTP layers in front of the SDKs hand them over.
//!
//! White space around values is trimmed, names are case-insensitive. Bytes stay bytes here: how they become characters is
//! the affair of the dialect that reads them.

use super::Scheme;
use crate::core::request::Header;
use std::borrow::Cow;

/// Three headers that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Webhook,
    Interceptor,
    Svix,
}

/// The place of a header in its family; the order in which missing and repeated ones are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Id,
    Timestamp,
    Signature,
}

/// The headers of the provider's documents, which stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lone {
    ScalekitSignature,
    XScalekitSignature,
}

const NAMES: [&str; 11] = [
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

    /// The end of the header's name.
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

    /// The family that `scheme` is judged by, if it has one.
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

    /// The full lower-case name of a header, such as `webhook-id`.
    pub(crate) fn name(self, part: Part) -> &'static str {
        NAMES[self as usize * 3 + part as usize]
    }
}

impl Lone {
    pub(crate) const ALL: [Self; 2] = [Self::ScalekitSignature, Self::XScalekitSignature];

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

/// Which of the values of a repeated header counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// All of them, joined with `", "`, as `node:http` and WHATWG `Headers` do.
    Joined,
    First,
    Last,
}

/// The values of one header in arrival order, trimmed.
#[derive(Clone, Debug, Default)]
enum Values<'h> {
    #[default]
    Absent,
    One(&'h [u8]),
    Many(Vec<&'h [u8]>),
}

impl<'h> Values<'h> {
    fn push(&mut self, value: &'h [u8]) {
        *self = match std::mem::take(self) {
            Self::Absent => Self::One(value),
            Self::One(first) => Self::Many(vec![first, value]),
            Self::Many(mut values) => {
                values.push(value);
                Self::Many(values)
            }
        };
    }

    fn pick(&self, pick: Pick) -> Option<Cow<'h, [u8]>> {
        match (self, pick) {
            (Self::Absent, _) => None,
            (Self::One(value), _) => Some(Cow::Borrowed(value)),
            (Self::Many(values), Pick::Joined) => Some(Cow::Owned(values.join(&b", "[..]))),
            (Self::Many(values), Pick::First) => values.first().copied().map(Cow::Borrowed),
            (Self::Many(values), Pick::Last) => values.last().copied().map(Cow::Borrowed),
        }
    }

    /// Whether the joined value is there and not empty.
    fn has_text(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::One(value) => !value.is_empty(),
            Self::Many(_) => true,
        }
    }
}

/// What a family says: its three values as one reader sees them; `None` for a header that is not there.
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

/// Every signature header of a request, gathered in one pass.
#[derive(Clone, Debug)]
pub(crate) struct Views<'h> {
    families: [[Values<'h>; 3]; 3],
    lones: [Values<'h>; 2],
}

impl<'h> Views<'h> {
    pub(crate) fn gather(headers: &[Header<'h>]) -> Self {
        let mut views = Self { families: Default::default(), lones: Default::default() };
        for header in headers {
            if let Some(index) = index_of(header) {
                let values = match index.checked_sub(FIRST_LONE) {
                    Some(lone) => &mut views.lones[lone],
                    None => &mut views.families[index / 3][index % 3],
                };
                values.push(trimmed(header.value));
            }
        }
        views
    }

    /// How the request says that it is signed: the first complete family, a header of the documents, else the first family
    /// of which anything came, even an empty header.
    pub(crate) fn scheme(&self) -> Scheme {
        let families = Family::ALL.into_iter();
        let complete = families.clone().find(|family| self.is_complete(*family)).map(Family::scheme);
        let lone = || Lone::ALL.into_iter().find(|lone| self.lones[*lone as usize].has_text()).map(Lone::scheme);
        let partial = || families.clone().find(|family| self.is_present(*family)).map(Family::scheme);
        complete.or_else(lone).or_else(partial).unwrap_or(Scheme::None)
    }

    /// Whether all three headers of `family` came with something in them.
    pub(crate) fn is_complete(&self, family: Family) -> bool {
        self.family(family).iter().all(Values::has_text)
    }

    fn is_present(&self, family: Family) -> bool {
        self.family(family).iter().any(|values| !matches!(values, Values::Absent))
    }

    pub(crate) fn claim(&self, family: Family, pick: Pick) -> Claim<'h> {
        let [id, timestamp, signature] = self.family(family);
        Claim { id: id.pick(pick), timestamp: timestamp.pick(pick), signature: signature.pick(pick) }
    }

    /// The joined value of a header of the documents, if it is not empty.
    pub(crate) fn lone(&self, lone: Lone) -> Option<Cow<'h, [u8]>> {
        self.lones[lone as usize].pick(Pick::Joined).filter(|value| !value.is_empty())
    }

    /// The values of a header that came more than once; empty for any other.
    pub(crate) fn repeated(&self, family: Family, part: Part) -> &[&'h [u8]] {
        match &self.family(family)[part as usize] {
            Values::Many(values) => values,
            Values::Absent | Values::One(_) => &[],
        }
    }

    fn family(&self, family: Family) -> &[Values<'h>; 3] {
        &self.families[family as usize]
    }
}

/// The place of a header's name in [`NAMES`]. Length and first letter leave at most one name to compare with, but for the
/// two of the same length and letter that differ at their ends.
fn index_of(header: &Header<'_>) -> Option<usize> {
    let first = header.name.first()?.to_ascii_lowercase();
    let candidates = match (header.name.len(), first) {
        (7, b's') => 6..7,
        (10, b'w') => 0..1,
        (14, b'i') => 3..4,
        (14, b's') => 7..9,
        (17, b'w') => 1..3,
        (18, b's') => 9..10,
        (20, b'x') => 10..11,
        (21, b'i') => 4..6,
        _ => return None,
    };
    candidates.into_iter().find(|index| header.is(NAMES[*index]))
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
    fn the_first_complete_family_wins_then_the_documents_then_what_is_left() {
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
    fn every_name_is_found_in_any_case_and_no_other() {
        for (index, name) in NAMES.iter().enumerate() {
            assert_eq!(index_of(&Header::new(name, "")), Some(index));
            assert_eq!(index_of(&Header::new(&name.to_uppercase(), "")), Some(index));
            assert_eq!(index_of(&Header::new(&name.replace('-', "_"), "")), None);
            assert_eq!(index_of(&Header::new(&name[1..], "")), None);
        }
    }

    #[test]
    fn repeated_values_are_trimmed_one_by_one_and_joined_in_order() {
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
