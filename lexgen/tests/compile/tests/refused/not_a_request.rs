//! A call of something that is no method.

use lexgen_compile_tests::{
    arobase::{Client, client::Call},
    fixtures::record::com::example::Note,
};

fn call(client: &Client, note: Note) {
    drop(Call::new(client, note, ()));
}
