//! Reading the history, also while it grows: all of it into an index, the feed to the screen, readers that continue from the store, single
//! events, what should have arrived, timelines, and deliveries by other processes.

pub(crate) mod context;
pub mod feed;
pub mod follower;
pub(crate) mod happened;
pub(crate) mod load;
pub mod other_writers;
pub mod shared_reader;
pub(crate) mod timeline;
