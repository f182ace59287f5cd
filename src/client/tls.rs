//! TLS for `https` targets: the settings, made on first use, and the handshake.

mod refusal;
mod verifier;

use crate::client::{Limits, failure};
use crate::core::delivery::{Failure, FailureKind, Target};
use crate::core::times::in_words;
pub(in crate::client) use refusal::Peer;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
#[cfg(test)]
pub(in crate::client) use verifier::with_roots;

/// Which certificates of apps are trusted. The settings are made on first use, on another thread: reading the system's certificates takes
/// tens of milliseconds.
#[derive(Default)]
pub(crate) struct Trust {
    /// Trusted besides those of the system.
    named: Vec<CertificateDer<'static>>,
    /// Whether an app on this machine may have any certificate.
    is_insecure: bool,
    checking: OnceCell<Arc<ClientConfig>>,
    insecure: OnceCell<Arc<ClientConfig>>,
}

impl Trust {
    pub fn new(named: Vec<CertificateDer<'static>>, is_insecure: bool) -> Self {
        Self { named, is_insecure, ..Self::default() }
    }

    #[cfg(test)]
    pub fn of(config: Arc<ClientConfig>) -> Self {
        Self { checking: OnceCell::new_with(Some(config)), ..Self::default() }
    }

    /// The settings for a connection to `peer`. Only at a loopback address may a certificate stay unchecked.
    pub(in crate::client) async fn config(&self, peer: Peer) -> Result<Arc<ClientConfig>, String> {
        if self.is_insecure && peer.is_loopback {
            let make = || async { verifier::accepting_any().map(Arc::new).map_err(|error| error.to_string()) };
            return self.insecure.get_or_try_init(make).await.cloned();
        }
        let make = || async {
            let named = self.named.clone();
            let made = tokio::task::spawn_blocking(move || from_system(named)).await;
            made.unwrap_or_else(|error| Err(format!("the thread that reads the certificates failed: {error}")))
        };
        self.checking.get_or_try_init(make).await.cloned()
    }
}

fn from_system(named: Vec<CertificateDer<'static>>) -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 && named.is_empty() {
        let cause = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(format!("no trusted certificates found on this system{cause}"));
    }
    let config = if named.is_empty() {
        verifier::with_roots(roots).map_err(|error| error.to_string())
    } else {
        verifier::trusting(roots, named).map_err(|error| error.to_string())
    };
    config.map(Arc::new)
}

/// Performs the TLS handshake on `stream`, and checks that the certificate is for the target's host.
pub(crate) async fn handshake(
    trust: &Trust,
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
    let is_loopback = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
    let peer = Peer { is_loopback, is_insecure_asked: trust.is_insecure };
    let config = trust.config(peer).await;
    let config =
        config.map_err(|cause| failure(FailureKind::Tls, format!("cannot use TLS with `{address}`: {cause}")))?;
    match timeout_at(deadline, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => {
            let (kind, text) = refusal::refusal(target, peer, &error);
            Err(failure(kind, text))
        }
        Err(_) => {
            let text = format!("`{address}` did not finish the TLS handshake within {}", in_words(limits.whole));
            Err(failure(FailureKind::TimedOut, text))
        }
    }
}
