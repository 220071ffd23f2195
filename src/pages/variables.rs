//! Variables of the shell: procedures are written in them, cards set them, and a printed runbook has
//! their values instead.

/// How long a line of assignments may become.
const WIDTH: usize = 100;

/// Names and values, in the order in which a card sets them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(Vec<(&'static str, String)>);

impl Variables {
    /// Adds one.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    /// Those of both; what `other` says comes first.
    pub(crate) fn and(&self, other: &Variables) -> Variables {
        Variables(other.0.iter().chain(&self.0).cloned().collect())
    }

    /// As lines of assignments.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (name, value) in &self.0 {
            let assigned = format!("{name}={}", word(value));
            match lines.last_mut() {
                Some(line) if line.len() + assigned.len() < WIDTH => {
                    line.push(' ');
                    line.push_str(&assigned);
                }
                Some(_) | None => lines.push(assigned),
            }
        }
        lines
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The text with values in the place of the variables that are known. One that is a whole word,
    /// `"${NAME:?}"`, becomes a word; any other becomes the value as it is.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, variable) = rest.split_at(at);
            out.push_str(before);
            let Some((name, length)) = name(variable) else {
                out.push('$');
                rest = &variable[1..];
                continue;
            };
            rest = &variable[length..];
            match self.get(name) {
                None => out.push_str(&variable[..length]),
                Some(value) => {
                    let opens =
                        out.ends_with('"') && out[..out.len() - 1].ends_with([' ', '(', '=', '\n']);
                    let closes = rest.strip_prefix('"').filter(|after| {
                        after.is_empty() || after.starts_with([' ', ')', ';', '\n'])
                    });
                    match closes.filter(|_| opens) {
                        Some(after) => {
                            out.pop();
                            out.push_str(&word(value));
                            rest = after;
                        }
                        None => out.push_str(value),
                    }
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// The name of the variable at the beginning of a text, and how many bytes of it name it: `$NAME`,
/// `${NAME}`, `${NAME:?}`, `${NAME?}`, `${NAME:-}`.
fn name(text: &str) -> Option<(&str, usize)> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let end = |text: &str| text.find(|c: char| !plain(c)).unwrap_or(text.len());
    let inner = text.strip_prefix('$')?;
    let Some(braced) = inner.strip_prefix('{') else {
        let end = end(inner);
        return (end > 0).then(|| (&inner[..end], 1 + end));
    };
    let name = &braced[..end(braced)];
    let after = &braced[name.len()..];
    let closed = ["}", ":?}", "?}", ":-}"].into_iter().find(|close| after.starts_with(close))?;
    (!name.is_empty()).then(|| (name, 2 + name.len() + closed.len()))
}

/// A word of the shell that means the text itself.
pub(crate) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let mut variables = Variables::default();
        variables.set("TO", "centralus");
        variables.set("HOSTS", "a.example.com b.example.com");
        variables.set("SIZE", r#"{"spec":{"replicas":3}}"#);
        variables
    }

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_stays() {
        for (text, filled) in [
            (r#"kubectl --context "${TO:?}" get"#, "kubectl --context centralus get"),
            (r#"-f "${TO:?}/${FILE:?}""#, r#"-f "centralus/${FILE:?}""#),
            (r#"-p "${SIZE:?}""#, r#"-p '{"spec":{"replicas":3}}'"#),
            ("for HOST in ${HOSTS?}; do", "for HOST in a.example.com b.example.com; do"),
            (r#"'{"a":"'"${TO:?}"'"}'"#, r#"'{"a":"'"centralus"'"}'"#),
            ("in `$TO`, $1 and ${X:-}", "in `centralus`, $1 and ${X:-}"),
            ("$(date) ${TOP:?} $", "$(date) ${TOP:?} $"),
        ] {
            assert_eq!(variables().fill(text), filled);
        }
    }

    #[test]
    fn a_card_sets_them_in_words() {
        assert_eq!(
            variables().lines(),
            [r#"TO=centralus HOSTS='a.example.com b.example.com' SIZE='{"spec":{"replicas":3}}'"#]
        );
    }

    #[test]
    fn a_word_is_one_word_and_nothing_else() {
        assert_eq!(word("orders-db"), "orders-db");
        assert_eq!(word("two words"), "'two words'");
        assert_eq!(word("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(word("$(x)"), "'$(x)'");
        assert_eq!(word(""), "''");
    }
}
