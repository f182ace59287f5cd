//! Errors as text for the user.

use std::error::Error;

/// The error and its causes, outermost first, on one line: `cannot read `x`: permission denied`.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
