//! Configuration files: `cargo fuzz run -s none config`.
//!
//! What is understood is within its limits; what is not is named with a line that the file has.

#![no_main]

use hookglass::config::{ConfigError, Layer};
use hookglass::core::delivery::MAX_PARALLEL;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    match Layer::parse(text, Path::new("/folder/config.toml")) {
        Ok(layer) => {
            assert!(layer.forward_parallel.is_none_or(|parallel| parallel.get() <= MAX_PARALLEL));
            assert!(layer.db.iter().chain(layer.secret_files.iter().flatten()).all(|path| path.is_absolute()));
            assert_eq!(layer.clone().over(Layer::default()), layer);
        }
        Err(ConfigError::Key { line, why, .. }) => {
            assert!((1..=text.matches('\n').count() + 1).contains(&line));
            assert!(!why.is_empty() && !why.contains('\n'));
        }
        Err(other) => panic!("{other:?}"),
    }
});
