//! `hookglass export` and `hookglass import`: events as files of other tools.

mod export;
mod import;

pub(super) use export::run as export;
pub(super) use import::run as import;
