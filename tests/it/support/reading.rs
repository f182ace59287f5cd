//! Screens that show only a payload, and their rows.

use super::screen::Screen;
use super::story;
use hookglass::tui::layout::regions;

/// A screen that shows only the payload `body`.
pub fn reading(size: (u16, u16), body: impl Into<Vec<u8>>) -> Screen {
    let head = b"POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n";
    let mut screen = Screen::showing(size, vec![story::event(1, story::now(), head, body.into())]);
    screen.press("Enter z");
    screen
}

/// The rows of the payload, without empty ones.
pub fn rows(screen: &Screen) -> Vec<String> {
    let area = regions(&screen.model).detail_text().unwrap();
    let (top, height) = (usize::from(area.y), usize::from(area.height));
    screen.text().lines().skip(top).take(height).map(str::to_owned).filter(|row| !row.is_empty()).collect()
}

/// The rule above the footer, where the path stands.
pub fn foot(screen: &Screen) -> String {
    let text = screen.text();
    text.lines().rev().nth(1).unwrap().to_owned()
}
