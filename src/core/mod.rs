//! The rules of hookglass: how to read, verify, diagnose, show and re-deliver a request.
//!
//! Everything here depends only on its arguments: no files, network, environment, clock or screen.

pub mod annotation;
pub mod catalog;
pub mod check;
pub mod compression;
pub mod coverage;
pub mod delivery;
pub mod diagnosis;
pub mod diff;
pub mod doctor;
pub mod dot_env;
pub mod edit;
pub mod envelope;
pub mod errors;
pub mod event;
pub mod export;
pub mod filter;
pub mod find;
pub mod form;
pub mod glob;
pub mod hex;
pub mod hint;
pub mod import;
pub mod index;
pub mod json;
pub mod logout;
pub(crate) mod nearest;
pub mod numbers;
pub mod overrides;
pub mod pasted;
pub mod printable;
pub mod provider;
pub mod random;
pub mod redact;
pub mod refusals;
pub mod rehearsal;
pub mod reply;
pub mod request;
pub mod response;
pub mod secret_saving;
pub mod signature;
pub mod times;
pub mod tunnel;
pub mod whole;
