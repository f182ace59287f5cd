//! Reading the history while it grows: the feed to the screen, readers that continue from the store, single events, and
//! deliveries by other processes.

pub(crate) mod context;
pub mod feed;
pub mod follower;
pub mod other_writers;
pub mod shared_reader;
