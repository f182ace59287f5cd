//! Deliveries to `https` targets, with certificates made for these tests.

use super::*;
use crate::client::tls::{Peer, Trust, with_roots};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(super) const CERTIFICATE: &[u8] = include_bytes!("../../../tests/it/cases/localhost-certificate.pem");
/// A CA certificate, as `openssl req -x509` makes it.
const AUTHORITY: &[u8] = include_bytes!("../../../tests/it/cases/localhost-authority.pem");
/// A certificate for other names.
const ELSEWHERE: &[u8] = include_bytes!("../../../tests/it/cases/elsewhere-certificate.pem");
/// The key of all three.
const KEY: &[u8] = include_bytes!("../../../tests/it/cases/localhost-key.pem");

pub(super) fn tls_acceptor(certificate: &[u8]) -> tokio_rustls::TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config).into()
}

async fn tls_server(certificate: &[u8]) -> (SocketAddr, JoinHandle<Option<Vec<u8>>>) {
    let acceptor = tls_acceptor(certificate);
    server(|stream| async move {
        let stream = acceptor.accept(stream).await.ok()?;
        Some(reply(stream, b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok").await)
    })
    .await
}

pub(super) fn trusting(certificate: &[u8]) -> Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate).unwrap()).unwrap();
    Client::with_tls(Limits::default(), Arc::new(with_roots(roots).unwrap()))
}

#[tokio::test]
async fn https_reaches_a_trusted_server() {
    for host in ["localhost", "127.0.0.1"] {
        let (address, served) = tls_server(CERTIFICATE).await;
        let target = Target::parse(&format!("https://{host}:{}/a", address.port())).unwrap();
        let response = trusting(CERTIFICATE).deliver(&target, &simple()).await.outcome.unwrap();
        assert_eq!((response.status, &response.body[..]), (201, &b"ok"[..]));
        assert!(served.await.unwrap().unwrap().starts_with(b"POST /a HTTP/1.1\r\nhost: "));
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_ends_the_delivery() {
    let (address, served) = tls_server(CERTIFICATE).await;
    let target = Target::parse(&format!("https://{address}")).unwrap();
    let (kind, text) = failed(client().deliver(&target, &simple()).await);
    assert_eq!(kind, FailureKind::Tls);
    let no_roots = "cannot use TLS with";
    assert!(
        text.starts_with(&format!("certificate of `{address}` not trusted: ")) || text.starts_with(no_roots),
        "{text}"
    );
    assert_eq!(served.await.unwrap(), None);
}

#[tokio::test]
async fn an_untrusted_certificate_is_explained() {
    for (served, trusted, part) in [
        (
            CERTIFICATE,
            ELSEWHERE,
            "it was not issued by an authority that this machine trusts; add `--ca FILE` with the certificate to trust, or add `--insecure`,",
        ),
        (
            AUTHORITY,
            AUTHORITY,
            "it is a CA certificate (`CA:TRUE`), as self-signed ones often are, not one for a server; add `--ca",
        ),
        (
            ELSEWHERE,
            ELSEWHERE,
            "it is for `elsewhere.example`, `192.0.2.1`, not for `127.0.0.1`; use a name from the certificate in the URL, or add `--insecure`,",
        ),
    ] {
        let (address, ended) = tls_server(served).await;
        let target = Target::parse(&format!("https://{address}")).unwrap();
        let (kind, text) = failed(trusting(trusted).deliver(&target, &simple()).await);
        assert_eq!(kind, FailureKind::Tls, "{text}");
        assert!(text.starts_with(&format!("certificate of `{address}` not trusted: {part}")), "{text}");
        assert_eq!(ended.await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_server_without_tls_is_recognised() {
    let (address, _served) = server(|mut stream| async move {
        stream.read_exact(&mut [0; 5]).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
    })
    .await;
    let target = Target::parse(&format!("https://{address}")).unwrap();
    let text = format!("`{address}` does not speak TLS: start the URL with `http://`");
    assert_eq!(failed(trusting(CERTIFICATE).deliver(&target, &simple()).await), (FailureKind::Tls, text));
    let (address, _served) = server(|mut stream| async move { drop(stream.read(&mut [0; 1]).await) }).await;
    let target = Target::parse(&format!("https://{address}")).unwrap();
    let (kind, text) = failed(trusting(CERTIFICATE).deliver(&target, &simple()).await);
    assert_eq!(kind, FailureKind::Reset, "{text}");
}

#[tokio::test]
async fn a_tls_server_is_recognised_by_its_first_bytes() {
    for is_reset in [false, true] {
        let address = broken_off(b"\x15\x03", is_reset).await;
        let (kind, text) = failed(client().deliver(&target(address), &simple()).await);
        let expected = format!("`{address}` speaks TLS: start the URL with `https://`");
        assert_eq!((kind, text), (FailureKind::Garbled, expected), "{is_reset}");
    }
}

fn named(certificates: &[&[u8]], is_insecure: bool) -> Client {
    let named = certificates.iter().map(|pem| CertificateDer::from_pem_slice(pem).unwrap()).collect();
    Client::with(Limits::default(), CustomHeaders::default(), Trust::new(named, is_insecure))
}

#[tokio::test]
async fn a_certificate_that_the_user_names_is_trusted_even_if_it_is_self_signed() {
    for (served, trusted, host, is_accepted) in [
        (CERTIFICATE, CERTIFICATE, "localhost", true),
        // `openssl req -x509` makes a CA certificate, which no server should have.
        (AUTHORITY, AUTHORITY, "127.0.0.1", true),
        (AUTHORITY, CERTIFICATE, "127.0.0.1", false),
        (ELSEWHERE, ELSEWHERE, "127.0.0.1", false),
    ] {
        let (address, _served) = tls_server(served).await;
        let target = Target::parse(&format!("https://{host}:{}/", address.port())).unwrap();
        let outcome = named(&[trusted], false).deliver(&target, &simple()).await.outcome;
        assert_eq!(outcome.is_ok(), is_accepted, "{outcome:?}");
    }
}

#[tokio::test]
async fn an_insecure_client_accepts_any_certificate_of_this_machine() {
    for served in [CERTIFICATE, AUTHORITY, ELSEWHERE] {
        let (address, _served) = tls_server(served).await;
        let target = Target::parse(&format!("https://localhost:{}/", address.port())).unwrap();
        let response = named(&[], true).deliver(&target, &simple()).await.outcome.unwrap();
        assert_eq!(response.status, 201);
    }
}

#[tokio::test]
async fn an_insecure_client_checks_the_certificates_of_other_machines() {
    let away = Peer { is_loopback: false, is_insecure_asked: true };
    let here = Peer { is_loopback: true, ..away };
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let trust = Trust::new(vec![certificate], true);
    let [checking, accepting] = [trust.config(away).await.unwrap(), trust.config(here).await.unwrap()];
    let verifies = |config: &rustls::ClientConfig| format!("{config:?}").contains("AcceptAny");
    assert_eq!([verifies(&checking), verifies(&accepting)], [false, true]);
}
