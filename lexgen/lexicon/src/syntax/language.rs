use super::{Mode, newtype};

const MIN: usize = 2;
const MAX: usize = 128;

/// The most extended language subtags after a primary one.
const MAX_EXTLANGS: u8 = 3;

/// Registered tags from before the present grammar, some of which do not follow it.
const GRANDFATHERED: [&str; 26] = [
    "art-lojban",
    "cel-gaulish",
    "en-GB-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "no-bok",
    "no-nyn",
    "sgn-BE-FR",
    "sgn-BE-NL",
    "sgn-CH-DE",
    "zh-guoyu",
    "zh-hakka",
    "zh-min",
    "zh-min-nan",
    "zh-xiang",
];

newtype!(
    /// A language tag (Lexicon, string formats: language; BCP 47), 2 to 128 bytes.
    ///
    /// The strict form wants a primary language of two or three lower-case letters, or `x-`, and
    /// refuses a repeated variant or extension. The lenient form is the bare grammar of RFC 5646,
    /// where case does not matter. Neither looks a subtag up in the registry.
    Language,
    Language
);

impl Language {
    /// The primary language as written, such as `pt` in `pt-BR`.
    ///
    /// None for a tag of private use (`x-...`), for the old tags that begin with `i-`, and for a
    /// text kept by a lenient reader that does not begin with a language.
    #[must_use]
    pub fn primary(&self) -> Option<&str> {
        let first = self.as_str().split('-').next()?;
        let fits = matches!(first.len(), 2..=8) && is_alpha(first);
        fits.then_some(first)
    }

    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        scan(text, Mode::Strict)
    }

    pub(crate) fn scan_lenient(text: &str) -> Result<(), &'static str> {
        scan(text, Mode::Lenient)
    }
}

fn scan(text: &str, mode: Mode) -> Result<(), &'static str> {
    match text.len() {
        ..MIN => return Err("shorter than 2 bytes"),
        MIN..=MAX => {}
        _ => return Err("longer than 128 bytes"),
    }
    match scan_tag(text, mode) {
        Err(_) if is_grandfathered(text, mode) => Ok(()),
        result => result,
    }
}

fn scan_tag(text: &str, mode: Mode) -> Result<(), &'static str> {
    let (primary, rest) = text.split_once('-').map_or((text, None), |(primary, rest)| (primary, Some(rest)));
    let mut slot = first_slot(primary, mode)?;
    let Some(rest) = rest else {
        return if slot == Slot::PrivateStart { Err("nothing after x") } else { Ok(()) };
    };
    let mut seen = Seen::default();
    for subtag in rest.split('-') {
        slot = next_slot(slot, subtag)?;
        if mode == Mode::Strict {
            seen.note(slot, subtag, rest)?;
        }
    }
    match slot {
        Slot::Singleton => Err("nothing after a singleton"),
        Slot::PrivateStart => Err("nothing after x"),
        _ => Ok(()),
    }
}

/// What a subtag is. The order is that of the subtags in a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// A primary language of two or three letters, or an extended one after it; how many more
    /// extended ones may follow.
    Language {
        extlangs: u8,
    },
    /// A primary language of four letters or more.
    LongLanguage,
    Script,
    Region,
    Variant,
    /// The letter or digit that opens an extension.
    Singleton,
    Extension,
    /// The `x` that opens private use.
    PrivateStart,
    Private,
}

fn first_slot(primary: &str, mode: Mode) -> Result<Slot, &'static str> {
    if primary.eq_ignore_ascii_case("x") {
        return Ok(Slot::PrivateStart);
    }
    if !is_alpha(primary) {
        return Err("a primary language that is not all letters");
    }
    match (primary.len(), mode) {
        (2 | 3, Mode::Strict) if primary.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Err("a primary language in upper case")
        }
        (2 | 3, _) => Ok(Slot::Language { extlangs: MAX_EXTLANGS }),
        (4..=8, Mode::Lenient) => Ok(Slot::LongLanguage),
        _ => Err("a primary language of a wrong length"),
    }
}

fn next_slot(last: Slot, subtag: &str) -> Result<Slot, &'static str> {
    if !matches!(subtag.len(), 1..=8) || !subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("a subtag that is not 1 to 8 letters or digits");
    }
    match last {
        Slot::PrivateStart | Slot::Private => Ok(Slot::Private),
        Slot::Singleton if subtag.len() == 1 => Err("nothing after a singleton"),
        Slot::Singleton => Ok(Slot::Extension),
        _ if subtag.eq_ignore_ascii_case("x") => Ok(Slot::PrivateStart),
        _ if subtag.len() == 1 => Ok(Slot::Singleton),
        Slot::Extension => Ok(Slot::Extension),
        _ => language_slot(last, subtag).ok_or("a subtag out of place"),
    }
}

/// The slot of a subtag of two or more letters or digits before any extension. Their shapes are
/// all different, so there is never a choice.
fn language_slot(last: Slot, subtag: &str) -> Option<Slot> {
    let before_script = matches!(last, Slot::Language { .. } | Slot::LongLanguage);
    let before_region = before_script || last == Slot::Script;
    match (subtag.len(), last) {
        (3, Slot::Language { extlangs }) if is_alpha(subtag) => {
            extlangs.checked_sub(1).map(|extlangs| Slot::Language { extlangs })
        }
        (4, _) if before_script && is_alpha(subtag) => Some(Slot::Script),
        (2, _) if before_region && is_alpha(subtag) => Some(Slot::Region),
        (3, _) if before_region && subtag.bytes().all(|byte| byte.is_ascii_digit()) => Some(Slot::Region),
        (4, _) if subtag.starts_with(|c: char| c.is_ascii_digit()) => Some(Slot::Variant),
        (5..=8, _) => Some(Slot::Variant),
        _ => None,
    }
}

fn is_alpha(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_grandfathered(text: &str, mode: Mode) -> bool {
    GRANDFATHERED.iter().any(|tag| match mode {
        Mode::Strict => *tag == text,
        Mode::Lenient => tag.eq_ignore_ascii_case(text),
    })
}

/// What a tag may hold only once.
#[derive(Default)]
struct Seen {
    /// One bit for each singleton, by its value as a digit of base 36.
    singletons: u64,
    variants: usize,
}

impl Seen {
    /// `rest` is the tag after its primary language.
    fn note(&mut self, slot: Slot, subtag: &str, rest: &str) -> Result<(), &'static str> {
        match slot {
            Slot::Singleton => self.note_singleton(subtag),
            Slot::Variant => self.note_variant(subtag, rest),
            _ => Ok(()),
        }
    }

    fn note_singleton(&mut self, subtag: &str) -> Result<(), &'static str> {
        let digit = subtag.chars().next().and_then(|c| c.to_digit(36)).unwrap_or_default();
        let bit = 1 << digit;
        if self.singletons & bit != 0 {
            return Err("a repeated singleton");
        }
        self.singletons |= bit;
        Ok(())
    }

    /// Variants are the only subtags of their shape before the first extension, so the same text
    /// twice up to here is a repetition.
    fn note_variant(&mut self, subtag: &str, rest: &str) -> Result<(), &'static str> {
        self.variants += 1;
        let same = |other: &&str| other.eq_ignore_ascii_case(subtag);
        let shaped = rest.split('-').filter(|other| is_variant(other));
        if shaped.take(self.variants).filter(same).count() > 1 { Err("a repeated variant") } else { Ok(()) }
    }
}

fn is_variant(subtag: &str) -> bool {
    subtag.len() > 4 || (subtag.len() == 4 && subtag.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use super::*;

    fn strict(text: &str) -> bool {
        Language::scan(text).is_ok()
    }

    fn lenient(text: &str) -> bool {
        Language::scan_lenient(text).is_ok()
    }

    fn both_refuse(text: &str) -> bool {
        !strict(text) && !lenient(text)
    }

    #[test]
    fn every_part_has_its_place() {
        for text in [
            "pt",
            "fil",
            "pt-BR",
            "es-419",
            "sr-Cyrl",
            "sr-Cyrl-RS",
            "sl-nedis",
            "de-Latn-DE-1996",
            "de-1901",
            "zh-cmn-Hans-CN",
            "zh-aaa-bbb-ccc",
            "sl-rozaj-biske-1994",
            "en-u-ca-gregory",
            "en-a-bbb-x-a-ccc",
            "hy-Latn-IT-arevela",
            "en-a-bb-b-cc",
            "en-0-aaa",
            "pt-x-y",
            "fr-x-1-22-333",
        ] {
            assert!(strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
    }

    #[test]
    fn a_tag_may_be_all_private() {
        for text in ["x-a", "X-a", "x-12345678", "x-a-b-c"] {
            assert!(strict(text), "{text}");
        }
        assert!(both_refuse("x-"));
        assert!(both_refuse("x-123456789"));
        assert!(both_refuse("x--a"));
    }

    #[test]
    fn every_grandfathered_tag_is_accepted() {
        for text in GRANDFATHERED {
            assert!(strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
    }

    #[test]
    fn a_grandfathered_tag_in_another_case_is_for_the_lenient_form_only() {
        assert!(!strict("I-KLINGON"));
        assert!(!strict("en-gb-oed"));
        assert!(lenient("I-KLINGON"));
        assert!(lenient("en-gb-oed"));
        assert!(both_refuse("i-foo"));
    }

    #[test]
    fn a_primary_language_is_two_or_three_lower_case_letters() {
        for text in ["PT", "Pt-BR", "Fil", "latn", "portugal", "abcde-BR"] {
            assert!(!strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
        for text in ["", "a", "p", "x", "12", "419", "p1", "abcdefghi", "-pt", "\u{e9}\u{e9}"] {
            assert!(both_refuse(text), "{text}");
        }
    }

    #[test]
    fn later_subtags_may_be_in_any_case() {
        assert!(strict("pt-br"));
        assert!(strict("sr-CYRL-rs"));
        assert!(strict("de-1996-X-A"));
    }

    #[test]
    fn hyphens_separate_and_nothing_else_does() {
        for text in ["pt-", "pt--BR", "pt_BR", "pt BR", "pt.BR", " pt", "pt ", "pt\n", "pt-BR\n", "p\0", "pt-B\u{e9}"] {
            assert!(both_refuse(text), "{text:?}");
        }
    }

    #[test]
    fn a_subtag_that_fits_no_slot_is_refused() {
        for text in [
            "pt-BR-PT",
            "pt-Latn-Cyrl",
            "pt-BR-Latn",
            "pt-aaa-bbb-ccc-ddd",
            "pt-BR-aaa",
            "pt-1996-BR",
            "pt-12",
            "pt-abcdefghi",
            "pt-nedis-Latn",
            "pt-Latn-aaa",
            "pt-1ab",
            "pt-419-419",
        ] {
            assert!(both_refuse(text), "{text}");
        }
    }

    #[test]
    fn a_long_primary_language_has_no_extended_one() {
        assert!(lenient("latn-BR"));
        assert!(!lenient("latn-aaa"));
    }

    #[test]
    fn an_extension_needs_a_subtag_of_two() {
        for text in ["en-u", "en-u-x-a", "en-u-a", "en-u-ca-t", "en-x", "en-u-ca-x"] {
            assert!(both_refuse(text), "{text}");
        }
    }

    #[test]
    fn a_repeated_variant_is_for_the_lenient_form_only() {
        for text in ["sl-nedis-nedis", "sl-nedis-NEDIS", "de-1996-1901-1996", "sl-nedis-rozaj-nedis"] {
            assert!(!strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
    }

    #[test]
    fn a_repeated_singleton_is_for_the_lenient_form_only() {
        for text in ["en-u-aa-u-bb", "en-u-aa-U-bb", "en-0-aa-1-bb-0-cc"] {
            assert!(!strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
    }

    #[test]
    fn extensions_and_private_use_may_repeat_what_they_like() {
        assert!(strict("sl-nedis-u-nedis-nedis"));
        assert!(strict("sl-nedis-x-nedis-nedis"));
        assert!(strict("en-u-aa-x-u-u-aa"));
        assert!(strict("de-1996-a-1996"));
    }

    #[test]
    fn a_tag_has_at_most_128_bytes() {
        let tag = |length: usize| format!("en-x{}", String::from("-a").repeat((length - 4) / 2));
        assert_eq!(tag(128).len(), 128);
        assert!(strict(&tag(128)));
        assert!(both_refuse(&(tag(128) + "a")));
    }

    #[test]
    fn the_primary_language_is_given_as_written() {
        let primary = |text| Language::from_unchecked(text).primary().map(String::from);
        assert_eq!(primary("pt-BR").as_deref(), Some("pt"));
        assert_eq!(primary("FIL").as_deref(), Some("FIL"));
        assert_eq!(primary("x-a"), None);
        assert_eq!(primary("i-ami"), None);
        assert_eq!(primary(""), None);
        assert_eq!(primary("not a tag"), None);
    }
}
