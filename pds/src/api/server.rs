//! `com.atproto.server`.

mod describe;
mod service_auth;
mod session;
mod sign_up;
mod status;
#[cfg(test)]
mod tests;

use arobase::{
    Context, Failure,
    com::atproto::server::{
        ActivateAccount, CheckAccountStatus, CreateAccount, CreateSession, DeactivateAccount, DeleteSession,
        DescribeServer, GetServiceAuth, GetSession, RefreshSession, Server, check_account_status, create_account,
        create_session, delete_session, describe_server, get_service_auth, get_session, refresh_session,
    },
};

use super::answer;
use crate::pds::Pds;

impl Server for Pds {
    async fn describe_server(&self, _: Context, _: DescribeServer) -> Result<describe_server::Output, Failure> {
        Ok(describe::output(self.settings()))
    }

    async fn create_account(
        &self,
        cx: Context,
        input: CreateAccount,
    ) -> Result<create_account::Output, Failure<create_account::Error>> {
        answer(sign_up::create(self, &cx, input).await)
    }

    async fn create_session(
        &self,
        _: Context,
        input: CreateSession,
    ) -> Result<create_session::Output, Failure<create_session::Error>> {
        answer(session::create(self, input).await)
    }

    async fn refresh_session(
        &self,
        cx: Context,
        _: RefreshSession,
    ) -> Result<refresh_session::Output, Failure<refresh_session::Error>> {
        answer(session::refresh(self, &cx).await)
    }

    async fn delete_session(&self, cx: Context, _: DeleteSession) -> Result<(), Failure<delete_session::Error>> {
        answer(session::delete(self, &cx).await)
    }

    async fn get_session(&self, cx: Context, _: GetSession) -> Result<get_session::Output, Failure> {
        answer(session::get(self, &cx).await)
    }

    async fn get_service_auth(
        &self,
        cx: Context,
        query: GetServiceAuth,
    ) -> Result<get_service_auth::Output, Failure<get_service_auth::Error>> {
        answer(service_auth::get(self, &cx, query).await)
    }

    async fn check_account_status(
        &self,
        cx: Context,
        _: CheckAccountStatus,
    ) -> Result<check_account_status::Output, Failure> {
        answer(status::check(self, &cx).await)
    }

    async fn activate_account(&self, cx: Context, _: ActivateAccount) -> Result<(), Failure> {
        answer(status::activate(self, &cx).await)
    }

    async fn deactivate_account(&self, cx: Context, input: DeactivateAccount) -> Result<(), Failure> {
        answer(status::deactivate(self, &cx, input).await)
    }
}
