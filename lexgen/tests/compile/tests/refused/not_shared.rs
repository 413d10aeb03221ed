//! A server that threads cannot share.

use std::cell::Cell;

use lexgen_compile_tests::fixtures::no_client::com::example::Server;

struct App(Cell<u8>);

impl Server for App {}
