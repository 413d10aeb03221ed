//! Requests to addresses that strangers chose: they reach public unicast addresses only.

mod address;
#[cfg(test)]
mod address_tests;
#[cfg(feature = "dns")]
mod gate;
#[cfg(feature = "dns")]
mod lookup;
#[cfg(feature = "dns")]
mod transport;
#[cfg(all(test, feature = "dns"))]
mod transport_tests;

pub use self::address::AddressPolicy;
#[cfg(feature = "dns")]
pub use self::transport::PublicTransport;
