//! Why a TLS handshake failed, and what to do next. Replaces the library's own messages, which are for programmers.

use crate::core::delivery::{FailureKind, Target};
use crate::core::printable::Printable;
use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError};
use std::io;

/// What matters of a peer for trust.
#[derive(Clone, Copy)]
pub(in crate::client) struct Peer {
    pub is_loopback: bool,
    /// Whether the user gave `--insecure`, which applies to loopback addresses only.
    pub is_insecure_asked: bool,
}

/// How many names of a certificate are listed, and the most columns of each.
const MAX_NAMES: usize = 4;
const NAME_COLUMNS: usize = 60;

const TRUST: &str = "add `--ca FILE` with the certificate to trust";
const RENEW: &str = "give the app a new certificate";
const CLOCK: &str = "check this machine's clock, or give the app a new certificate";
const LOG: &str = "check the app's log";

/// Explains `error`, which ended the handshake with `target`.
pub(super) fn refusal(target: &Target, peer: Peer, error: &io::Error) -> (FailureKind, String) {
    let address = target.address();
    match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(cause) => (FailureKind::Tls, explained(&address, target.host(), peer, cause)),
        None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            (FailureKind::Reset, format!("`{address}` closed the connection during the TLS handshake"))
        }
        None => (FailureKind::Tls, format!("TLS with `{address}` failed: {error}")),
    }
}

fn explained(address: &str, host: &str, peer: Peer, error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => {
            let (why, next) = distrust(host, error);
            format!("certificate of `{address}` not trusted: {why}; {next}{}", insecurely(peer))
        }
        Error::InvalidMessage(_) => format!("`{address}` does not speak TLS: start the URL with `http://`"),
        Error::NoCertificatesPresented => format!("`{address}` sent no certificate; {LOG}"),
        Error::AlertReceived(alert) => {
            format!("`{address}` refused the TLS handshake: {}; {LOG}", alerted(host, *alert))
        }
        Error::PeerIncompatible(_) => format!(
            "`{address}` and hookglass share no TLS version or cipher suite; enable TLS 1.2 or 1.3 with current ciphers in the app"
        ),
        Error::PeerMisbehaved(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::PeerSentOversizedRecord
        | Error::DecryptError => format!("`{address}` violates the TLS protocol; {LOG}"),
        Error::FailedToGetCurrentTime => format!("TLS with `{address}` failed: cannot read this machine's clock"),
        Error::FailedToGetRandomBytes => {
            format!("TLS with `{address}` failed: this machine provides no random numbers")
        }
        _ => format!("TLS with `{address}` failed; {LOG}"),
    }
}

/// How to do without a trusted certificate, to follow the next step.
fn insecurely(peer: Peer) -> &'static str {
    match peer {
        Peer { is_loopback: true, .. } => {
            ", or add `--insecure`, which accepts any certificate of an app on this machine"
        }
        Peer { is_insecure_asked: true, .. } => "; `--insecure` applies only to apps at a loopback address",
        Peer { .. } => "",
    }
}

/// Why a certificate is not trusted, and what to do next.
fn distrust(host: &str, error: &CertificateError) -> (String, &'static str) {
    use CertificateError as Cause;
    let (why, next) = match error {
        Cause::UnknownIssuer => ("it was not issued by an authority that this machine trusts", TRUST),
        Cause::BadSignature => ("its signature was not made by its issuer", TRUST),
        Cause::Other(other) => unnamed(other),
        Cause::ExpiredContext { not_after, .. } => return (format!("it expired on {}", day(*not_after)), CLOCK),
        Cause::Expired => ("it has expired", CLOCK),
        Cause::NotValidYetContext { not_before, .. } => {
            return (format!("it is not valid before {}", day(*not_before)), CLOCK);
        }
        Cause::NotValidYet => ("it is not valid yet", CLOCK),
        Cause::NotValidForNameContext { presented, .. } => {
            let next = match presented[..] {
                [] => "give the app a certificate with a `subjectAltName`",
                _ => "use a name from the certificate in the URL",
            };
            return (format!("it is {}, not for `{host}`", names(presented)), next);
        }
        Cause::NotValidForName => {
            return (format!("it is not for `{host}`"), "use a name from the certificate in the URL");
        }
        Cause::Revoked => ("its issuer revoked it", RENEW),
        Cause::UnknownRevocationStatus
        | Cause::ExpiredRevocationList
        | Cause::ExpiredRevocationListContext { .. }
        | Cause::InvalidOcspResponse => ("its revocation status is unknown", RENEW),
        Cause::BadEncoding => ("it is malformed", RENEW),
        Cause::UnhandledCriticalExtension => ("it has a critical extension that hookglass does not know", RENEW),
        Cause::InvalidPurpose | Cause::InvalidPurposeContext { .. } => {
            ("it is not for servers", "give the app a certificate with the extended key usage `serverAuth`")
        }
        Cause::UnsupportedSignatureAlgorithmContext { .. }
        | Cause::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => (
            "hookglass does not support its signature algorithm",
            "give the app a certificate with an ECDSA P-256 or RSA 2048 key",
        ),
        _ => ("it is not a valid certificate", RENEW),
    };
    (why.to_owned(), next)
}

/// Errors without a variant in `rustls`; only their text identifies them.
fn unnamed(error: &OtherError) -> (&'static str, &'static str) {
    match error.0.to_string().as_str() {
        "CaUsedAsEndEntity" => {
            ("it is a CA certificate (`CA:TRUE`), as self-signed ones often are, not one for a server", TRUST)
        }
        "EndEntityUsedAsCa" => ("its issuer is not a CA (`CA:FALSE`)", TRUST),
        "UnsupportedCertVersion" => (
            "it is an X.509 version 1 or 2 certificate",
            "give the app a version 3 certificate with a `subjectAltName`",
        ),
        _ => ("it is not a valid certificate", TRUST),
    }
}

/// Lists names such as `DnsName("a")`: `for `a`, `b` and 3 more`.
fn names(presented: &[String]) -> String {
    let inner = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
        format!("`{}`", Printable::first_columns(inner.trim_matches('"').as_bytes(), NAME_COLUMNS).into_string())
    };
    let shown: Vec<_> = presented.iter().take(MAX_NAMES).map(inner).collect();
    match presented.len().saturating_sub(MAX_NAMES) {
        _ if shown.is_empty() => "for no name".to_owned(),
        0 => format!("for {}", shown.join(", ")),
        more => format!("for {} and {more} more", shown.join(", ")),
    }
}

/// The day in UTC.
fn day(time: UnixTime) -> String {
    let second = i64::try_from(time.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
    second.map_or_else(|| "an unknown date".to_owned(), |second| second.strftime("%Y-%m-%d").to_string())
}

/// The reason in the app's TLS alert.
fn alerted(host: &str, alert: AlertDescription) -> String {
    use AlertDescription as Alert;
    let why = match alert {
        Alert::HandshakeFailure | Alert::InsufficientSecurity => {
            "it shares no TLS version or cipher suite with hookglass"
        }
        Alert::ProtocolVersion => "it supports neither TLS 1.2 nor 1.3",
        Alert::CertificateRequired | Alert::NoCertificate | Alert::BadCertificate => {
            "it requires a client certificate, and hookglass has none"
        }
        Alert::UnrecognisedName => return format!("it does not know the host `{host}`"),
        Alert::NoApplicationProtocol => "it does not speak HTTP/1.1",
        Alert::AccessDenied => "it denied access",
        Alert::InternalError => "it has an internal error",
        other => return format!("it sent TLS alert {}", u8::from(other)),
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
            (Cause::UnknownIssuer, "it was not issued by an authority that this machine trusts; add `--ca FILE`"),
            (Cause::BadSignature, "its signature was not made by its issuer; add `--ca FILE`"),
            (other("CaUsedAsEndEntity"), "it is a CA certificate (`CA:TRUE`)"),
            (other("EndEntityUsedAsCa"), "its issuer is not a CA (`CA:FALSE`)"),
            (other("UnsupportedCertVersion"), "version 1 or 2"),
            (other("MaximumPathDepthExceeded"), "it is not a valid certificate"),
            (Cause::Expired, "it has expired; check this machine's clock"),
            (Cause::ExpiredContext { time, not_after }, "it expired on 2023-11-14"),
            (Cause::ExpiredContext { time, not_after: at(u64::MAX) }, "it expired on an unknown date"),
            (Cause::NotValidYet, "it is not valid yet"),
            (Cause::NotValidYetContext { time, not_before }, "it is not valid before 2030-03-17"),
            (Cause::NotValidForName, "it is not for `localhost`; use a name from the certificate"),
            (for_names(many), "it is for `a.example`, `192.0.2.1`, `b`, `c` and 1 more, not for `localhost`"),
            (for_names(vec!["DnsName(\"a\u{1b}[2J\")".to_owned()]), "it is for `a␛[2J`, not for `localhost`"),
            (for_names(Vec::new()), "it is for no name, not for `localhost`; give the app a certificate with a `sub"),
            (Cause::Revoked, "its issuer revoked it"),
            (Cause::UnknownRevocationStatus, "its revocation status is unknown"),
            (Cause::BadEncoding, "it is malformed"),
            (Cause::InvalidPurpose, "it is not for servers"),
            (Cause::UnhandledCriticalExtension, "a critical extension that hookglass does not know"),
            (Cause::ApplicationVerificationFailure, "it is not a valid certificate"),
        ]
    }

    const LOCAL: Peer = Peer { is_loopback: true, is_insecure_asked: false };

    #[test]
    fn an_option_that_fits_the_address_is_named() {
        let error = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        for (is_loopback, is_insecure_asked, end) in [
            (true, false, ", or add `--insecure`, which accepts any certificate of an app on this machine"),
            (false, false, "add `--ca FILE` with the certificate to trust"),
            (false, true, "; `--insecure` applies only to apps at a loopback address"),
        ] {
            let text = explained("app:443", "app", Peer { is_loopback, is_insecure_asked }, &error);
            assert!(text.ends_with(end) && text.contains("`--ca FILE`"), "{text}");
        }
    }

    #[test]
    fn every_untrusted_certificate_is_explained() {
        for (error, part) in certificate_errors() {
            let text = explained("localhost:4443", "localhost", LOCAL, &Error::InvalidCertificate(error.clone()));
            assert!(text.starts_with("certificate of `localhost:4443` not trusted: "), "{text}");
            assert!(text.contains(part), "{error:?}: {text}");
            assert!(!text.contains(&format!("{error:?}")), "{text}");
        }
    }

    #[test]
    fn other_failures_are_explained() {
        for (error, part) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "start the URL with `http://`"),
            (Error::NoCertificatesPresented, "sent no certificate"),
            (
                Error::AlertReceived(AlertDescription::HandshakeFailure),
                "it shares no TLS version or cipher suite with hookglass",
            ),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "hookglass has none"),
            (Error::AlertReceived(AlertDescription::UnrecognisedName), "it does not know the host `localhost`"),
            (Error::AlertReceived(AlertDescription::DecodeError), "it sent TLS alert 50"),
            (Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), "enable TLS 1.2 or 1.3"),
            (Error::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec), "violates the TLS protocol"),
            (
                Error::InappropriateMessage { expect_types: Vec::new(), got_type: ContentType::Heartbeat },
                "violates the TLS protocol",
            ),
            (Error::FailedToGetCurrentTime, "cannot read this machine's clock"),
            (
                Error::InvalidCertRevocationList(CertRevocationListError::BadSignature),
                "TLS with `localhost:4443` failed;",
            ),
        ] {
            let text = explained("localhost:4443", "localhost", LOCAL, &error);
            assert!(text.contains("`localhost:4443`") && text.contains(part), "{error:?}: {text}");
        }
    }
}
