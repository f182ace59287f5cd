//! The arguments that fit requests to the app.

use crate::config::Layer;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
#[command(next_help_heading = "Requests to your app")]
pub struct AccessArgs {
    /// Header to add to requests to your app, e.g. 'Host: app.test' (repeatable)
    ///
    /// It replaces the headers of its name. Other users of this machine can read command lines.
    /// So put a token into the key `headers` of the configuration file. hookglass never shows or
    /// stores the value, except that of `Host`.
    #[arg(long = "header", value_name = "NAME: VALUE", hide_short_help = true, verbatim_doc_comment)]
    pub headers: Vec<String>,
    /// Accept any certificate from an app at a loopback address
    #[arg(long, hide_short_help = true)]
    pub insecure: bool,
    /// PEM file with certificates to trust besides the system's
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub ca: Option<PathBuf>,
}

impl AccessArgs {
    /// The values of the flags, for `Access::merge`.
    pub fn layer(&self) -> Layer {
        Layer {
            headers: (!self.headers.is_empty()).then(|| self.headers.clone()),
            insecure: self.insecure.then_some(true),
            ca: self.ca.clone(),
            ..Layer::default()
        }
    }
}
