//! The program on a terminal, as a person uses it.

mod answering;
mod appearance;
mod copying;
mod delivering;
mod editing;
mod hostile;
mod leaving;
mod panicking;
mod printing;
mod receiving;
mod rehearsing;
mod suspending;
