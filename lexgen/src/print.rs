//! From tokens to text, item by item. Statics and macro calls go to [`compact`], everything else
//! to prettyplease; parsing only what prettyplease prints halves the time.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use crate::compact::{self, is_punct};

/// The text of the items.
pub(crate) fn print(tokens: TokenStream) -> String {
    let mut out = String::new();
    let mut line = false;
    for item in items(tokens) {
        let one_line = matches!(item.kind, Kind::Line);
        let together = line && one_line;
        if !out.is_empty() && !together {
            out.push('\n');
        }
        line = one_line;
        out.push_str(&item.print());
    }
    out
}

/// An item and the attributes before it.
struct Item {
    attributes: Vec<TokenTree>,
    tokens: Vec<TokenTree>,
    kind: Kind,
}

enum Kind {
    /// `use ...;` or `mod name;`
    Line,
    /// A static or a call of a macro.
    Compact,
    /// A module in place.
    Module,
    Other,
}

impl Item {
    fn print(self) -> String {
        match self.kind {
            Kind::Compact => {
                let mut out = String::new();
                for attribute in self.attributes.chunks(2) {
                    match doc_text(attribute) {
                        Some(text) => out.push_str(&format!("///{text}")),
                        None => out.push_str(&compact::print(attribute.iter().cloned().collect())),
                    }
                    out.push('\n');
                }
                out + &compact::print(self.tokens.into_iter().collect()) + "\n"
            }
            Kind::Module => self.print_module(),
            Kind::Line | Kind::Other => unparse(&self.attributes.into_iter().chain(self.tokens).collect()),
        }
    }

    fn print_module(mut self) -> String {
        let body = match self.tokens.pop() {
            Some(TokenTree::Group(group)) => print(group.stream()),
            _ => String::new(),
        };
        let head: TokenStream = self.attributes.into_iter().chain(self.tokens).collect();
        let head = unparse(&quote! { #head {} });
        let mut out = head.trim_end().trim_end_matches('}').trim_end().to_owned() + "\n";
        for line in body.lines() {
            if !line.is_empty() {
                out.push_str("    ");
            }
            out.push_str(line);
            out.push('\n');
        }
        out + "}\n"
    }
}

/// The text of a doc attribute.
fn doc_text(attribute: &[TokenTree]) -> Option<String> {
    let [_, TokenTree::Group(group)] = attribute else { return None };
    compact::doc_text(group)
}

/// What comes out of the emitter parses; if not, the compiler says where.
fn unparse(tokens: &TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => tokens.to_string(),
    }
}

fn items(tokens: TokenStream) -> Vec<Item> {
    let mut items = Vec::new();
    let mut attributes = Vec::new();
    let mut item = Vec::new();
    let mut assigned = false;
    for token in tokens {
        let in_attribute = item.is_empty() && (is_punct(&token, '#') || attributes.len() % 2 == 1);
        if in_attribute {
            attributes.push(token);
            continue;
        }
        assigned |= is_punct(&token, '=');
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !assigned,
            token => is_punct(token, ';'),
        };
        item.push(token);
        if ends {
            let tokens = std::mem::take(&mut item);
            items.push(Item { attributes: std::mem::take(&mut attributes), kind: kind(&tokens), tokens });
            assigned = false;
        }
    }
    if !item.is_empty() {
        items.push(Item { attributes, tokens: item, kind: Kind::Other });
    }
    items
}

fn kind(tokens: &[TokenTree]) -> Kind {
    let is_word = |index: usize, words: &[&str]| match tokens.get(index) {
        Some(TokenTree::Ident(word)) => words.iter().any(|known| word == known),
        _ => false,
    };
    let index = usize::from(is_word(0, &["pub"]));
    let in_place = matches!(tokens.last(), Some(TokenTree::Group(_)));
    if is_word(index, &["mod"]) && in_place {
        Kind::Module
    } else if is_word(index, &["use", "mod"]) {
        Kind::Line
    } else if is_word(index, &["static", "rt"]) {
        Kind::Compact
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::print;

    #[test]
    fn items_are_parted_and_keep_their_attributes() {
        let code = "use a::b; pub mod c; #[derive(Clone)] pub struct D { pub e: F } rt::x! { D, [1 e] }
            #[doc(hidden)] pub static G: H = H { i: 1 }; pub mod j { /// k
            pub const L: M = M { n: 1 }; }";
        let expected = "use a::b;
pub mod c;

#[derive(Clone)]
pub struct D {
    pub e: F,
}

rt::x! { D, [1 e] }

#[doc(hidden)]
pub static G: H = H { i: 1 };

pub mod j {
    /// k
    pub const L: M = M { n: 1 };
}
";
        assert_eq!(print(code.parse().expect("tokens")), expected);
    }
}
