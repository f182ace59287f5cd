//! Too little room of a kind other than a full disk: said for what it is, and over once there is room.

use crate::support::http::{Client, post};
use crate::support::sandbox::{Listening, PROGRAM, Sandbox};
use rustix::process::{Resource, Rlimit, prlimit};

#[test]
fn a_file_size_limit_is_named_and_goes_on_once_it_is_raised() {
    let sandbox = Sandbox::new();
    // 4096 blocks of 512 bytes, or of 1024 in shells that count so.
    let script = "ulimit -S -f 4096; exec \"$0\" --headless --port 0";
    let mut listening = Listening::start(sandbox.command_of("/bin/sh", &["-c", script, PROGRAM]));
    let mut client = Client::connect(listening.address);
    let mut ask = || {
        client.send(&post("", &[b'x'; 500_000]));
        client.answer()
    };
    let mut stored = 0;
    let refused = loop {
        let answer = ask();
        if answer.status != 401 {
            break answer;
        }
        stored += 1;
        assert!(stored < 20, "the limit was not met");
    };
    assert_eq!((refused.status, &refused.body[..]), (507, "the history file has reached the file size limit\n"));
    assert!(listening.talk().contains("refused with 507: the history file has reached the file size limit"));
    let limit = Rlimit { current: None, maximum: None };
    prlimit(Some(listening.process()), Resource::Fsize, limit).unwrap();
    assert_eq!(ask().status, 401, "there is room again");
    assert!(listening.stop().success());
    let listed = sandbox.run(&["events"]);
    assert_eq!(listed.text().lines().count(), stored + 1);
}
