//! A server without stubs leaves methods out.

use lexgen_compile_tests::fixtures::no_stubs::com::example::Server;

struct App;

impl Server for App {}
