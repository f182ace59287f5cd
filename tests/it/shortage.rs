//! A file size limit is reported as such. hookglass stores events again once the limit is raised.

use crate::support::http::{Client, post};
use crate::support::sandbox::{Listening, PROGRAM, Sandbox};
use rustix::process::{Resource, Rlimit, prlimit};

#[test]
fn a_file_size_limit_is_named_and_events_are_stored_again_once_it_is_raised() {
    let sandbox = Sandbox::new();
    // 4096 blocks of 512 bytes, or of 1024 bytes in some shells.
    let script = "ulimit -S -f 4096; exec \"$0\" --headless --port 0";
    let mut listening = Listening::start(sandbox.command_of("/bin/sh", &["-c", script, PROGRAM]));
    let mut client = Client::connect(listening.address);
    let mut post_large = || {
        client.send(&post("", &[b'x'; 500_000]));
        client.answer()
    };
    let mut stored = 0;
    let refused = loop {
        let answer = post_large();
        if answer.status != 401 {
            break answer;
        }
        stored += 1;
        assert!(stored < 20, "the limit was not reached");
    };
    assert_eq!((refused.status, &refused.body[..]), (507, "the history file has reached the file size limit\n"));
    assert!(listening.talk().contains("refused with 507: the history file has reached the file size limit"));
    let limit = Rlimit { current: None, maximum: None };
    prlimit(Some(listening.process()), Resource::Fsize, limit).unwrap();
    assert_eq!(post_large().status, 401, "there is room again");
    assert!(listening.stop().success());
    let listed = sandbox.run(&["events"]);
    assert_eq!(listed.text().lines().count(), stored + 1);
}
