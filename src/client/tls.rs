//! TLS for `https` targets: the settings, made on first use, and the handshake.

mod refusal;

use crate::client::{Limits, failure};
use crate::core::delivery::{Failure, FailureKind, Target};
use crate::core::times::in_words;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The settings, made on first use on another thread: reading the system's certificates takes tens of milliseconds.
pub async fn config(cell: &OnceCell<Arc<ClientConfig>>, target: &Target) -> Result<Arc<ClientConfig>, Failure> {
    let make = || async {
        let made = tokio::task::spawn_blocking(from_system).await;
        made.unwrap_or_else(|error| Err(format!("the thread that reads the certificates failed: {error}")))
    };
    let because = |cause| failure(FailureKind::Tls, format!("cannot use TLS with `{}`: {cause}", target.address()));
    cell.get_or_try_init(make).await.cloned().map_err(because)
}

fn from_system() -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let cause = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(format!("no trusted certificates found on this system{cause}"));
    }
    with_roots(roots).map(Arc::new).map_err(|error| error.to_string())
}

/// Settings that trust `roots` and offer HTTP/1.1 only.
pub(crate) fn with_roots(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Performs the TLS handshake on `stream`, and checks that the certificate is for the target's host.
pub(crate) async fn handshake(
    config: Arc<ClientConfig>,
    target: &Target,
    stream: TcpStream,
    limits: Limits,
    deadline: Instant,
) -> Result<TlsStream<TcpStream>, Failure> {
    let address = target.address();
    let name = ServerName::try_from(target.host().to_owned()).map_err(|_| {
        failure(
            FailureKind::Tls,
            format!("cannot use TLS with `{address}`: a certificate cannot contain this host name"),
        )
    })?;
    match timeout_at(deadline, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => {
            let (kind, text) = refusal::refusal(target, &error);
            Err(failure(kind, text))
        }
        Err(_) => {
            let text = format!("`{address}` did not finish the TLS handshake within {}", in_words(limits.whole));
            Err(failure(FailureKind::TimedOut, text))
        }
    }
}
