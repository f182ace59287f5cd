//! Deliveries to `https` targets, with certificates made for these tests.

use super::*;
use crate::client::tls::with_roots;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const CERTIFICATE: &[u8] = include_bytes!("../../../tests/it/cases/localhost-certificate.pem");
/// A CA certificate, as `openssl req -x509` makes it.
const AUTHORITY: &[u8] = include_bytes!("../../../tests/it/cases/localhost-authority.pem");
/// A certificate for other names.
const ELSEWHERE: &[u8] = include_bytes!("../../../tests/it/cases/elsewhere-certificate.pem");
/// The key of all three.
const KEY: &[u8] = include_bytes!("../../../tests/it/cases/localhost-key.pem");

async fn tls_server(certificate: &[u8]) -> (SocketAddr, JoinHandle<Option<Vec<u8>>>) {
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    server(|stream| async move {
        let stream = tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await.ok()?;
        Some(reply(stream, b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok").await)
    })
    .await
}

fn trusting(certificate: &[u8]) -> Client {
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
            "it was not issued by an authority that this machine trusts; use `http://` for a local app",
        ),
        (
            AUTHORITY,
            AUTHORITY,
            "it is a CA certificate (`CA:TRUE`), as self-signed ones often are, not one for a server; use",
        ),
        (
            ELSEWHERE,
            ELSEWHERE,
            "it is for `elsewhere.example`, `192.0.2.1`, not for `127.0.0.1`; use a name from the certificate",
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
