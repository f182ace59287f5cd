//! A panic in any thread restores the terminal and prints its message on the main screen.

use crate::support::sandbox::Sandbox;
use crate::support::terminal::Terminal;
use hookglass::tui::terminal::{Entered, panicked};

const WHERE: &str = "HOOKGLASS_TEST_PANICS_IN";

/// Runs [`the_program_that_panics`] in a terminal, by starting this test binary again.
fn panic_in(place: &str) -> Terminal {
    let sandbox = Sandbox::new().with(WHERE, place);
    let filter = "terminal::panicking::the_program_that_panics";
    let program = std::env::current_exe().unwrap();
    let command = sandbox.in_terminal(program, &["--ignored", "--exact", "--nocapture", filter]);
    let mut terminal = Terminal::start(command, 40, 140);
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    assert!(terminal.seen(|seen| memchr::memmem::find(&seen.output, b"\x1b[?1049h").is_some()));
    terminal.assert_given_back();
    terminal
}

#[test]
fn a_panic_on_the_screens_thread_restores_the_terminal() {
    panic_in("screen").wait_for("it went wrong");
}

#[test]
fn a_panic_on_another_thread_restores_the_terminal() {
    panic_in("thread").wait_for("the screen heard: thread `worker`");
}

#[test]
fn a_panic_in_a_task_restores_the_terminal() {
    panic_in("task").wait_for("the screen heard: ");
}

#[test]
#[ignore = "run by the tests above"]
fn the_program_that_panics() {
    let Ok(place) = std::env::var(WHERE) else {
        eprintln!("skipped: `{WHERE}` is not set");
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let entered = Entered::enter(true).unwrap();
        let go_wrong = || panic!("it went wrong");
        match place.as_str() {
            "screen" => go_wrong(),
            "task" => drop(tokio::spawn(async move { go_wrong() })),
            _ => drop(std::thread::Builder::new().name("worker".to_owned()).spawn(go_wrong).unwrap()),
        }
        let said = panicked().await;
        drop(entered);
        panic!("the screen heard: {said}");
    });
}
