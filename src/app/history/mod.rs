//! Readers that follow the history: the feed to the screen, readers that continue from the store, and deliveries by
//! other processes.

pub mod feed;
pub mod follower;
pub mod other_writers;
