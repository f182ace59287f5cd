//! `send` and `replay`: what the app gets, what is printed and what is stored.

mod broken;
mod engine;
mod events;
mod fitted;
mod pace;
mod retries;
mod samples;
mod sources;

use crate::support::sandbox::Sandbox;
use crate::support::webhook::{Webhook, body_of};
use hookglass::core::delivery::Delivery;
use hookglass::store::Reader;

/// Three verified events: `user.login`, `user.signup`, `role.created`; and a forged one.
fn with_history() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    for (number, event_type) in ["user.login", "user.signup", "role.created"].into_iter().enumerate() {
        let (body, id) = (body_of(event_type, &format!("evt_{}", number + 1)), format!("msg_{}", number + 1));
        assert_eq!(Webhook { body: &body, id: &id, ..Webhook::default() }.send(listening.address).status, 201);
    }
    let forged = Webhook { secret: "whsec_b3RoZXI=", id: "msg_4", ..Webhook::default() };
    assert_eq!(forged.send(listening.address).status, 401);
    assert!(listening.stop().success());
    sandbox
}

fn deliveries(sandbox: &Sandbox, seq: u64) -> Vec<Delivery> {
    Reader::open(&sandbox.data().join("events.db")).unwrap().deliveries(seq, usize::MAX).unwrap()
}
