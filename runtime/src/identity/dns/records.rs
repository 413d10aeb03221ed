//! What an answer of DNS says.

use std::net::IpAddr;

use hickory_resolver::{
    net::{DnsError as Semantic, NetError},
    proto::rr::{Name, RData, Record},
};

use super::DnsError;

/// The most TXT records of a name.
const MAX_TEXTS: usize = 128;
/// The most addresses of one family.
const MAX_ADDRESSES: usize = 8;
/// The most steps from name to name.
const MAX_ALIASES: usize = 8;

/// The TXT records of a name, the parts of each joined. What is no UTF-8 is no record for us.
pub(super) fn texts(name: &Name, answer: &[Record]) -> Result<Vec<String>, DnsError> {
    let mut found = Vec::new();
    for data in owned(name, answer) {
        let RData::TXT(text) = data else { continue };
        if found.len() == MAX_TEXTS {
            return Err(DnsError::Failed("too many records".into()));
        }
        found.push(text.txt_data.concat());
    }
    not_none(found).map(|found| found.into_iter().filter_map(|text| String::from_utf8(text).ok()).collect())
}

/// The addresses of a name, the first few.
pub(super) fn addresses(name: &Name, answer: &[Record]) -> Result<Vec<IpAddr>, DnsError> {
    not_none(owned(name, answer).filter_map(RData::ip_addr).take(MAX_ADDRESSES).collect())
}

/// Why a look-up of hickory gave nothing.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn fault(error: NetError) -> DnsError {
    match &error {
        NetError::Timeout => DnsError::Timeout,
        NetError::Dns(Semantic::NoRecordsFound(_)) => DnsError::NotFound,
        NetError::Dns(Semantic::ResponseCode(code)) => DnsError::Failed(code.to_str().into()),
        NetError::Io(_) | NetError::NoConnections => DnsError::Failed("no connection to the name servers".into()),
        NetError::Truncated => DnsError::Failed("the answer was cut short".into()),
        _ => DnsError::Failed("the answer cannot be used".into()),
    }
}

/// The data of the records that belong to a name, or to the one that its CNAMEs lead to.
fn owned<'a>(name: &'a Name, answer: &'a [Record]) -> impl Iterator<Item = &'a RData> {
    let mut owner = name;
    for _ in 0..MAX_ALIASES {
        let alias = answer.iter().filter(|record| record.name == *owner).find_map(|record| match &record.data {
            RData::CNAME(alias) => Some(&alias.0),
            _ => None,
        });
        match alias {
            Some(alias) => owner = alias,
            None => break,
        }
    }
    answer.iter().filter(move |record| record.name == *owner).map(|record| &record.data)
}

fn not_none<T>(found: Vec<T>) -> Result<Vec<T>, DnsError> {
    if found.is_empty() { Err(DnsError::NotFound) } else { Ok(found) }
}
