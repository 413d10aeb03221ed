//! What an answer of DNS says.

use std::{iter::successors, net::IpAddr};

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

/// The TXT records of a name, the parts of each joined. What is no UTF-8 is replaced, so that a record stays one that
/// cannot be read.
pub(super) fn texts(name: &Name, answer: &[Record]) -> Result<Vec<String>, DnsError> {
    let mut found = Vec::new();
    for data in owned(name, answer)? {
        let RData::TXT(text) = data else { continue };
        if found.len() == MAX_TEXTS {
            return Err(DnsError::Failed("too many records".into()));
        }
        found.push(String::from_utf8_lossy(&text.txt_data.concat()).into_owned());
    }
    not_none(found)
}

/// The addresses of a name, the first few.
pub(super) fn addresses(name: &Name, answer: &[Record]) -> Result<Vec<IpAddr>, DnsError> {
    not_none(owned(name, answer)?.filter_map(RData::ip_addr).take(MAX_ADDRESSES).collect())
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
fn owned<'a>(name: &'a Name, answer: &'a [Record]) -> Result<impl Iterator<Item = &'a RData>, DnsError> {
    let alias = |owner: &Name| {
        answer.iter().filter(|record| record.name == *owner).find_map(|record| match &record.data {
            RData::CNAME(alias) => Some(&alias.0),
            _ => None,
        })
    };
    let owners = successors(Some(name), |owner| alias(owner)).take(MAX_ALIASES + 1);
    let owner = owners.last().unwrap_or(name);
    if alias(owner).is_some() {
        return Err(DnsError::Failed("too many aliases".into()));
    }
    Ok(answer.iter().filter(move |record| record.name == *owner).map(|record| &record.data))
}

fn not_none<T>(found: Vec<T>) -> Result<Vec<T>, DnsError> {
    if found.is_empty() { Err(DnsError::NotFound) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::rdata::{CNAME, TXT};

    use super::*;

    /// So many steps from the first name to one with a record.
    fn chain(aliases: usize) -> Result<Vec<String>, DnsError> {
        let name = |step: usize| Name::from_ascii(format!("n{step}.example.com.")).unwrap();
        let alias = |step| Record::from_rdata(name(step), 60, RData::CNAME(CNAME(name(step + 1))));
        let text = Record::from_rdata(name(aliases), 60, RData::TXT(TXT::from_bytes(vec![b"here"])));
        let answer: Vec<_> = (0..aliases).map(alias).chain([text]).collect();
        texts(&name(0), &answer)
    }

    #[test]
    fn names_that_lead_on_too_long_are_no_absence() {
        for aliases in [0, 1, MAX_ALIASES] {
            assert_eq!(chain(aliases).unwrap(), ["here"], "{aliases}");
        }
        for aliases in [MAX_ALIASES + 1, 50] {
            assert_eq!(chain(aliases), Err(DnsError::Failed("too many aliases".into())), "{aliases}");
        }
    }
}
