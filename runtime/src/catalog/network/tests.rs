//! A network of authorities on this machine: names in memory, a PLC directory and hosts of repositories over HTTP.

mod catalog;
mod resolution;
mod world;
