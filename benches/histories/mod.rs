//! What the events of a large history hold: ids and texts of the length and kind that Scalekit's events have.

use jiff::Timestamp;

pub const EVENTS: u64 = 1_100_000;

const TYPES: [&str; 12] = [
    "user.login",
    "user.logout",
    "user.signup",
    "user.organization_membership_created",
    "organization.created",
    "organization.updated",
    "organization.directory.user_created",
    "organization.directory.user_updated",
    "organization.directory.user_deleted",
    "organization.directory.group_updated",
    "organization.sso_created",
    "role.updated",
];
const NAMES: [&str; 8] = ["ada", "grace.hopper", "jane", "k.johnson", "linus", "margaret", "radia.perlman", "sophie"];
const ORGANIZATIONS: u64 = 500;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The texts of event `number`, from 1. The same number always gives the same texts.
pub struct Texts {
    pub webhook_id: String,
    pub event_id: String,
    pub event_type: &'static str,
    pub organization_id: String,
    pub subject: String,
    pub received_at: Timestamp,
}

impl Texts {
    pub fn new(number: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(number);
        let id: String = (0..27).map(|_| char::from(ALPHABET[random.usize(..62)])).collect();
        let domain = ["example.com", "mail.example.net", "example.org"][random.usize(..3)];
        let name = NAMES[random.usize(..NAMES.len())];
        Self {
            webhook_id: format!("msg_{id}"),
            event_id: format!("evt_{}", 64_737_250_000_000_000 + number * 1_021),
            event_type: TYPES[random.usize(..TYPES.len())],
            organization_id: format!("org_{}", 58_345_499_215_790_610 + random.u64(..ORGANIZATIONS)),
            subject: format!("{name}{}@{domain}", random.u32(..10_000)),
            received_at: Timestamp::from_microsecond(1_790_000_000_000_000 + number.cast_signed() * 1_234_567)
                .unwrap_or_default(),
        }
    }
}
