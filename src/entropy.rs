//! The operating system's random bytes.

use crate::core::random::Random;

/// The operating system's source of random bytes, which nobody can predict.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_ids_are_the_same() {
        assert_ne!(SystemRandom.event_id(), SystemRandom.event_id());
    }
}
