//! A panic in any thread leaves the terminal whole and says what happened, on the main screen.
//!
//! No program of ours panics when asked to. So this one does, in a terminal that it opens itself, which is why it has a `main` of its
//! own: with [`PANIC_IN`] it is the program that panics, and otherwise the tests.

#![allow(clippy::unwrap_used)] // a test that cannot go on says so by panicking

#[cfg(unix)]
#[path = "../it/support"]
#[allow(dead_code)] // shared with the tests that need all of it
mod support {
    pub mod patience;
    pub mod sandbox;
    pub mod terminal;
}

#[cfg(not(unix))]
fn main() {
    eprintln!("skipped: terminals are opened on Unix alone");
}

#[cfg(unix)]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [PANIC_IN, place] = &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return panic_in(place);
    }
    // What runs tests may ask for their names, and then for some of them.
    let is_listing = arguments.iter().any(|argument| argument == "--list");
    let filters: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    for (name, place, said) in CASES {
        if is_listing {
            println!("{name}: test");
        } else if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            assert_printed_on_the_main_screen(place, said);
            println!("test {name} ... ok");
        }
    }
}

#[cfg(unix)]
const PANIC_IN: &str = "panic-in";

/// The name of a test, where the program panics, and what is said afterwards.
#[cfg(unix)]
const CASES: [(&str, &str, &str); 3] = [
    ("on_the_screens_own_thread", "screen", "it went wrong"),
    ("on_another_thread", "thread", "the screen heard: thread `worker`"),
    ("in_a_task_beside_the_screen", "task", "the screen heard: "),
];

#[cfg(unix)]
fn assert_printed_on_the_main_screen(place: &str, said: &str) {
    let sandbox = support::sandbox::Sandbox::new();
    let command = sandbox.in_terminal(std::env::current_exe().unwrap(), &[PANIC_IN, place]);
    let mut terminal = support::terminal::Terminal::start(command, 40, 140);
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    assert!(terminal.seen(|seen| memchr::memmem::find(&seen.output, b"\x1b[?1049h").is_some()));
    terminal.assert_given_back();
    assert!(terminal.text().contains(said), "{}", terminal.text());
}

/// Enters the screen and panics in `place`.
#[cfg(unix)]
fn panic_in(place: &str) {
    use hookglass::tui::terminal::{Entered, panicked};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let entered = Entered::enter(true).unwrap();
        let go_wrong = || panic!("it went wrong");
        match place {
            "screen" => go_wrong(),
            "task" => drop(tokio::spawn(async move { go_wrong() })),
            "thread" => drop(std::thread::Builder::new().name("worker".to_owned()).spawn(go_wrong).unwrap()),
            other => panic!("no such place: `{other}`"),
        }
        let said = panicked().await;
        drop(entered);
        panic!("the screen heard: {said}");
    });
}
