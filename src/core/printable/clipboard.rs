//! Text for the clipboard: it may be pasted into a shell, where controls act.

/// `bytes` without control characters but LF and TAB, CR LF as LF, no LF at the end; what is not UTF-8 as U+FFFD.
/// Line ends stay, so the caller can warn of several lines.
pub fn clipboard_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(
            chunk.valid().chars().filter(|character| matches!(character, '\n' | '\t') || !character.is_control()),
        );
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}
