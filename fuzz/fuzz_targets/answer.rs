//! The text of an answer, understood and written: `cargo fuzz run -s none answer`.
//!
//! Errors point into the text, and what is understood is written so that it reads back the same.

#![no_main]

use hookglass::core::overrides::{Override, MAX_WAIT};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match text.parse::<Override>() {
    Ok(setting) => {
        assert!(setting.directive.delays.delay <= MAX_WAIT && setting.directive.delays.slow <= MAX_WAIT);
        assert_eq!(setting.to_string().parse(), Ok(setting));
    }
    Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.column)),
});
