//! What is known of the provider's event types.

mod samples;

pub use samples::{Life, SAMPLES, Sample, SampleFacts};
