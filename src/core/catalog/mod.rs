//! What hookglass knows about Scalekit's event types.

mod samples;

pub use samples::{Life, SAMPLES, Sample, SampleFacts};
