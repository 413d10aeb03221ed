//! Accounts from their creation to their end.

mod creating;
mod dids;
mod names;
mod renaming;
mod states;

use crate::{
    accounts::SignUp,
    auth::testing::{events, kinds},
    error::Error,
    pds::Pds,
    store::Account,
    testing::{account, pds, with_alice},
};

fn sign_up(handle: &str) -> SignUp {
    SignUp::new(handle.parse().unwrap())
}

async fn refusal(pds: &Pds, wanted: SignUp) -> (u16, String) {
    let error: Error = pds.create_account(wanted).await.unwrap_err();
    (error.status().as_u16(), error.name().to_owned())
}

async fn stored(pds: &Pds, account: &Account) -> Account {
    pds.account(&account.did.clone().into()).await.unwrap().unwrap()
}
