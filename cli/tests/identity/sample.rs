//! A did:plc with a history.

use arobase::{
    crypto::{Curve, Signer, SigningKey},
    identity::plc::{Content, Operation, PlcData},
    syntax::Did,
};

/// The history of an account: a genesis, an update that a stronger key undid, and what it put there.
pub(crate) struct Sample {
    pub(crate) did: Did,
    /// The operations in order, each with its time and whether it was undone.
    pub(crate) operations: Vec<(Operation, String, bool)>,
}

fn key(curve: Curve, number: u8) -> SigningKey {
    SigningKey::from_bytes(curve, &[number; 32]).unwrap()
}

impl Sample {
    pub(crate) fn new() -> Self {
        let (strong, weak) = (key(Curve::K256, 1), key(Curve::P256, 2));
        let name = |key: &SigningKey| key.public_key().to_did_key();
        let data = PlcData::account(
            vec![name(&strong), name(&weak)],
            name(&key(Curve::K256, 3)),
            "alice.example.com",
            "https://pds.example.com",
        );
        let genesis = Content::genesis(data.clone()).sign(&strong).unwrap();
        let update = |handle: &str, signer: &SigningKey| {
            let mut data = data.clone();
            data.set_handle(handle);
            Content::Update { data, prev: Some(genesis.cid()) }.sign(signer).unwrap()
        };
        let (undone, last) = (update("thief.example.com", &weak), update("bob.example.com", &strong));
        let did = genesis.did().unwrap();
        let operations = [(genesis, false), (undone, true), (last, false)].into_iter().enumerate();
        let operations = operations
            .map(|(day, (operation, is_undone))| (operation, format!("2026-01-0{}T12:00:00.000Z", day + 1), is_undone));
        Self { did, operations: operations.collect() }
    }

    /// With the DID given up.
    pub(crate) fn given_up() -> Self {
        let mut sample = Self::new();
        let prev = sample.operations[2].0.cid();
        let tombstone = Content::Tombstone { prev }.sign(&key(Curve::P256, 2)).unwrap();
        sample.operations.push((tombstone, "2026-01-04T12:00:00.000Z".to_owned(), false));
        sample
    }

    /// The answer of `/log/audit`.
    pub(crate) fn log(&self) -> serde_json::Value {
        let entry = |(operation, created_at, nullified): &(Operation, String, bool)| {
            let json: serde_json::Value = serde_json::from_slice(&operation.to_json()).unwrap();
            serde_json::json!({
                "did": self.did.as_str(),
                "operation": json,
                "cid": operation.cid().to_string(),
                "nullified": nullified,
                "createdAt": created_at,
            })
        };
        self.operations.iter().map(entry).collect()
    }
}
