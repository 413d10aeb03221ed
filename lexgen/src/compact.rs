//! Prints macro calls and statics, which prettyplease spreads over many lines: one line for each
//! entry of their outermost list. Doc attributes become doc comments.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A line that is longer than this is broken at its list.
const WIDTH: usize = 110;

/// The text of tokens; lists that do not fit a line stand one entry to a line.
pub(crate) fn print(tokens: TokenStream) -> String {
    let mut printer = Printer { out: String::new(), indent: 0 };
    printer.stream(tokens, true);
    printer.out
}

struct Printer {
    out: String,
    indent: usize,
}

/// A part of a list.
struct Entry {
    /// Doc lines before it.
    docs: Vec<String>,
    tokens: TokenStream,
    /// What stands behind it.
    end: &'static str,
}

/// What the token before means for the space before the next one.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// A word or a literal.
    Word,
    /// A punctuation mark that clings to what follows.
    Clings,
    /// A punctuation mark with a space behind it.
    Spaced,
    /// Nothing.
    Start,
}

impl Printer {
    fn stream(&mut self, tokens: TokenStream, break_lists: bool) {
        let mut before = Before::Start;
        let mut joint = false;
        for token in tokens {
            before = match token {
                TokenTree::Group(group) => {
                    self.group(&group, before, break_lists);
                    Before::Word
                }
                TokenTree::Punct(punct) => {
                    let c = punct.as_char();
                    let first = !joint;
                    joint = punct.spacing() == Spacing::Joint;
                    let after = self.punct(c, first, joint, before);
                    if joint && after == Before::Spaced { Before::Clings } else { after }
                }
                TokenTree::Ident(word) => {
                    self.word(&word.to_string(), before);
                    Before::Word
                }
                TokenTree::Literal(literal) => {
                    self.word(&literal.to_string(), before);
                    Before::Word
                }
            };
        }
    }

    fn word(&mut self, text: &str, before: Before) {
        if matches!(before, Before::Word | Before::Spaced) {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    /// `first` is false for the second half of `::`, `=>` and the like.
    fn punct(&mut self, c: char, first: bool, joint: bool, before: Before) -> Before {
        let opens = before == Before::Spaced && !matches!(c, ',' | ';' | '>' | '.' | '?');
        let arrow = c == '-' && joint;
        if first && before != Before::Start && (c == '=' || arrow || opens) {
            self.out.push(' ');
        }
        self.out.push(c);
        match c {
            ',' | ';' | '=' => Before::Spaced,
            '>' if !first => Before::Spaced,
            '>' => Before::Word,
            ':' if first && !joint => Before::Spaced,
            _ => Before::Clings,
        }
    }

    fn group(&mut self, group: &Group, before: Before, break_lists: bool) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        let after_word = matches!(open, "{" | "[") && before == Before::Word;
        let after_bang = open == "{" && self.out.ends_with('!');
        if after_word || after_bang || before == Before::Spaced {
            self.out.push(' ');
        }
        self.out.push_str(open);
        let entries = entries(group.stream());
        let line = flat(&entries);
        let has_docs = has_docs(group.stream());
        let inner = if open == "{" && !line.is_empty() { format!(" {line} ") } else { line };
        let here = self.out.rsplit('\n').next().map_or(0, str::len);
        let fits = !has_docs && here + inner.len() + close.len() <= WIDTH;
        if fits || !break_lists || matches!(open, "(" | "") && entries.len() == 1 && !has_list(group.stream()) {
            self.out.push_str(&inner);
        } else if matches!(open, "(" | "") && entries.len() == 1 {
            self.stream(group.stream(), true);
        } else {
            self.lines(entries);
        }
        self.out.push_str(close);
    }

    fn lines(&mut self, entries: Vec<Entry>) {
        self.indent += 1;
        for Entry { docs, tokens, end } in entries {
            for text in docs {
                self.new_line();
                self.out.push_str("///");
                self.out.push_str(&text);
            }
            self.new_line();
            // Behind `..base` there must be no comma.
            let is_base =
                matches!(tokens.clone().into_iter().next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '.');
            self.stream(tokens, true);
            if !is_base {
                self.out.push_str(end);
            }
        }
        self.indent -= 1;
        self.new_line();
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&"    ".repeat(self.indent));
    }
}

/// Whether there is a bracket or a brace at any depth.
fn has_list(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => group.delimiter() != Delimiter::Parenthesis || has_list(group.stream()),
        _ => false,
    })
}

/// Whether there is a doc attribute at any depth, which has to be a line of its own.
fn has_docs(tokens: TokenStream) -> bool {
    let mut hash = false;
    tokens.into_iter().any(|token| {
        let after_hash = std::mem::replace(&mut hash, is_punct(&token, '#'));
        match token {
            TokenTree::Group(group) => after_hash && doc_text(&group).is_some() || has_docs(group.stream()),
            _ => false,
        }
    })
}

/// The text of a doc attribute, from its brackets.
pub(crate) fn doc_text(group: &Group) -> Option<String> {
    let mut tokens = group.stream().into_iter();
    match (tokens.next()?, tokens.next()?, tokens.next()?) {
        (TokenTree::Ident(name), _, TokenTree::Literal(text)) if name == "doc" => {
            Some(syn::parse_str::<syn::LitStr>(&text.to_string()).ok()?.value())
        }
        _ => None,
    }
}

pub(crate) fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// The entries on one line.
fn flat(entries: &[Entry]) -> String {
    let mut printer = Printer { out: String::new(), indent: 0 };
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            printer.out.push(' ');
        }
        printer.stream(entry.tokens.clone(), false);
        // A comma only parts, a semicolon ends.
        if index + 1 < entries.len() || entry.end == ";" {
            printer.out.push_str(entry.end);
        }
    }
    printer.out
}

/// The parts between commas and semicolons; commas within angle brackets do not count.
fn entries(tokens: TokenStream) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut entry = Vec::new();
    let mut angles = 0;
    let mut before = ' ';
    for token in tokens {
        let c = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        match c {
            '<' => angles += 1,
            '>' if before != '=' && before != '-' => angles -= 1,
            ',' | ';' if angles == 0 => {
                entries.push(Entry::new(&std::mem::take(&mut entry), if c == ';' { ";" } else { "," }));
                before = c;
                continue;
            }
            _ => {}
        }
        before = c;
        entry.push(token);
    }
    if !entry.is_empty() {
        entries.push(Entry::new(&entry, ","));
    }
    entries
}

impl Entry {
    fn new(tokens: &[TokenTree], end: &'static str) -> Self {
        let mut docs = Vec::new();
        let mut rest = tokens;
        while let [hash, TokenTree::Group(group), after @ ..] = rest
            && is_punct(hash, '#')
            && let Some(text) = doc_text(group)
        {
            docs.push(text);
            rest = after;
        }
        Self { docs, tokens: rest.iter().cloned().collect(), end }
    }
}

#[cfg(test)]
mod tests {
    use super::print;

    fn printed(code: &str) -> String {
        print(code.parse().expect("tokens"))
    }

    #[test]
    fn short_calls_stay_on_one_line() {
        assert_eq!(
            printed("rt::params! { A, A_SCHEMA, [0 a, 1 r#type] }"),
            "rt::params! { A, A_SCHEMA, [0 a, 1 r#type] }"
        );
        assert_eq!(printed("a: Vec<rt::Did>, b => c: &'static str"), "a: Vec<rt::Did>, b => c: &'static str");
        assert_eq!(
            printed("pub static A: rt::B = rt::C { d: &[1, 2] };"),
            "pub static A: rt::B = rt::C { d: &[1, 2] };"
        );
    }

    #[test]
    fn signatures_stand_one_to_a_line_behind_their_docs() {
        let out =
            printed("x! { \"a\" [b, c(\"d\")], e { /// f, g\nfn h(i: J) -> K<l::M, ()>; #[doc = \"\"] fn r#n(); }, }");
        let expected = "x! {\n    \"a\" [b, c(\"d\")],\n    e {\n        /// f, g\n        fn h(i: J) -> K<l::M, ()>;\n        \
             ///\n        fn r#n();\n    },\n}";
        assert_eq!(out, expected);
        assert_eq!(printed("x! { e { fn h(); fn i() -> j::K; } }"), "x! { e { fn h(); fn i() -> j::K; } }");
    }

    #[test]
    fn long_lists_stand_one_entry_to_a_line() {
        let names: Vec<_> = (0..40).map(|n| format!("name{n}")).collect();
        let out = printed(&format!("x! {{ A, [{}] }}", names.join(", ")));
        assert!(out.starts_with("x! {\n    A,\n    [\n        name0,\n"), "{out}");
        assert!(out.ends_with("        name39,\n    ],\n}"), "{out}");
    }
}
