//! Constraints against each other: bounds in order, and values that satisfy them.

use alloc::{format, string::String};
use core::fmt::Display;

use super::{At, Fields, Loader, Rule};
use crate::{
    check::{self, Violation},
    document::{Boolean, Integer, Text},
    syntax::Mode,
};

/// The values that a field's schema names.
struct Values<'a, T> {
    default: Option<&'a T>,
    constant: Option<&'a T>,
    enumeration: Option<&'a [T]>,
}

type Verdict = Result<(), Violation>;

impl Loader {
    pub(super) fn check_boolean(&mut self, fields: &Fields<'_>, boolean: &Boolean) {
        self.one_of_two(fields, boolean.default.is_some() && boolean.constant.is_some());
    }

    pub(super) fn check_integer(&mut self, fields: &Fields<'_>, integer: &Integer) {
        self.ordered(fields, ("minimum", integer.minimum), ("maximum", integer.maximum));
        let values = Values {
            default: integer.default.as_ref(),
            constant: integer.constant.as_ref(),
            enumeration: integer.enumeration.as_deref(),
        };
        let minimum = integer.minimum.unwrap_or(i64::MIN);
        let maximum = integer.maximum.unwrap_or(i64::MAX);
        let in_range = |value: &i64| check::integer_range(*value, minimum, maximum);
        self.check_values(fields, &values, in_range, |value, list| check::integer_enum(*value, list));
    }

    pub(super) fn check_text(&mut self, fields: &Fields<'_>, text: &Text) {
        self.check_lengths(fields, text.min_length, text.max_length);
        let max_graphemes = ("maxGraphemes", text.max_graphemes);
        self.ordered(fields, ("minGraphemes", text.min_graphemes), max_graphemes);
        let values = Values {
            default: text.default.as_ref(),
            constant: text.constant.as_ref(),
            enumeration: text.enumeration.as_deref(),
        };
        let fits = |value: &String| check_string(text, value);
        self.check_values(fields, &values, fits, |value, list| check::string_enum(value, list));
    }

    pub(super) fn check_lengths(&mut self, fields: &Fields<'_>, min: Option<u64>, max: Option<u64>) {
        self.ordered(fields, ("minLength", min), ("maxLength", max));
    }

    fn ordered<T: Ord + Display>(
        &mut self,
        fields: &Fields<'_>,
        (min_key, min): (&'static str, Option<T>),
        (max_key, max): (&'static str, Option<T>),
    ) {
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let expected = format!("at most `{max_key}`, which is {max}");
            self.unexpected(&fields.place(min_key), Rule::BoundsCrossed, &expected);
        }
    }

    fn one_of_two(&mut self, fields: &Fields<'_>, both: bool) {
        if both {
            let expected = "`default` or `const`";
            self.report(&fields.place("default"), Rule::DefaultAndConst, expected, "both");
        }
    }

    /// `fits` judges a value by the other constraints, `listed` by the values of `enum`.
    fn check_values<T>(
        &mut self,
        fields: &Fields<'_>,
        values: &Values<'_, T>,
        fits: impl Fn(&T) -> Verdict,
        listed: impl Fn(&T, &[T]) -> Verdict,
    ) {
        self.one_of_two(fields, values.default.is_some() && values.constant.is_some());
        let list = values.enumeration.unwrap_or_default();
        if values.enumeration.is_some() && list.is_empty() {
            self.report(&fields.place("enum"), Rule::EnumEmpty, "at least one value", "none");
        }
        for (key, value) in [("default", values.default), ("const", values.constant)] {
            let Some(value) = value else { continue };
            let in_list = || if list.is_empty() { Ok(()) } else { listed(value, list) };
            self.check_value(&fields.place(key), fits(value).and_then(|()| in_list()));
        }
        let place = fields.place("enum");
        let written = place.json.as_array().unwrap_or_default();
        for (index, (value, json)) in list.iter().zip(written).enumerate() {
            self.check_value(&place.index(index, json), fits(value));
        }
    }

    fn check_value(&mut self, at: &At<'_>, verdict: Verdict) {
        if let Err(violation) = verdict {
            let found = format!("{}: {violation}", at.json.describe());
            self.report(at, Rule::ValueConstraint, "a value that the field allows", &found);
        }
    }
}

fn check_string(text: &Text, value: &str) -> Verdict {
    if let Some(format) = text.format {
        check::string_format(value, format, Mode::Strict)?;
    }
    check::string_length(value, text.min_length, text.max_length)?;
    check::graphemes(value, text.min_graphemes, text.max_graphemes)
}
