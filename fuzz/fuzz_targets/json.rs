//! Bodies laid out in lines, and their envelopes: `cargo fuzz run -s none json`.
//!
//! Nothing panics, and pretty-printing changes white space alone: it lays out to the same lines.

#![no_main]

use bytes::Bytes;
use hookglass::core::envelope;
use hookglass::core::json::{Document, Form};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    envelope::read(bytes);
    let document = Document::new(Bytes::copy_from_slice(bytes));
    let lines = lines(&document);
    for line in 0..document.line_count() {
        document.path(line);
        document.value(line);
        document.fold_around(line);
        if let Some(fold) = document.fold(line) {
            assert!(fold.first == line && fold.last > line && fold.children > 0);
        }
    }
    for offset in 0..bytes.len() {
        assert!(document.line_at(offset).is_some_and(|line| line < document.line_count()));
    }
    if document.form() == &Form::Json {
        let pretty = Document::new(Bytes::from(document.pretty()));
        assert_eq!(pretty.form(), &Form::Json);
        assert_eq!(self::lines(&pretty), lines);
    }
});

fn lines(document: &Document) -> Vec<Vec<u8>> {
    let line = |line: usize| document.line(line).segments().flat_map(|(_, bytes)| bytes.to_vec()).collect();
    (0..document.line_count()).map(line).collect()
}
