//! Whatever comes over the stream of events is read and verified, or refused; what is read and can be written is the same
//! when it is read again.
#![no_main]

use std::sync::LazyLock;

use arobase_runtime::{
    crypto::PublicKey,
    sync::{Event, Message, Stamp, verify},
};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    let key = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
    PublicKey::from_did_key(key).expect("the key is one")
});

fn check(event: &Event) {
    match event {
        Event::Commit(commit) => {
            // The operations are looked into whoever signed the commit.
            if let Ok(candidate) = verify::open(commit) {
                let _ = candidate.check_ops();
            }
            let _ = verify::commit(commit, &KEY);
            if let Some(op) = commit.ops.first() {
                let _ = verify::record_proof(&commit.blocks, &commit.did, &op.path, &KEY);
            }
        }
        Event::Sync(sync) => drop(verify::sync(sync, &KEY)),
        _ => {}
    }
}

fuzz_target!(|input: &[u8]| {
    let Ok(Message { seq, time, event }) = Message::from_frame(&input.to_vec().into()) else { return };
    check(&event);
    if let (Some(seq), Some(time)) = (seq, time)
        && let Ok(written) = event.to_frame(&Stamp { seq, time })
    {
        assert_eq!(Event::from_frame(&written).expect("what was written can be read"), event);
    }
});
