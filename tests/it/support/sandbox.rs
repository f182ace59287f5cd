//! The program as a user would run it: in a home, a working folder and an environment of its own.

use super::patience::PATIENCE;
use super::terminal::Terminal;
use portable_pty::CommandBuilder;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hookglass");
pub const SECRET: &str = "whsec_c2VjcmV0LWtleS1mb3ItdGhlLXRlc3Rz";
pub const SECRET_VARIABLE: &str = "SCALEKIT_WEBHOOK_SECRET";

pub struct Sandbox {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    /// Without any secret.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "work"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let home = folder.path().join("home").to_str().unwrap().to_owned();
        let variables = [
            ("PATH", std::env::var("PATH").unwrap()),
            ("HOME", home.clone()),
            ("XDG_DATA_HOME", format!("{home}/data")),
            ("TERM", "xterm-256color".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            // Nothing listens there: the tests find no tunnel of this machine.
            ("NGROK_WEB_ADDR", "127.0.0.1:9".to_owned()),
        ];
        Self { folder, variables: variables.map(|(name, value)| (name.to_owned(), value)).to_vec() }
    }

    /// With [`SECRET`] in the environment.
    pub fn new() -> Self {
        Self::bare().with(SECRET_VARIABLE, SECRET)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder that the program runs in.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Writes a file in that folder; gives its path as an argument.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.folder().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The folder of the history and of what was copied to files.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("home/data/hookglass")
    }

    /// The screen on a port of its own, 40 lines of 140 columns.
    pub fn open(&self, arguments: &[&str]) -> Screen {
        self.open_sized(arguments, 40, 140)
    }

    pub fn open_sized(&self, arguments: &[&str], rows: u16, columns: u16) -> Screen {
        let terminal = self.terminal(&[&["--port", "0"], arguments].concat(), rows, columns);
        let title = "hookglass  ● 127.0.0.1:";
        terminal.wait_for(title);
        let text = terminal.text();
        let after = &text[text.find(title).unwrap() + title.len()..];
        let port = after.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        Screen { terminal, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// The program in a terminal, whatever it does there.
    pub fn terminal(&self, arguments: &[&str], rows: u16, columns: u16) -> Terminal {
        Terminal::start(self.in_terminal(PROGRAM, arguments), rows, columns)
    }

    pub fn in_terminal(&self, program: impl AsRef<Path>, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(program.as_ref());
        command.env_clear();
        command.args(arguments);
        command.cwd(self.folder());
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }

    /// The program without a terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(PROGRAM, arguments)
    }

    /// Another program, without a terminal.
    pub fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        Ran { code: status.code(), stdout, stderr: String::from_utf8(stderr).unwrap() }
    }

    /// Listens without a screen on a port of its own.
    pub fn listen(&self, arguments: &[&str]) -> Listening {
        Listening::start(self.command(&[&["--headless", "--port", "0"], arguments].concat()))
    }
}

/// The screen and where it listens.
pub struct Screen {
    pub terminal: Terminal,
    pub address: SocketAddr,
}

impl std::ops::Deref for Screen {
    type Target = Terminal;

    fn deref(&self) -> &Terminal {
        &self.terminal
    }
}

impl Screen {
    /// Quits by the key and checks that all is well; gives all that the program has written.
    #[track_caller]
    pub fn quit(mut self) -> Vec<u8> {
        self.type_keys("q");
        assert_eq!(self.terminal.wait_for_end().exit_code(), 0);
        self.assert_given_back();
        self.seen(|seen| seen.output.clone())
    }
}

/// A program that ran to its end.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }
}

/// `hookglass --headless`, its lines read as they come.
pub struct Listening {
    pub address: SocketAddr,
    /// The line that named the address.
    pub first: String,
    child: Child,
    lines: Receiver<String>,
    talk: Receiver<String>,
}

impl Listening {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let talk = lines_of(child.stderr.take().unwrap());
        let Ok(first) = lines.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("the program did not listen: {:?}", talk.iter().collect::<Vec<_>>());
        };
        Self { address: address_in(&first), first, child, lines, talk }
    }

    #[track_caller]
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line of the listener")
    }

    /// The next line on stderr.
    #[track_caller]
    pub fn talk(&self) -> String {
        self.talk.recv_timeout(PATIENCE).expect("a line of the listener's talk")
    }

    pub fn process(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// All lines on stderr that have not been read, once it has ended.
    pub fn rest_of_talk(&self) -> Vec<String> {
        self.talk.iter().collect()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.process(), signal).unwrap();
    }

    /// Asks it to end and waits.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(rustix::process::Signal::TERM);
        self.wait()
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in a line such as `listening on http://127.0.0.1:3000`.
pub fn address_in(line: &str) -> SocketAddr {
    let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("no address in {line:?}"));
    address.trim_end_matches(['"', '}', '\r', '\n']).parse().unwrap()
}

fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
