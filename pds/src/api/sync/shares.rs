//! What each client may have of something.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::Semaphore;

/// How many of something each client may have at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    most: usize,
    /// Those of clients that have some or wait for some.
    clients: Arc<Mutex<HashMap<IpAddr, Weak<Semaphore>>>>,
}

impl Shares {
    pub(super) fn new(most: usize) -> Self {
        Self { most, clients: Arc::default() }
    }

    /// The share of a client.
    pub(super) fn of(&self, client: IpAddr) -> Arc<Semaphore> {
        let client = network(client);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = clients.get(&client).and_then(Weak::upgrade) {
            return share;
        }
        clients.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(self.most));
        clients.insert(client, Arc::downgrade(&share));
        share
    }
}

/// What one client has of addresses: of the sixth version a whole network.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_one_share_whatever_address_of_its_network_it_uses() {
        let shares = Shares::new(2);
        let of = |client: &str| shares.of(client.parse().unwrap());
        let (four, six) = (of("192.0.2.1"), of("2001:db8::1"));
        assert!(Arc::ptr_eq(&four, &of("::ffff:192.0.2.1")) && Arc::ptr_eq(&six, &of("2001:db8::ffff:2")));
        assert!(!Arc::ptr_eq(&four, &of("192.0.2.2")) && !Arc::ptr_eq(&six, &of("2001:db8:0:1::1")));
    }

    #[test]
    fn clients_that_are_gone_are_forgotten() {
        let shares = Shares::new(2);
        let kept = shares.of([192, 0, 2, 0].into());
        for last in 1..9 {
            shares.of([192, 0, 2, last].into());
        }
        assert!(shares.clients.lock().unwrap().len() <= 2);
        assert!(Arc::ptr_eq(&kept, &shares.of([192, 0, 2, 0].into())));
    }
}
