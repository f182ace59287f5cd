//! Why a TLS handshake failed, in words, and what to do next. What the library prints of its errors for programmers is not shown.

use crate::core::delivery::{FailureKind, Target};
use crate::core::printable::Printable;
use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError};
use std::io;

/// Names of a certificate that are told, and the most columns of each.
const MAX_NAMES: usize = 4;
const NAME_COLUMNS: usize = 60;

const TRUST: &str = "use `http://` for a local app, or a certificate of an authority that this machine trusts";
const RENEW: &str = "give the app a new certificate";
const CLOCK: &str = "set this machine's clock, or give the app a new certificate";
const LOG: &str = "the app's log may say more";

/// What `error` says of a handshake with `target`.
pub(super) fn refusal(target: &Target, error: &io::Error) -> (FailureKind, String) {
    let address = target.address();
    match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(cause) => (FailureKind::Tls, told(&address, target.host(), cause)),
        None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            (FailureKind::Reset, format!("`{address}` closed the connection during the TLS handshake"))
        }
        None => (FailureKind::Tls, format!("TLS with `{address}` failed: {error}")),
    }
}

fn told(address: &str, host: &str, error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => {
            let (why, next) = distrust(host, error);
            format!("certificate of `{address}` not trusted: {why}; {next}")
        }
        Error::InvalidMessage(_) => format!("`{address}` does not speak TLS: its URL may begin with `http://`"),
        Error::NoCertificatesPresented => format!("`{address}` has sent no certificate; {LOG}"),
        Error::AlertReceived(alert) => format!("`{address}` has refused TLS: {}; {LOG}", alerted(host, *alert)),
        Error::PeerIncompatible(_) => format!(
            "`{address}` and hookglass have no way of TLS in common; let the app offer TLS 1.2 or 1.3 with ciphers of today"
        ),
        Error::PeerMisbehaved(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::PeerSentOversizedRecord
        | Error::DecryptError => format!("`{address}` does not keep to the rules of TLS; {LOG}"),
        Error::FailedToGetCurrentTime => format!("TLS with `{address}` failed: this machine does not tell the time"),
        Error::FailedToGetRandomBytes => format!("TLS with `{address}` failed: this machine has no random numbers"),
        _ => format!("TLS with `{address}` failed; {LOG}"),
    }
}

/// Why a certificate is not trusted, and what to do next.
fn distrust(host: &str, error: &CertificateError) -> (String, &'static str) {
    use CertificateError as Cause;
    let (why, next) = match error {
        Cause::UnknownIssuer => ("no authority that this machine trusts has issued it", TRUST),
        Cause::BadSignature => ("its signature is not its issuer's", TRUST),
        Cause::Other(other) => unnamed(other),
        Cause::ExpiredContext { not_after, .. } => return (format!("it expired on {}", day(*not_after)), CLOCK),
        Cause::Expired => ("it has expired", CLOCK),
        Cause::NotValidYetContext { not_before, .. } => {
            return (format!("it is not valid before {}", day(*not_before)), CLOCK);
        }
        Cause::NotValidYet => ("it is not valid yet", CLOCK),
        Cause::NotValidForNameContext { presented, .. } => {
            return (format!("it is {}, not for `{host}`", names(presented)), "use a name of its own in the URL");
        }
        Cause::NotValidForName => {
            return (format!("it is not for `{host}`"), "use a name of its own in the URL");
        }
        Cause::Revoked => ("its authority has revoked it", RENEW),
        Cause::UnknownRevocationStatus
        | Cause::ExpiredRevocationList
        | Cause::ExpiredRevocationListContext { .. }
        | Cause::InvalidOcspResponse => ("whether it was revoked cannot be told", RENEW),
        Cause::BadEncoding => ("it is not well-formed", RENEW),
        Cause::UnhandledCriticalExtension => ("it has a critical extension that is unknown here", RENEW),
        Cause::InvalidPurpose | Cause::InvalidPurposeContext { .. } => {
            ("it is not meant for servers", "give the app one whose extended key usage has `serverAuth`")
        }
        Cause::UnsupportedSignatureAlgorithmContext { .. }
        | Cause::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            ("its kind of key or of signature is unknown here", "give the app one with an ECDSA P-256 or RSA 2048 key")
        }
        _ => ("it breaks a rule for certificates", RENEW),
    };
    (why.to_owned(), next)
}

/// Rules that have no name of their own in `rustls`: they are known by their text alone.
fn unnamed(error: &OtherError) -> (&'static str, &'static str) {
    match error.0.to_string().as_str() {
        "CaUsedAsEndEntity" => {
            ("it is an authority's (`CA:TRUE`), as self-signed ones often are, and no server's", TRUST)
        }
        "EndEntityUsedAsCa" => ("the certificate that issued it is no authority's (`CA:FALSE`)", TRUST),
        "UnsupportedCertVersion" => {
            ("it is of version 1 or 2", "give the app one of version 3, with a `subjectAltName`")
        }
        _ => ("it breaks a rule for certificates", TRUST),
    }
}

/// `for `a`, `b` and 3 more`, of names as `DnsName("a")`.
fn names(presented: &[String]) -> String {
    let inner = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
        format!("`{}`", Printable::first_columns(inner.trim_matches('"').as_bytes(), NAME_COLUMNS).into_string())
    };
    let told: Vec<_> = presented.iter().take(MAX_NAMES).map(inner).collect();
    match presented.len().saturating_sub(MAX_NAMES) {
        _ if told.is_empty() => "for no name".to_owned(),
        0 => format!("for {}", told.join(", ")),
        more => format!("for {} and {more} more", told.join(", ")),
    }
}

/// The day in UTC.
fn day(time: UnixTime) -> String {
    let second = i64::try_from(time.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
    second.map_or_else(|| "a day out of reach".to_owned(), |second| second.strftime("%Y-%m-%d").to_string())
}

/// What the app said against the handshake.
fn alerted(host: &str, alert: AlertDescription) -> String {
    use AlertDescription as Alert;
    let why = match alert {
        Alert::HandshakeFailure | Alert::InsufficientSecurity => "it found no way of TLS in common",
        Alert::ProtocolVersion => "it speaks neither TLS 1.2 nor 1.3",
        Alert::CertificateRequired | Alert::NoCertificate | Alert::BadCertificate => {
            "it wants a certificate of the client, and hookglass has none"
        }
        Alert::UnrecognisedName => return format!("it knows no `{host}`"),
        Alert::NoApplicationProtocol => "it does not speak HTTP/1.1",
        Alert::AccessDenied => "it denies access",
        Alert::InternalError => "it has a fault of its own",
        other => return format!("it sent alert {}", u8::from(other)),
    };
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{CertRevocationListError, ContentType, InvalidMessage, PeerIncompatible, PeerMisbehaved};
    use std::sync::Arc;
    use std::time::Duration;

    fn other(text: &'static str) -> CertificateError {
        CertificateError::Other(OtherError(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(text))))
    }

    fn at(second: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(second))
    }

    fn certificate_errors() -> Vec<(CertificateError, &'static str)> {
        use CertificateError as Cause;
        let (time, not_after, not_before) = (at(1_800_000_000), at(1_700_000_000), at(1_900_000_000));
        let expected = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let presented = ["DnsName(\"a.example\")", "IpAddress(192.0.2.1)", "DnsName(\"b\")", "DnsName(\"c\")"];
        let mut many = presented.map(str::to_owned).to_vec();
        many.push("DnsName(\"d\")".to_owned());
        let for_names = |presented| Cause::NotValidForNameContext { expected: expected.clone(), presented };
        vec![
            (
                Cause::UnknownIssuer,
                "no authority that this machine trusts has issued it; use `http://` for a local app",
            ),
            (Cause::BadSignature, "its signature is not its issuer's; use `http://`"),
            (other("CaUsedAsEndEntity"), "it is an authority's (`CA:TRUE`)"),
            (other("EndEntityUsedAsCa"), "no authority's (`CA:FALSE`)"),
            (other("UnsupportedCertVersion"), "it is of version 1 or 2"),
            (other("MaximumPathDepthExceeded"), "it breaks a rule for certificates"),
            (Cause::Expired, "it has expired; set this machine's clock"),
            (Cause::ExpiredContext { time, not_after }, "it expired on 2023-11-14"),
            (Cause::ExpiredContext { time, not_after: at(u64::MAX) }, "it expired on a day out of reach"),
            (Cause::NotValidYet, "it is not valid yet"),
            (Cause::NotValidYetContext { time, not_before }, "it is not valid before 2030-03-17"),
            (Cause::NotValidForName, "it is not for `localhost`; use a name of its own"),
            (for_names(many), "it is for `a.example`, `192.0.2.1`, `b`, `c` and 1 more, not for `localhost`"),
            (for_names(vec!["DnsName(\"a\u{1b}[2J\")".to_owned()]), "it is for `a␛[2J`, not for `localhost`"),
            (for_names(Vec::new()), "it is for no name, not for `localhost`"),
            (Cause::Revoked, "its authority has revoked it"),
            (Cause::UnknownRevocationStatus, "whether it was revoked cannot be told"),
            (Cause::BadEncoding, "it is not well-formed"),
            (Cause::InvalidPurpose, "it is not meant for servers"),
            (Cause::UnhandledCriticalExtension, "a critical extension that is unknown here"),
            (Cause::ApplicationVerificationFailure, "it breaks a rule for certificates"),
        ]
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_explained() {
        for (error, part) in certificate_errors() {
            let text = told("localhost:4443", "localhost", &Error::InvalidCertificate(error.clone()));
            assert!(text.starts_with("certificate of `localhost:4443` not trusted: "), "{text}");
            assert!(text.contains(part), "{error:?}: {text}");
            assert!(!text.contains(&format!("{error:?}")), "{text}");
        }
    }

    #[test]
    fn other_failures_are_told_in_words() {
        for (error, part) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "its URL may begin with `http://`"),
            (Error::NoCertificatesPresented, "has sent no certificate"),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), "it found no way of TLS in common"),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "hookglass has none"),
            (Error::AlertReceived(AlertDescription::UnrecognisedName), "it knows no `localhost`"),
            (Error::AlertReceived(AlertDescription::DecodeError), "it sent alert 50"),
            (Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), "let the app offer TLS 1.2 or 1.3"),
            (Error::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec), "does not keep to the rules"),
            (
                Error::InappropriateMessage { expect_types: Vec::new(), got_type: ContentType::Heartbeat },
                "does not keep to the rules",
            ),
            (Error::FailedToGetCurrentTime, "does not tell the time"),
            (
                Error::InvalidCertRevocationList(CertRevocationListError::BadSignature),
                "TLS with `localhost:4443` failed;",
            ),
        ] {
            let text = told("localhost:4443", "localhost", &error);
            assert!(text.contains("`localhost:4443`") && text.contains(part), "{error:?}: {text}");
        }
    }
}
