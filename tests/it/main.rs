//! The one integration test binary.

mod signatures;
