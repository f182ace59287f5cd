//! A server in front of a real SDK that answers with its verdict.

use crate::http;
use crate::process::Process;
use hookglass::core::signature::Sdk;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

pub struct SdkServer {
    pub sdk: Sdk,
    pub address: SocketAddr,
    process: Process,
}

/// What the SDK said, and in which words.
pub struct Answer {
    pub accepts: bool,
    pub text: String,
}

impl SdkServer {
    /// The server of `sdk`, if `tests/interop/run` has installed it.
    pub fn start(sdk: Sdk) -> Option<Self> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");
        let mut command = match sdk {
            Sdk::Node => {
                let mut command = Command::new("node");
                command.arg(format!("{folder}/node/server.mjs")).arg(std::env::var_os("HOOKGLASS_INTEROP_NODE")?);
                command
            }
            Sdk::Python => {
                let environment = std::env::var("HOOKGLASS_INTEROP_PYTHON").ok()?;
                let mut command = Command::new(format!("{environment}/bin/python"));
                command.arg(format!("{folder}/python/server.py"));
                command
            }
            Sdk::Go | Sdk::Java => return None,
        };
        let process = Process::start(&mut command);
        let port = process.line().and_then(|line| line.parse().ok());
        let port = port.unwrap_or_else(|| panic!("the {sdk} server does not start: {}", process.errors()));
        Some(Self { sdk, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), process })
    }

    /// Sends the bytes of a request and gives the SDK's verdict on it.
    pub fn ask(&self, wire: &[u8]) -> Answer {
        let answer = http::ask(self.address, wire);
        assert!(matches!(answer.status, 200 | 400), "{}: {answer:?} {}", self.sdk, self.process.errors());
        Answer { accepts: answer.status == 200, text: answer.body }
    }

    /// A URL on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
