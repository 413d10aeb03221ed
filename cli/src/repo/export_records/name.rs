//! Names of files for records, such as every system takes.

use arobase::{data::Cid, repo::RepoPath};

/// The most bytes of a name, before what says which kind of file it is.
const MAX: usize = 200;

/// Names that mean devices to some systems, whatever follows behind a dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The same with a digit behind.
const NUMBERED: [&str; 2] = ["com", "lpt"];

/// Where the file of a record goes: the name of a directory and that of a file in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The directory.
    pub(crate) directory: String,
    /// The file.
    pub(crate) file: String,
}

/// The name of the file of a record. Different records have different names, but some differ in case alone: where the
/// file system ignores it, they have one file, and [`Files`](super::files::Files) has to take care.
///
/// # Errors
/// The key is no path of a record.
pub(crate) fn of(key: &[u8]) -> Result<Name, String> {
    let path = RepoPath::from_key(key).map_err(|error| error.to_string())?;
    Ok(Name { directory: safe(path.collection()), file: safe(path.rkey()) + ".json" })
}

/// A part of a path as a name: what may mean something is written as `%` and two digits, and of a long one only the
/// beginning is left, with a CID of the whole.
fn safe(part: &str) -> String {
    let mut name = String::new();
    for (at, byte) in part.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.');
        if plain && !(at == 0 && (byte == b'.' || is_device(part))) {
            name.push(char::from(byte));
        } else {
            name += &format!("%{byte:02X}");
        }
    }
    if name.len() > MAX {
        // No part of a path has a `+`.
        name.truncate(MAX / 2);
        name += &format!("+{}", Cid::of_raw(part.as_bytes()));
    }
    name
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = stem.strip_suffix(|last: char| last.is_ascii_digit()).unwrap_or_default();
    DEVICES.contains(&stem.as_str()) || NUMBERED.contains(&numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rkey: &str) -> String {
        of(format!("com.example.note/{rkey}").as_bytes()).unwrap().file
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        let name = of(b"com.example.note/3jzfcijpj2z2a").unwrap();
        assert_eq!((&*name.directory, &*name.file), ("com.example.note", "3jzfcijpj2z2a.json"));
        assert_eq!(file("a_b-c~d.e"), "a_b-c~d.e.json");
    }

    #[test]
    fn what_means_something_to_a_system_is_written_in_digits() {
        assert_eq!(file("a:b"), "a%3Ab.json");
        assert_eq!(file(".hidden"), "%2Ehidden.json");
        assert_eq!(file("..."), "%2E...json");
        assert_eq!(file("NUL"), "%4EUL.json");
        assert_eq!(file("com1.x"), "%63om1.x.json");
        assert_eq!(file("com"), "com.json");
        assert_eq!(file("common"), "common.json");
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let (one, two) = (file(&("a".repeat(400) + "1")), file(&("a".repeat(400) + "2")));
        assert!(one != two && one.len() < 255, "{one}");
        assert!(file(&":".repeat(512)).len() < 255);
        assert_eq!(file(&"a".repeat(200)).len(), 205);
    }

    #[test]
    fn what_is_no_path_has_no_name() {
        for key in [&b"com.example.note/.."[..], b"../a", b"com.example.note/a/b", b"com.example.note/\xff", b""] {
            assert!(of(key).is_err());
        }
    }
}
