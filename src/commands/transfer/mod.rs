//! `hookglass export` and `hookglass import`: events as files of other tools.

mod export;
mod import;
mod watched;

pub(super) use export::run as export;
pub(super) use import::run as import;
