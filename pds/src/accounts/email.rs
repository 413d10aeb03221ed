//! E-mail addresses, as far as their syntax matters here.

use crate::error::Error;

/// The most bytes of an address, and of what stands before its `@`.
const MAX: usize = 254;
const MAX_LOCAL: usize = 64;

/// An address in the form in which it is kept: lower case. 400 if it is none.
pub(crate) fn normalize(address: &str) -> Result<Box<str>, Error> {
    let address = address.trim();
    if !is_address(address) {
        return Err(Error::invalid_request("this is not an e-mail address"));
    }
    Ok(address.to_ascii_lowercase().into())
}

/// The common forms only: quoted names and literal addresses are nobody's address in fact.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    address.len() <= MAX && is_local(local) && is_domain(domain)
}

fn is_local(local: &str) -> bool {
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atom_char);
    local.len() <= MAX_LOCAL && local.split('.').all(is_atom)
}

fn is_atom_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_lower_case() {
        assert_eq!(&*normalize(" Alice.Doe+x@Example.COM ").unwrap(), "alice.doe+x@example.com");
    }

    #[test]
    fn what_nobody_can_write_to_is_no_address() {
        let wrong = [
            "",
            "@",
            "alice",
            "alice@",
            "@example.com",
            "a b@example.com",
            "alice@example",
            "alice@-a.com",
            "a..b@c.de",
            ".a@c.de",
            "a@b..de",
            "a@@b.de",
            "a\n@b.de",
            "alice@example.com\r\nBcc: x@y.zz",
            "\u{e9}@b.de",
        ];
        for address in wrong {
            assert!(normalize(address).is_err(), "{address:?}");
        }
        assert!(normalize(&format!("{}@example.com", "a".repeat(65))).is_err());
        assert!(normalize(&format!("a@{}com", "abc.".repeat(63))).is_err());
    }
}
