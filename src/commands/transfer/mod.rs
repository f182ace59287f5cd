//! `hookglass export`: events as files for other tools.

mod export;
mod watched;

pub(super) use export::run as export;
