//! One event of the Events API, in the form in which the provider posts it.

use crate::core::catalog::{Family, catalog};
use crate::core::envelope::{self, Envelope};
use crate::core::json::{TokenKind, scan};
use crate::core::occurred::occurred_at;
use jiff::Timestamp;

/// The names that SDKs give the fields of the envelope when they print JSON, and the names in a webhook.
const RENAMED: [(&[u8], &[u8]); 5] = [
    (b"\"specVersion\"", b"\"spec_version\""),
    (b"\"occurredAt\"", b"\"occurred_at\""),
    (b"\"environmentId\"", b"\"environment_id\""),
    (b"\"organizationId\"", b"\"organization_id\""),
    (b"\"displayName\"", b"\"display_name\""),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub event_id: Option<String>,
    pub event_type: Option<String>,
    pub organization_id: Option<String>,
    pub subject: Option<String>,
    pub occurred_at: Option<Timestamp>,
    /// The body that a webhook would have, as far as the API tells: without white space, with the names of a webhook.
    pub body: Vec<u8>,
}

/// The id and the type: the provider's own examples use some ids for several types.
pub(crate) type Identity = (String, Option<String>);

impl Entry {
    /// What other listings of the event have in common with it. `None` without an id.
    pub(crate) fn identity(&self) -> Option<Identity> {
        Some((self.event_id.clone()?, self.event_type.clone()))
    }

    /// `None` if `object` has neither an id nor a type.
    pub(super) fn read(object: &[u8]) -> Option<Self> {
        let body = as_posted(object)?;
        let Envelope { event_id, event_type, organization_id, subject, .. } = envelope::read(&body)?;
        if event_id.is_none() && event_type.is_none() {
            return None;
        }
        Some(Self { event_id, event_type, organization_id, subject, occurred_at: occurred_at(&body), body })
    }

    /// Whether a webhook with this type is documented.
    pub(super) fn is_webhook(&self) -> bool {
        let event = self.event_type.as_ref().and_then(|name| catalog().find(name));
        event.is_some_and(|event| event.family == Family::Webhook)
    }
}

/// `object` without white space, and with the names that a webhook has at its root.
fn as_posted(object: &[u8]) -> Option<Vec<u8>> {
    let (mut body, mut depth) = (Vec::with_capacity(object.len()), 0_usize);
    for token in scan(object) {
        let token = token.ok()?;
        match token.kind {
            TokenKind::OpenObject | TokenKind::OpenArray => depth += 1,
            TokenKind::CloseObject | TokenKind::CloseArray => depth -= 1,
            _ => {}
        }
        let text = &object[token.range];
        let is_key = token.kind == TokenKind::Key && depth == 1;
        let renamed = RENAMED.iter().find(|(from, _)| is_key && *from == text);
        body.extend_from_slice(renamed.map_or(text, |(_, to)| to));
    }
    Some(body)
}
