//! The templates of the page. Every string of the user's own is escaped on its way into one.

use super::{Report, foreign};
use crate::diff::format::escape::plain;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::sync::OnceLock;
use tera::{Context, Tera};

macro_rules! templates {
    ($($name:literal)*) => {
        /// All of them, by name.
        const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

templates! {
    "report/report.html"
    "report/style.css"
    "report/script.js"
    "report/first.html"
    "report/map.html"
    "report/promises.html"
    "report/services.html"
    "report/sums.html"
    "report/graph.html"
    "report/week.html"
    "report/lists.html"
    "report/report.md"
    "report/foreign.html"
    "report/foreign.md"
}

/// The script of the page, of which a browser gets the digest: it runs no other.
const SCRIPT: &str = include_str!("../../templates/report/script.js");

/// The page as HTML.
pub(super) fn html(report: &Report) -> String {
    page(context(report), "report/report.html")
}

/// The page as Markdown.
pub(super) fn markdown(report: &Report) -> String {
    text(&context(report), "report/report.md")
}

/// The page about manifests without a ledger, as HTML.
pub(super) fn foreign_html(page: &foreign::Page) -> String {
    self::page(serialized(page), "report/foreign.html")
}

/// The same as Markdown.
pub(super) fn foreign_markdown(page: &foreign::Page) -> String {
    text(&serialized(page), "report/foreign.md")
}

fn page(mut context: Context, name: &str) -> String {
    static HTML: OnceLock<Tera> = OnceLock::new();
    let digest = STANDARD.encode(hmac_sha256::Hash::hash(SCRIPT.as_bytes()));
    context.insert("script_digest", &format!("sha256-{digest}"));
    compact(&render(HTML.get_or_init(|| engine(escape_html)), name, &context))
}

fn text(context: &Context, name: &str) -> String {
    static MARKDOWN: OnceLock<Tera> = OnceLock::new();
    let tera = MARKDOWN.get_or_init(|| engine(escape_markdown));
    with_whole_tables(&render(tera, name, context))
}

fn context(report: &Report) -> Context {
    serialized(report)
}

fn serialized(page: &impl serde::Serialize) -> Context {
    Context::from_serialize(page).expect("a report holds texts and numbers")
}

fn render(tera: &Tera, name: &str, context: &Context) -> String {
    tera.render(name, context).expect("a test renders every template")
}

/// End tags that HTML lets one leave out, as what follows ends the element too. They would be a tenth
/// of a large page.
const IMPLIED: [&str; 4] = ["</td>", "</th>", "</tr>", "</li>"];

/// HTML without the lines that conditions leave empty, and without end tags that are implied.
fn compact(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.trim().lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let mut rest = line;
        while let Some(start) = rest.find("</") {
            let implied = IMPLIED.iter().find(|tag| rest[start..].starts_with(**tag));
            let (kept, skipped) = implied.map_or((start + 2, 0), |tag| (start, tag.len()));
            out.push_str(&rest[..kept]);
            rest = &rest[kept + skipped..];
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

/// Markdown without the lines that conditions leave empty.
fn with_whole_tables(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut row = false;
    for line in markdown.trim().lines().map(str::trim_end) {
        if line.is_empty() && out.ends_with("\n\n") {
            continue;
        }
        // Rows of a table, and items of a list, follow each other.
        let is_row = line.starts_with(['|', '-']);
        if is_row && row && out.ends_with("\n\n") {
            out.pop();
        }
        row = is_row || (row && line.is_empty());
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn engine(escape: fn(&str, &mut dyn Write) -> std::io::Result<()>) -> Tera {
    let mut tera = Tera::default();
    tera.set_escape_fn(escape);
    // An empty suffix is that of every name.
    tera.autoescape_on([""]);
    tera.register_filter("code", |text: &str, _: tera::Kwargs, _: &tera::State<'_>| {
        tera::Value::safe_string(&with_code(text))
    });
    let owned = TEMPLATES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let texts: Vec<(String, String)> = owned.collect();
    tera.add_raw_templates(texts).expect("a test renders every template");
    tera
}

/// What is written between tags, or in an attribute with quotes.
fn escape_html(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    for c in plain(text).chars() {
        match c {
            '&' => out.write_all(b"&amp;")?,
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '"' => out.write_all(b"&quot;")?,
            '\'' => out.write_all(b"&#39;")?,
            c => write!(out, "{c}")?,
        }
    }
    Ok(())
}

/// A sentence as HTML, in which words between backticks are code.
fn with_code(text: &str) -> String {
    let mut out = Vec::new();
    let parts: Vec<&str> = text.split('`').collect();
    for (index, part) in parts.iter().enumerate() {
        // A backtick that nothing closes stands for itself.
        let (before, after): (&[u8], &[u8]) = match index % 2 {
            1 if index + 1 < parts.len() => (b"<code>", b"</code>"),
            1 => (b"`", b""),
            _ => (b"", b""),
        };
        out.extend_from_slice(before);
        escape_html(part, &mut out).expect("a vector takes every byte");
        out.extend_from_slice(after);
    }
    String::from_utf8(out).expect("what is escaped is text")
}

/// What is written in a cell of a table, or in a line: no mark of Markdown or HTML means anything.
fn escape_markdown(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    for c in plain(text).chars() {
        match c {
            '&' => out.write_all(b"&amp;")?,
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => write!(out, "\\{c}")?,
            c => write!(out, "{c}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_backticks_are_code_and_nothing_else_is_markup() {
        let code = "<code>a&lt;b</code> is &lt;gone&gt;: <code>data</code>";
        assert_eq!(with_code("`a<b` is <gone>: `data`"), code);
        assert_eq!(with_code("5` of <it>"), "5` of &lt;it&gt;");
    }
}
