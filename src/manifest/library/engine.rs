//! What renders templates.

use crate::manifest::outline::Outline;
use crate::manifest::{Recent, tokens};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tera::{Context, Tera};

/// Parsed templates, and the texts that they made.
#[derive(Default)]
pub(super) struct Engine {
    pub(super) tera: Tera,
    /// The texts of a template, by the outline of its values; by the name of the template.
    texts: BTreeMap<String, Recent<Box<[u8]>, str>>,
}

/// As many texts of a template are kept at least, where there are so many; one that left is rendered
/// again.
const TEXTS: usize = 128;

impl Engine {
    /// Parses templates.
    pub(super) fn of(texts: Vec<(String, String)>) -> Result<Engine, tera::Error> {
        let mut tera = Tera::default();
        tera.set_escape_fn(tokens::escape);
        // An empty suffix is that of every name.
        tera.autoescape_on([""]);
        tera.register_filter("safe", |_: &tera::Value, _: tera::Kwargs, _: &tera::State<'_>| {
            Err::<String, _>(tera::Error::message(
                "`safe` would let a string of a spec become YAML syntax; strings need no quoting here",
            ))
        });
        let names = texts.iter().map(|(name, _)| (name.clone(), Recent::new(TEXTS))).collect();
        tera.add_raw_templates(texts)?;
        Ok(Engine { tera, texts: names })
    }

    /// Forgets the texts.
    pub(super) fn clear(&self) {
        self.texts.values().for_each(Recent::clear);
    }

    /// What a template that looks at no string makes of values with this outline: with a token for each
    /// string of them.
    pub(super) fn text(
        &self,
        template: &str,
        values: &impl Serialize,
        outline: &Outline,
    ) -> Result<Arc<str>, tera::Error> {
        let recent = self.texts.get(template);
        if let Some(text) = recent.and_then(|recent| recent.get(outline.key())) {
            return Ok(text);
        }
        let context = Context::from_serialize(&Outline::tokens(values))?;
        let text: Arc<str> = tokens::leave(|| self.tera.render(template, &context))?.into();
        if let Some(recent) = recent {
            recent.add(outline.key().into(), Arc::clone(&text));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::library::built_in::texts;

    /// Comparisons are with the names of variants, which outlines have.
    const COMPARED: [&str; 3] = [
        r#"metric.source == "Resource""#,
        r#"metric.source == "External""#,
        r#"metric.source == "Pods""#,
    ];

    fn is_path(text: &str) -> bool {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c);
        !text.is_empty() && text.chars().all(word)
    }

    fn is_condition(text: &str) -> bool {
        let term = |term: &str| {
            let term = term.strip_prefix("not ").unwrap_or(term);
            let none = term.strip_suffix(" is none").or(term.strip_suffix(" is not none"));
            is_path(none.unwrap_or(term)) || COMPARED.contains(&term)
        };
        text.split(" or ").flat_map(|text| text.split(" and ")).all(term)
    }

    fn looks_at_no_string(tag: &str) -> bool {
        let (word, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        match word {
            "else" | "endif" | "endfor" | "endfilter" => rest.is_empty(),
            "filter" => rest.starts_with("indent("),
            "include" => rest.starts_with('"'),
            "if" | "elif" => is_condition(rest),
            "for" => rest.split_once(" in ").is_some_and(|(_, list)| is_path(list)),
            "set" => rest.split_once(" = ").is_some_and(|(_, value)| is_path(value)),
            _ => is_path(tag),
        }
    }

    #[test]
    fn every_tag_of_a_manifest_looks_at_no_string() {
        let mut tags = 0;
        for (name, text) in texts().filter(|(name, _)| name.ends_with(".yaml")) {
            for (open, close) in [("{{", "}}"), ("{%", "%}")] {
                // What is quoted would be a string, also where it is a number.
                assert!(!text.contains("\"{{") && !text.contains("'{{"), "{name}");
                for tag in text.split(open).skip(1) {
                    let tag = tag.split_once(close).map_or(tag, |(tag, _)| tag);
                    let tag = tag.trim_matches(['-', ' ']);
                    assert!(looks_at_no_string(tag), "{name}: {tag}");
                    tags += 1;
                }
            }
        }
        assert!(tags > 500, "{tags}");
    }
}
