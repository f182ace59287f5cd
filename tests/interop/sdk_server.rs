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
pub struct Response {
    pub accepts: bool,
    pub text: String,
}

impl SdkServer {
    /// The server of `sdk`, if `tests/interop/run` has installed it.
    pub fn start(sdk: Sdk) -> Option<Self> {
        let process = Process::start(&mut script(sdk, "server")?);
        let address = address_of(&process);
        Some(Self { sdk, address, process })
    }

    /// Sends the bytes of a request and gives the SDK's verdict on it.
    pub fn ask(&self, wire: &[u8]) -> Response {
        let answer = http::ask(self.address, wire);
        assert!(matches!(answer.status, 200 | 400), "{}: {answer:?} {}", self.sdk, self.process.errors());
        Response { accepts: answer.status == 200, text: answer.body }
    }

    /// A URL on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Runs a script of `sdk`'s language, with the SDK at hand, if `tests/interop/run` has installed it.
pub fn script(sdk: Sdk, name: &str) -> Option<Command> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");
    Some(match sdk {
        Sdk::Node => {
            let mut command = Command::new("node");
            command.arg(format!("{folder}/node/{name}.mjs")).arg(std::env::var_os("HOOKGLASS_INTEROP_NODE")?);
            command
        }
        Sdk::Python => {
            let environment = std::env::var("HOOKGLASS_INTEROP_PYTHON").ok()?;
            let mut command = Command::new(format!("{environment}/bin/python"));
            command.arg(format!("{folder}/python/{name}.py"));
            command
        }
        Sdk::Go | Sdk::Java => return None,
    })
}

/// Where a script listens: the port is the first thing that it prints.
pub fn address_of(process: &Process) -> SocketAddr {
    let port = process.line().and_then(|line| line.parse().ok());
    let port: u16 = port.unwrap_or_else(|| panic!("the server does not start: {}", process.errors()));
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
