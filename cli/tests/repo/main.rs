//! The command, as people run it.

mod diff;
mod export_records;
mod general;
mod get;
mod hostile;
mod inspect;
mod ls;
mod run;
mod sample;
mod verify;
