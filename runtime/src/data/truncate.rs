//! Shortening of texts that are longer than their schema allows.

use arobase_lexicon::{
    check,
    compile::Catalog,
    schema::{Ref, Schema, StringSchema, Type, UnionSchema},
    text,
};

use super::{Limits, Map, Value};

/// What stands where a text was cut: one grapheme, three bytes.
const ELLIPSIS: &str = "…";

/// Shortens each text that has more graphemes or more bytes than its schema allows: it is cut
/// between graphemes, and an ellipsis ends it, if there is room for one. Both lengths hold
/// afterwards. Texts with a format, an `enum` or a `const` stay as they are, since a part of such a
/// text means something else; so does everything that no schema describes.
///
/// The value need not be valid: what does not fit its schema otherwise is passed over.
pub fn truncate(catalog: &Catalog, schema: &Schema, value: &mut Value) {
    Truncater { catalog }.schema(schema, value, Limits::DEFAULT.max_depth);
}

struct Truncater<'c> {
    catalog: &'c Catalog,
}

impl Truncater<'_> {
    /// `levels` is how many more lists and maps it goes into.
    fn schema(&self, schema: &Schema, value: &mut Value, levels: usize) {
        match (&schema.ty, value) {
            (Type::Object(_), Value::Map(map)) => self.object(schema, map, levels),
            (Type::Union(union), Value::Map(map)) => self.union(union, map, levels),
            (Type::Object(_) | Type::Union(_), _) => {}
            (ty, value) => self.ty(ty, value, levels),
        }
    }

    fn ty(&self, ty: &Type, value: &mut Value, levels: usize) {
        match (ty, value) {
            (Type::String(schema), Value::String(text)) => {
                if let Some(short) = shortened(schema, text) {
                    *text = short;
                }
            }
            (Type::Array(schema), Value::List(items)) if levels > 0 => {
                items.iter_mut().for_each(|item| self.ty(&schema.items, item, levels - 1));
            }
            (Type::Ref(reference), value) => self.reference(*reference, value, levels),
            _ => {}
        }
    }

    fn reference(&self, reference: Ref, value: &mut Value, levels: usize) {
        if let Some(schema) = self.catalog.get(reference) {
            self.schema(schema, value, levels);
        }
    }

    fn object(&self, schema: &Schema, map: &mut Map, levels: usize) {
        let Some(levels) = levels.checked_sub(1) else { return };
        for field in schema.fields() {
            if let Some(value) = map.get_mut(&field.key) {
                self.ty(&field.ty, value, levels);
            }
        }
    }

    fn union(&self, union: &UnionSchema, map: &mut Map, levels: usize) {
        let name = map.get("$type").and_then(Value::as_str);
        let member = union.members.iter().find(|member| Some(self.catalog.name(**member)) == name);
        if let Some(schema) = member.and_then(|member| self.catalog.get(*member)) {
            self.object(schema, map, levels);
        }
    }
}

/// The text as short as it has to be; `None` if it may stay as it is.
fn shortened(schema: &StringSchema, text: &str) -> Option<String> {
    let StringSchema { format, length, graphemes, enumeration, constant, .. } = schema;
    if format.is_some() || enumeration.is_some() || constant.is_some() {
        return None;
    }
    if check::string_length(text, None, length.max()).is_ok() && check::graphemes(text, None, graphemes.max()).is_ok() {
        return None;
    }
    let [graphemes, bytes] =
        [graphemes.max(), length.max()].map(|max| max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX));
    let start = match (graphemes.checked_sub(1), bytes.checked_sub(ELLIPSIS.len())) {
        (Some(graphemes), Some(bytes)) => [text::start(text, graphemes, bytes), ELLIPSIS],
        _ => [text::start(text, graphemes, bytes), ""],
    };
    Some(start.concat())
}

#[cfg(test)]
mod tests {
    use arobase_lexicon::schema::{Lengths, Name, UNBOUNDED};
    use proptest::prelude::*;

    use super::*;

    fn limits(graphemes: u32, bytes: u32) -> StringSchema {
        let [length, graphemes] = [bytes, graphemes].map(|max| Lengths { min: 0, max });
        StringSchema { length, graphemes, ..StringSchema::ANY }
    }

    fn cut(text: &str, graphemes: u32, bytes: u32) -> String {
        shortened(&limits(graphemes, bytes), text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn a_text_over_its_graphemes_ends_with_an_ellipsis() {
        assert_eq!(cut("twelve chars", 10, UNBOUNDED), "twelve ch…");
        assert_eq!(cut("twelve chars", 12, UNBOUNDED), "twelve chars");
        assert_eq!(cut("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 2, UNBOUNDED), "👨‍👩‍👧…");
        assert_eq!(cut("ab", 1, UNBOUNDED), "…");
    }

    #[test]
    fn a_text_over_its_bytes_is_cut_between_graphemes() {
        assert_eq!(cut("ééééé", UNBOUNDED, 9), "ééé…");
        assert_eq!(cut("ééééé", 5, 8), "éé…");
        assert_eq!(cut("ééééé", 3, 100), "éé…");
        assert_eq!(cut("👨‍👩‍👧x", UNBOUNDED, 18), "…");
    }

    #[test]
    fn without_room_for_an_ellipsis_there_is_none() {
        assert_eq!(cut("abcd", UNBOUNDED, 2), "ab");
        assert_eq!(cut("abcd", 0, 100), "");
        assert_eq!(cut("abcd", 0, 0), "");
    }

    #[test]
    fn a_text_that_means_something_as_a_whole_is_left_alone() {
        let values = [Name::from("much too long")].into_iter().collect();
        let closed = StringSchema { enumeration: Some(values), ..limits(3, 3) };
        assert_eq!(shortened(&closed, "much too long"), None);
        let constant = StringSchema { constant: Some(Name::from("much too long")), ..limits(3, 3) };
        assert_eq!(shortened(&constant, "much too long"), None);
    }

    proptest! {
        #[test]
        fn both_lengths_hold_afterwards(text in "(\\PC|\u{200d}|\r\n|\u{301}|👨|🇵)*", graphemes in 0_u32..12, bytes in 0_u32..40) {
            let short = cut(&text, graphemes, bytes);
            prop_assert!(check::string_length(&short, None, Some(bytes.into())).is_ok());
            prop_assert!(check::graphemes(&short, None, Some(graphemes.into())).is_ok());
        }
    }
}
