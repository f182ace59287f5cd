//! How requests reach the app: the headers that the user adds, and the certificates that are trusted.

use super::ConfigError;
use super::file::Layer;
use super::reading::{self, MAX_TEXT, Source};
use crate::core::delivery::{CustomHeader, CustomHeaders};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::{Path, PathBuf};

/// The user's settings for requests to the app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    pub headers: CustomHeaders,
    /// Whether an app at a loopback address may have any certificate.
    pub is_insecure: bool,
    /// The file with certificates that are trusted besides the system's.
    pub ca: Option<PathBuf>,
}

impl Access {
    /// Flags win over the file.
    ///
    /// # Errors
    /// When a header is not one that can be added.
    pub fn merge(flags: Layer, file: &Layer) -> Result<Self, ConfigError> {
        let name = if flags.headers.is_some() { "--header" } else { "headers" };
        let Layer { headers, insecure, ca, .. } = flags.over(file.clone());
        let read = |text: String| CustomHeader::parse(&text).map_err(|why| ConfigError::Header { name, why });
        let headers = headers.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { headers: CustomHeaders::new(headers), is_insecure: insecure.unwrap_or_default(), ca })
    }

    /// Reads the certificates in the file.
    ///
    /// # Errors
    /// When the file cannot be read, has no certificate, or has one that TLS cannot use.
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
        self.ca.as_deref().map_or_else(|| Ok(Vec::new()), certificates)
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let source = Source::FileOrStream(&|_| ());
    let read = reading::read(path, source, MAX_TEXT);
    let bytes = read.map_err(|source| ConfigError::CaFile { path: path.to_owned(), source })?.bytes;
    let invalid = |why| ConfigError::Certificate { path: path.to_owned(), why };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|_| invalid("it is not PEM text"))?;
    if found.is_empty() {
        return Err(invalid("it has no `-----BEGIN CERTIFICATE-----`"));
    }
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|_| invalid("it has a certificate that cannot be read"))?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_win_over_the_file_and_a_wrong_header_is_reported_with_its_origin() {
        let layer =
            |header: &str| Layer { headers: Some(vec![header.to_owned()]), insecure: Some(true), ..Layer::default() };
        let access = Access::merge(layer("a: 1"), &layer("b: 2")).unwrap();
        assert_eq!(access.headers, CustomHeaders::new(vec![CustomHeader::parse("a: 1").unwrap()]));
        assert!(access.is_insecure);
        for (flags, file, name) in [
            (layer("hunter2"), Layer::default(), "`--header`"),
            (Layer::default(), layer("Content-Length: 2"), "`headers`"),
        ] {
            let error = Access::merge(flags, &file).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (text, why) in [
            ("", "it has no `-----BEGIN"),
            ("hello", "it has no `-----BEGIN"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "it is not PEM text"),
            (broken, "it has a certificate that cannot be read"),
        ] {
            std::fs::write(&path, text).unwrap();
            let access = Access { ca: Some(path.clone()), ..Access::default() };
            let error = access.certificates().unwrap_err().to_string();
            assert!(error.contains(why), "{text:?}: {error}");
        }
        let missing = Access { ca: Some(folder.path().join("none")), ..Access::default() };
        assert!(matches!(missing.certificates(), Err(ConfigError::CaFile { .. })));
        assert_eq!(Access::default().certificates().unwrap(), Vec::new());
    }
}
