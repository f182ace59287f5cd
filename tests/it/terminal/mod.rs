//! The program on a real terminal, as a user runs it.

mod appearance;
mod copying;
mod delivering;
mod editing;
mod hostile;
mod leaving;
mod overriding;
mod printing;
mod programs;
mod receiving;
mod rehearsing;
mod saving;
mod suspending;
