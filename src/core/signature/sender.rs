//! Senders other than Scalekit, recognised by the headers that only they send.

use crate::core::request::Header;
use std::fmt;

/// A service that sends webhooks and signs them in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sender {
    GitHub,
    GitLab,
    Bitbucket,
    Stripe,
    Slack,
    Shopify,
    Twilio,
    SendGrid,
    PayPal,
    Paddle,
    Linear,
    Sentry,
    Zoom,
    Discord,
    Typeform,
    HubSpot,
    Square,
    Meta,
    Svix,
    /// Another sender that follows the Standard Webhooks specification.
    StandardWebhooks,
}

/// The slug, the name, and the headers of which any one gives the sender away. The first row that matches counts.
const SENDERS: [(Sender, &str, &str, &[&str]); 20] = [
    (Sender::GitHub, "github", "GitHub", &["x-github-event", "x-github-delivery"]),
    (Sender::GitLab, "gitlab", "GitLab", &["x-gitlab-event", "x-gitlab-token"]),
    (Sender::Bitbucket, "bitbucket", "Bitbucket", &["x-event-key"]),
    (Sender::Stripe, "stripe", "Stripe", &["stripe-signature"]),
    (Sender::Slack, "slack", "Slack", &["x-slack-signature", "x-slack-request-timestamp"]),
    (Sender::Shopify, "shopify", "Shopify", &["x-shopify-hmac-sha256", "x-shopify-topic"]),
    (Sender::SendGrid, "sendgrid", "SendGrid", &["x-twilio-email-event-webhook-signature"]),
    (Sender::Twilio, "twilio", "Twilio", &["x-twilio-signature"]),
    (Sender::PayPal, "paypal", "PayPal", &["paypal-transmission-sig", "paypal-transmission-id"]),
    (Sender::Paddle, "paddle", "Paddle", &["paddle-signature"]),
    (Sender::Linear, "linear", "Linear", &["linear-signature", "linear-delivery"]),
    (Sender::Sentry, "sentry", "Sentry", &["sentry-hook-signature", "sentry-hook-resource"]),
    (Sender::Zoom, "zoom", "Zoom", &["x-zm-signature"]),
    (Sender::Discord, "discord", "Discord", &["x-signature-ed25519"]),
    (Sender::Typeform, "typeform", "Typeform", &["typeform-signature"]),
    (Sender::HubSpot, "hubspot", "HubSpot", &["x-hubspot-signature", "x-hubspot-signature-v3"]),
    (Sender::Square, "square", "Square", &["x-square-hmacsha256-signature"]),
    (Sender::Meta, "meta", "Meta", &["x-hub-signature-256", "x-hub-signature"]),
    (Sender::Svix, "svix", "a Svix sender", &["svix-id", "svix-signature"]),
    (Sender::StandardWebhooks, "standard-webhooks", "another Standard Webhooks sender", &[]),
];

impl Sender {
    /// The word after `foreign-sender:`.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The name in a sentence.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    pub fn parse(text: &str) -> Option<Self> {
        SENDERS.iter().find(|(_, slug, ..)| *slug == text).map(|(sender, ..)| *sender)
    }

    /// The sender that one of `headers` names, and that header's name.
    pub(crate) fn of(headers: &[Header<'_>]) -> Option<(Self, &'static str)> {
        SENDERS.iter().find_map(|(sender, _, _, names)| {
            let is_sent = |name: &&&str| headers.iter().any(|header| header.name.eq_ignore_ascii_case(name.as_bytes()));
            names.iter().find(is_sent).map(|name| (*sender, *name))
        })
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static [&'static str]) {
        SENDERS.iter().find(|(sender, ..)| *sender == self).expect("every sender has a row")
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_recognised_by_any_of_its_headers_in_any_case() {
        for (sender, slug, _, names) in SENDERS {
            assert_eq!(Sender::parse(slug), Some(sender));
            for name in names {
                let name = name.to_uppercase();
                let found = Sender::of(&[Header::new("host", "x"), Header::new(&name, "1")]);
                assert_eq!(found.map(|(sender, _)| sender), Some(sender), "{name}");
            }
        }
        assert_eq!(Sender::of(&[Header::new("webhook-id", "x")]), None);
        let github = [Header::new("x-hub-signature-256", "x"), Header::new("X-GitHub-Event", "push")];
        assert_eq!(Sender::of(&github), Some((Sender::GitHub, "x-github-event")));
    }
}
