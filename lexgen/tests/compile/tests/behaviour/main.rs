//! What generated types do with data.

mod groups;
mod methods;
mod names;
mod objects;
mod recursion;
mod support;
mod unions;
