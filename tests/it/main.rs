//! Tests of the library and the binary from outside, in one test binary.

#![allow(clippy::unwrap_used)] // a test that cannot go on says so by panicking

mod diagnosis;
mod durability;
mod export;
mod listener;
mod signatures;
mod signing;
mod store;
mod support;
