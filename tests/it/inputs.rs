//! Paths that are not files, and files that others can change. No input hangs the program, and each problem is reported once.

use crate::support::sandbox::{Ran, SECRET, SECRET_VARIABLE, Sandbox};
use crate::support::webhook::Webhook;
use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success(), "{made}");
}

/// Things other than a readable file that a path can name, and the message about each.
type Odd = (fn(&Path), &'static str);

const ODD: [Odd; 6] = [
    (|path| std::fs::create_dir(path).unwrap(), "it is a folder, not a file"),
    (make_pipe, "it is a pipe, not a file"),
    (|path| symlink("/dev/zero", path).unwrap(), "it is a device, not a file"),
    (|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()), "No such device or address"),
    (|path| File::create(path).unwrap().set_len(10 << 30).unwrap(), "it is larger than 1 MiB"),
    (|path| std::fs::write(path, vec![b'x'; 100 << 20]).unwrap(), "it is larger than 1 MiB"),
];

#[track_caller]
fn assert_reported_once(ran: &Ran, what: &str) {
    let of_the_file = ran.stderr.lines().filter(|line| line.contains("./.env")).collect::<Vec<_>>();
    assert!(of_the_file.len() == 1 && of_the_file[0].contains(what), "{what}: {ran:?}");
}

#[test]
fn a_dot_env_that_is_not_a_file_is_reported_once_and_ignored() {
    let dangling: Odd = (|path| symlink("nowhere", path).unwrap(), "No such file or directory");
    let looping: Odd = (|path| symlink(".env", path).unwrap(), "Too many levels");
    for (make, what) in ODD.into_iter().chain([dangling, looping]) {
        let sandbox = Sandbox::new();
        make(&sandbox.folder().join(".env"));
        let ran = sandbox.run(&["send", "user.signup", "--to", "1"]);
        assert_reported_once(&ran, &format!("cannot read `./.env`: {what}"));
        assert_eq!(ran.code, Some(1), "the program must go on: {ran:?}");
        let listening = sandbox.listen(&[]);
        assert!(listening.talk().contains(what));
        assert_eq!(Webhook::default().send(listening.address).status, 201);
    }
}

#[test]
fn an_unreadable_dot_env_is_reported() {
    let sandbox = Sandbox::new();
    let path = sandbox.file(".env", "A=b\n");
    std::fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        eprintln!("skipped: this user may read every file");
        return;
    }
    assert_reported_once(&sandbox.run(&["events"]), "Permission denied");
}

#[test]
fn valid_lines_of_a_dot_env_are_used() {
    for before in [&b"\xff\xfe broken\n"[1..], b"\xef\xbb\xbf", b"a\0b\n\0\n"] {
        let sandbox = Sandbox::bare();
        sandbox.file(".env", [before, format!("{SECRET_VARIABLE}={SECRET}\n").as_bytes()].concat());
        let listening = sandbox.listen(&[]);
        assert_eq!(Webhook::default().send(listening.address).status, 201);
        assert!(listening.line().contains("verified"));
    }
}

#[test]
fn a_configuration_path_that_is_not_a_file_is_refused() {
    let sandbox = Sandbox::new();
    let usual = Sandbox::new();
    let folder = usual.folder().join("../home/.config/hookglass");
    std::fs::create_dir_all(&folder).unwrap();
    for (place, (make, what)) in ODD.into_iter().enumerate() {
        let path = folder.join("config.toml");
        make(&path);
        let ran = usual.run(&["events"]);
        assert!(ran.code == Some(2) && ran.stderr.contains(what), "{what}: {ran:?}");
        if path.is_dir() {
            std::fs::remove_dir(&path).unwrap()
        } else {
            std::fs::remove_file(&path).unwrap()
        }
        // A file named by a flag may be a pipe, so another process writes to this one.
        if what.contains("pipe") {
            continue;
        }
        let path = sandbox.folder().join(format!("odd{place}"));
        make(&path);
        let ran = sandbox.run(&["events", "--config", path.to_str().unwrap()]);
        let what = if what.contains("device, not") { "it is larger than 1 MiB" } else { what };
        assert!(ran.code == Some(2) && ran.stderr.contains(what), "{what}: {ran:?}");
    }
}

#[test]
fn command_arguments_that_are_not_files_are_refused() {
    let sandbox = Sandbox::new();
    let headers = sandbox.file("headers", "a: b\n");
    let path = sandbox.folder().join("odd");
    let odd = path.to_str().unwrap();
    for (make, what) in ODD.into_iter().filter(|(_, what)| !what.contains("pipe")) {
        make(&path);
        let what = if what.contains("larger") || what.contains("device, not") { "it is larger than" } else { what };
        let texts: [&[&str]; 3] = [
            &["verify", "--headers", odd, "--body", &headers],
            &["--headless", "--port", "0", "--known-secret-file", odd],
            &["events", "--config", odd],
        ];
        let bodies: [&[&str]; 4] = [
            &["verify", odd],
            &["verify", "--headers", &headers, "--body", odd],
            &["send", odd, "--to", "1"],
            &["rehearse", "--to", "1", "--event", odd],
        ];
        // A fixture may have up to 100 MB.
        let is_fixture = path.metadata().is_ok_and(|metadata| metadata.len() == 100 << 20);
        for arguments in texts.into_iter().chain(bodies).take(if is_fixture { 3 } else { 7 }) {
            let ran = sandbox.run(arguments);
            let is_said = ran.stderr.contains(what) || ran.stderr.contains("so it is not a signing secret");
            assert!(ran.code == Some(2) && is_said, "{arguments:?}: {ran:?}");
        }
        if path.is_dir() { std::fs::remove_dir(&path).unwrap() } else { std::fs::remove_file(&path).unwrap() }
    }
}

#[test]
fn a_secret_can_be_read_from_a_pipe() {
    let sandbox = Sandbox::bare();
    let script = format!(
        "exec {} verify --secret-file <(echo {SECRET}) --headers <(echo a: b) --body <(echo)",
        crate::support::sandbox::PROGRAM
    );
    let Ok(output) = sandbox.command_of("bash", &["-c", &script]).output() else {
        eprintln!("skipped: `bash` is not installed");
        return;
    };
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.starts_with(b"unsigned") && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn waiting_for_a_named_pipe_is_reported() {
    let sandbox = Sandbox::bare();
    let path = sandbox.folder().join("pipe");
    make_pipe(&path);
    let mut child = sandbox.command(&["send", "user.signup", "--to", "1", "--secret-file", "pipe"]).spawn().unwrap();
    let mut talk = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut talk, &mut line).unwrap();
    assert_eq!(line, "hookglass: waiting for data from the pipe `pipe`; press Ctrl-C to stop\n");
    std::fs::write(&path, SECRET).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "the program must go on, although nothing listens there");
}

#[test]
fn files_that_others_can_change_are_reported_with_a_fix() {
    let sandbox = Sandbox::bare();
    let secret = sandbox.file("secret", SECRET);
    let config = sandbox.file("config.toml", format!("secret_files = [\"{secret}\"]\n"));
    let dot_env = sandbox.file(".env", "A=b\n");
    let run = || sandbox.run(&["send", "user.signup", "--to", "1", "--config", &config]);
    assert!(!run().stderr.contains("change"), "{:?}", run());
    for path in [&secret, &config, &dot_env] {
        std::fs::set_permissions(path, Permissions::from_mode(0o666)).unwrap();
        let name = if path == &dot_env { "./.env" } else { path };
        let line = format!("hookglass: everyone on this machine can change `{name}`; run `chmod o-w {name}`");
        assert_eq!(run().stderr.lines().filter(|said| *said == line).count(), 1, "{:?}", run());
        if chown(path, Some(12_345), None).is_err() {
            eprintln!("skipped: only root can give a file away");
            continue;
        }
        assert!(run().stderr.contains(&format!("`{name}` belongs to another user (uid 12345)")), "{:?}", run());
    }
}

#[test]
fn listening_on_every_address_causes_a_warning() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--bind", "0.0.0.0"]);
    assert!(listening.talk().contains("anyone who can reach this machine can post events, but read none; use `--bind"));
    drop(listening);
    let screen = sandbox.terminal(&["--bind", "0.0.0.0", "--port", "0"], 40, 140);
    screen.wait_for("anyone who can reach this machine can post events, but read none");
    screen.type_keys("q");
}
