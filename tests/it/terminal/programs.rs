//! The pager, and commands that the body is piped to.

use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use std::fs;

const BYTES: &[u8] = b"{\"a\":\"\xff\x00\x1b[31m\"}\r\n";

#[test]
fn a_command_gets_the_exact_bytes_on_its_standard_input_and_no_secret() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    Webhook { body: BYTES, ..Webhook::default() }.send(screen.address);
    screen.wait_for("1 Payload");
    screen.type_keys("|");
    screen.wait_for("Pipe the body of event 1 to");
    screen.type_keys("cat > got; env > env; printf 'a\\033[2Jb'; echo oops >&2; exit 3\r");
    screen.wait_for("oops");
    screen.wait_for("exit status: 3");
    assert!(!screen.text().contains("running"), "{}", screen.text());
    let read = |name: &str| fs::read(sandbox.folder().join(name)).unwrap();
    assert_eq!(read("got"), BYTES);
    let env = String::from_utf8(read("env")).unwrap();
    assert!(env.contains("PATH=") && !env.contains("SCALEKIT"), "{env}");
    // What it printed is shown as foreign text.
    screen.wait_for("a␛[2Jb");
    screen.type_keys("\x1b");
    screen.wait_until_gone("oops");
    screen.type_keys("|");
    screen.wait_for("cat > got");
    screen.type_keys("true\r");
    screen.wait_for("true · Esc closes");
    screen.wait_for("empty");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.quit();
}

#[test]
fn endless_output_is_cut_and_an_interrupt_ends_the_command() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    Webhook::default().send(screen.address);
    screen.wait_for("1 Payload");
    screen.type_keys("|yes\r");
    screen.wait_for("ended: it wrote more than 1 MiB");
    screen.type_keys("\x1b");
    screen.wait_until_gone("1 MiB");
    let fifo = sandbox.folder().join("fifo");
    // The command opens the pipe for reading, which ends once nobody can write to it.
    screen.type_keys("|mkfifo fifo; (sleep 1000; true) < fifo & echo x > fifo; wait\r");
    screen.wait_for("Ctrl-c or Esc ends it");
    Webhook { id: "msg_other", ..Webhook::default() }.send(screen.address);
    screen.wait_for("2 events");
    screen.type_keys("\x03");
    screen.wait_for("ended `mkfifo");
    assert!(fifo.exists());
    screen.type_keys("|no-such-command-at-all\r");
    screen.wait_for("exit status: 127");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.quit();
}

#[test]
fn the_pager_shows_the_text_of_the_tab_and_gives_the_terminal_back() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("pager.sh", "cat > paged; echo in the pager; read answer < /dev/tty\n");
    let sandbox = sandbox.with("PAGER", &format!("sh {path}"));
    let screen = sandbox.open(&[]);
    Webhook { body: BYTES, ..Webhook::default() }.send(screen.address);
    screen.wait_for("1 Payload");
    let read = || String::from_utf8(fs::read(sandbox.folder().join("paged")).unwrap()).unwrap();
    for (count, (tab, part)) in (1..).zip([("", "{\"a\":\""), ("2", "webhook-id"), ("5", "7b 22 61 22")]) {
        screen.type_keys(&format!("{tab}o"));
        screen.wait_until("the pager", |seen| seen.text().matches("in the pager").count() == count);
        assert!(!screen.is_raw());
        let text = read();
        assert!(text.contains(part) && !text.contains('\u{1b}'), "{text}");
        screen.type_keys("\r");
        screen.wait_for("1 Payload");
        screen.wait_until_gone("in the pager");
    }
    screen.quit();

    let sandbox = sandbox.with("PAGER", "no-such-pager");
    let screen = sandbox.open(&[]);
    screen.wait_for("1 Payload");
    screen.wait_for("7b 22 61 22");
    screen.type_keys("o");
    screen.wait_for("set `PAGER` to another one");
    screen.quit();
}
