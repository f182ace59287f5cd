//! A stand-in for ngrok's agent, which serves what the documented interface serves.

use super::recorder::{read, reply};
use hookglass::app::tunnel::Agents;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// What it does with a request.
#[derive(Clone)]
pub enum Says {
    Body(String),
    /// The body of the first path that the target begins with. No body is silence; without such a path, it is 404.
    ByPath(Vec<(&'static str, Option<String>)>),
    Status(u16),
    /// Nothing, and the connection stays open.
    Nothing,
}

pub struct Agent {
    pub address: SocketAddr,
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Agent {
    pub fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (says, asked) = (Arc::new(Mutex::new(says)), Arc::new(Mutex::new(Vec::new())));
        let (current, paths) = (says.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&mut stream) else { continue };
                let target = String::from_utf8_lossy(request.head.target()).into_owned();
                let says = match current.lock().unwrap().clone() {
                    Says::ByPath(paths) => match paths.into_iter().find(|(path, _)| target.starts_with(path)) {
                        Some((_, body)) => body.map_or(Says::Nothing, Says::Body),
                        None => Says::Status(404),
                    },
                    says => says,
                };
                paths.lock().unwrap().push(target);
                match says {
                    Says::Body(body) => drop(reply(&mut stream, 200, &body)),
                    Says::Status(status) => drop(reply(&mut stream, status, "<html>")),
                    Says::Nothing | Says::ByPath(_) => silent.push(stream),
                }
            }
        });
        Self { address, says, asked }
    }

    pub fn say(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// The targets of the requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub fn agents(&self) -> Agents {
        Agents::new(Some(&self.address.to_string())).unwrap()
    }
}

/// A list with one tunnel, `command_line`.
pub fn tunnels(url: &str, port: u16) -> Says {
    Says::Body(tunnel_list(url, port))
}

pub fn tunnel_list(url: &str, port: u16) -> String {
    format!(
        r#"{{"tunnels":[{{"name":"command_line","uri":"/api/tunnels/command_line","public_url":"{url}","proto":"https","config":{{"addr":"http://localhost:{port}","inspect":true}},"metrics":{{}}}}],"uri":"/api/tunnels"}}"#
    )
}
