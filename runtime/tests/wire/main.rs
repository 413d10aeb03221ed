//! Methods of lexicons that are loaded at run time, between clients and servers: what each makes of
//! the other, and of others who keep the protocol less well.
#![cfg(all(feature = "catalog", feature = "reqwest", feature = "server", feature = "websocket"))]

mod answers;
mod calls;
mod logs;
mod sessions;
mod streams;
mod subscribers;
mod support;
