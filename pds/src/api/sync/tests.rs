//! Over real sockets.

mod blobs;
mod exports;
mod history;
mod reading;
mod seats;
mod streams;
mod world;
