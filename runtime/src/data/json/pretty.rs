/// Spreads compact JSON over lines, with two spaces for each level.
pub(super) fn pretty(compact: &str) -> String {
    let mut printer = Printer { out: String::with_capacity(compact.len() * 2), depth: 0 };
    let mut rest = compact.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => printer.string(&mut rest),
            '[' | '{' if matches!(rest.peek(), Some(']' | '}')) => {
                printer.out.push(c);
                printer.out.extend(rest.next());
            }
            '[' | '{' => printer.open(c),
            ']' | '}' => printer.close(c),
            ',' => {
                printer.out.push(',');
                printer.line();
            }
            ':' => printer.out.push_str(": "),
            other => printer.out.push(other),
        }
    }
    printer.out
}

struct Printer {
    out: String,
    depth: usize,
}

impl Printer {
    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.depth += 1;
        self.line();
    }

    fn close(&mut self, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        self.line();
        self.out.push(bracket);
    }

    /// Copies the rest of a string.
    fn string(&mut self, rest: &mut impl Iterator<Item = char>) {
        self.out.push('"');
        let mut escaped = false;
        for c in rest {
            self.out.push(c);
            if c == '"' && !escaped {
                break;
            }
            escaped = c == '\\' && !escaped;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn each_item_has_its_line() {
        assert_eq!(
            pretty(r#"{"a":[1,{}],"b":"x\\\",:{","c":[]}"#),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x\\\\\\\",:{\",\n  \"c\": []\n}"
        );
        assert_eq!(pretty("null"), "null");
    }
}
