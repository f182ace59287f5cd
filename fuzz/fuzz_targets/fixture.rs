//! Fixtures, read and written: `cargo fuzz run -s none fixture`.
//!
//! Whatever is read is written so that it reads back the same.

#![no_main]

use hookglass::core::export::Fixture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(fixture) = Fixture::read(text) else { return };
    assert_eq!(Fixture::read(&fixture.write()).ok().as_ref(), Some(&fixture));
});
