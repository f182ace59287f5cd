//! The arguments of `doctor`.

use super::values::number;
use super::{SecretArgs, StoreArgs};
use clap::Args;

#[derive(Args)]
pub struct DoctorArgs {
    /// Port of the listener [default: 3000]
    #[arg(long, value_parser = number(0, u16::MAX))]
    pub port: Option<u16>,
    /// Public URL of the listener [default: ask ngrok or cloudflared]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Send one GET request to the public URL, to see whether it comes back
    #[arg(long)]
    pub reach: bool,
    /// Print one JSON object per check
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}
