//! Events are sent on as they come: to whom, in which order, whose answer the sender gets, and what happens when an app misbehaves.

mod bytes;
mod faults;
mod killed;
mod order;
mod program;
mod responses;
mod routes;
mod safety;
mod stored;
mod through;
