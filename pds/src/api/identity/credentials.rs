//! What the DID of the caller should say.

use arobase::{
    Context,
    com::atproto::identity::get_recommended_did_credentials::Output,
    data::{Map, Value},
    syntax::DidMethod,
};

use crate::{
    accounts::find,
    auth::{self, STANDARD},
    error::Error,
    pds::Pds,
};

pub(super) async fn recommended(pds: &Pds, cx: &Context) -> Result<Output, Error> {
    let (did, _) = auth::account(cx, STANDARD)?;
    let who = did.clone().into();
    let account = pds.inner.db.read(move |view| find(view, &who)).await?;
    let data = pds.inner.genesis(account.handle.as_ref(), &*pds.inner.signer_of(&account)?, None)?;
    let services = data.services.into_iter().map(|(name, service)| {
        let service: Map = [("type", service.kind), ("endpoint", service.endpoint)].into_iter().collect();
        (name, Value::Map(service))
    });
    Ok(Output {
        rotation_keys: (did.check_method() == Ok(DidMethod::Plc)).then_some(data.rotation_keys),
        also_known_as: Some(data.also_known_as),
        verification_methods: Some(data.verification_methods.into_iter().collect::<Map>().into()),
        services: Some(services.collect::<Map>().into()),
        ..Output::default()
    })
}
