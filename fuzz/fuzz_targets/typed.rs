//! What is typed to say where, how fast and when to send: `cargo fuzz run -s none typed`.
//!
//! Whatever is understood is within its limits and is written so that it reads back the same.

#![no_main]

use hookglass::config::unix_milliseconds;
use hookglass::core::delivery::{MAX_PARALLEL, MAX_SPEED, Pace, RetryPlan, Route, Target, spacing_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(target) = Target::parse(text) {
        assert!(target.port() != 0 && target.path().starts_with('/') && !target.host().is_empty());
        assert_eq!(Target::parse(&target.to_string()).as_ref(), Ok(&target));
        if let Ok(other) = target.with_path(text.as_bytes()) {
            assert_eq!((other.address(), other.is_https()), (target.address(), target.is_https()));
            assert!(other.path().starts_with('/'));
        }
    }
    if let Ok(route) = Route::parse(text) {
        route.takes(Some(text));
        assert_eq!(Route::parse(&route.to_string()).as_ref(), Ok(&route));
    }
    if let Ok(pace) = text.parse::<Pace>() {
        assert!((1..=MAX_PARALLEL).contains(&pace.parallel) && pace.times > 0);
        let again: Pace = pace.to_string().parse().expect("a pace is written as it is typed");
        assert_eq!((again.parallel, again.times), (pace.parallel, pace.times));
        assert_eq!(again.spacing.is_zero(), pace.spacing.is_zero());
    }
    if let Ok(spacing) = spacing_of(text) {
        assert!((0.001..=1000.0).contains(&spacing.as_secs_f64()));
    }
    if let Ok(plan) = text.parse::<RetryPlan>() {
        assert!((1..=MAX_SPEED).contains(&plan.speed));
        assert_eq!(format!("{} {}", plan.schedule.name, plan.speed).parse(), Ok(plan));
    }
    if let Ok(milliseconds) = unix_milliseconds(text) {
        let seconds = format!(
            "{}{}.{:03}",
            if milliseconds < 0 { "-" } else { "" },
            milliseconds.unsigned_abs() / 1000,
            milliseconds.unsigned_abs() % 1000
        );
        assert_eq!(unix_milliseconds(&seconds), Ok(milliseconds));
    }
});
