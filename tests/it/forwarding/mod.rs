//! Forwarding: the targets, the order, the response to the sender, and apps that misbehave.

mod bytes;
mod faults;
mod killed;
mod order;
mod program;
mod responses;
mod resuming;
mod routes;
mod safety;
mod stored;
mod through;
