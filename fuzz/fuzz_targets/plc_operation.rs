//! Whatever comes as an operation of did:plc, or as a whole log, is read or refused; what is read is the same when it is
//! read again, in both forms.
#![no_main]

use arobase_runtime::identity::plc::{Operation, audit, parse_audit_log};
use libfuzzer_sys::fuzz_target;

fn check(operation: &Operation) {
    let (json, cbor) = (operation.to_json(), operation.to_cbor());
    assert!(cbor.len() <= Operation::MAX_BYTES);
    assert_eq!(Operation::from_json(&json).as_ref(), Ok(operation));
    assert_eq!(Operation::from_cbor(&cbor).as_ref(), Ok(operation));
    let _ = operation.check_new();
    if let Some(data) = operation.content().data() {
        let _ = operation.signer(&data.rotation_keys);
        if let Some(did) = operation.did() {
            let _ = data.document(&did);
        }
    }
}

fuzz_target!(|input: &[u8]| {
    if let Ok(operation) = Operation::from_json(input) {
        check(&operation);
    }
    if let Ok(operation) = Operation::from_cbor(input) {
        check(&operation);
        // DAG-CBOR has one form.
        assert_eq!(operation.to_cbor(), input);
    }
    if let Ok(entries) = parse_audit_log(input)
        && let Some(first) = entries.first()
    {
        let _ = audit(&first.did, &entries);
    }
});
