//! Renders the moving pictures of the README and the guide from the real program in a real terminal.
//!
//! ```text
//! cargo test --test pictures                # writes assets/first-minute.svg and docs/pictures/story.svg
//! cargo test --test pictures -- FOLDER      # writes both to FOLDER
//! ```
//!
//! It needs the ports 3000 and 4000, because the picture shows them. The program has its own home directory. Run it after the screen has
//! changed, look at the picture in a browser, and commit it. It is not part of `cargo test`.

#![allow(clippy::unwrap_used)] // a script that cannot go on says so by panicking

#[cfg(unix)]
mod film;
#[cfg(unix)]
mod story;
#[cfg(unix)]
mod svg;

#[cfg(unix)]
#[path = "../it/support"]
#[allow(dead_code)] // shared with the tests that need all of it
mod support {
    pub mod http;
    pub mod patience;
    pub mod recorder;
    pub mod sandbox;
    pub mod terminal;
}

/// The largest picture that a page should load, in bytes.
#[cfg(unix)]
const MAX_SIZE: usize = 2 << 20;

#[cfg(not(unix))]
fn main() {
    eprintln!("skipped: only supported on Unix");
}

#[cfg(unix)]
fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let places = [("assets", "first-minute.svg"), ("docs/pictures", "story.svg")];
    for (own_folder, name) in places {
        let film = if own_folder == "assets" { story::first_minute() } else { story::investigation() };
        let svg = svg::render(&film);
        assert!(svg.len() <= MAX_SIZE, "{} bytes are too many for a page", svg.len());
        let folder = folder.clone().unwrap_or_else(|| format!("{}/{own_folder}", env!("CARGO_MANIFEST_DIR")));
        std::fs::write(format!("{folder}/{name}"), &svg).unwrap();
        println!("{folder}/{name}: {} frames, {:.0} s, {} bytes", film.frames.len(), film.length_s(), svg.len());
    }
}
