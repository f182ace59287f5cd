//! Readers that follow the history: what the screen is told as it happens, what is read on from the store, what other processes write.

pub mod feed;
pub mod follower;
pub mod other_writers;
