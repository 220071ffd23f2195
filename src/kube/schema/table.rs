//! The text of a table → [`Table`]. Its form is explained at the head of `builtin.txt`.
//!
//! The tables are part of the program, so a line that is wrong is a bug, and every test finds it.

use super::{Field, Identity, Items, KindType, Object, Span, Table, Text, Type};
use crate::kube::version::Version;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// Kinds and objects, each with the lines below it.
struct Section {
    head: &'static str,
    fields: Vec<&'static str>,
}

/// The first text has what Kubernetes has of itself.
pub(super) fn parse(texts: &[&'static str]) -> Table {
    let built_in = texts.first().map_or(0, |text| sections(text).len());
    let sections: Vec<Section> = texts.iter().flat_map(|text| sections(text)).collect();
    let names: BTreeMap<&'static str, Type> =
        sections.iter().enumerate().map(|(at, section)| (section.head, Type::Object(at))).collect();
    assert_eq!(names.len(), sections.len(), "a name stands for one thing");
    let mut table = Table::default();
    for (at, section) in sections.iter().enumerate() {
        table.kinds.extend(kind(section.head, Type::Object(at), at < built_in));
        table.objects.0.push(object(section, &names));
    }
    table.names = names;
    let own = table.kinds.iter().filter(|row| row.built_in);
    table.own = own.map(|row| super::group(&row.api_version).to_owned()).collect();
    table
}

fn sections(text: &'static str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'))
    {
        match line.strip_prefix("  ") {
            None => sections.push(Section { head: line, fields: Vec::new() }),
            Some(field) => sections.last_mut().expect("fields have a head").fields.push(field),
        }
    }
    sections
}

/// The kind whose section begins with `head`; none when it is an object that others refer to.
fn kind(head: &'static str, of: Type, built_in: bool) -> Option<KindType> {
    let mut words = head.split(' ');
    let (api_version, kind) = (words.next()?, words.next()?);
    let namespaced = match words.next() {
        Some("namespaced") => true,
        Some("cluster") => false,
        scope => panic!("{head}: {scope:?} is no scope"),
    };
    let span = words.next().map_or(Span::ALL, span);
    Some(KindType {
        api_version: Text::Borrowed(api_version),
        kind: Text::Borrowed(kind),
        namespaced,
        span,
        of,
        built_in,
    })
}

fn object(section: &Section, names: &BTreeMap<&'static str, Type>) -> Object {
    let mut fields: Vec<Field> = section.fields.iter().map(|line| field(line, names)).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Object { fields, rest: None }
}

fn field(line: &'static str, names: &BTreeMap<&'static str, Type>) -> Field {
    let mut words = line.split(' ');
    let name = words.next().expect("a line is not empty");
    let (name, required) = match name.strip_suffix('!') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (of, rest) = of(words.next().expect("a field has a type"), names);
    assert!(rest.is_empty(), "{line}: {rest} follows the type");
    let mut field = Field { name: Text::Borrowed(name), required, of, span: Span::ALL };
    while let Some(word) = words.next() {
        let mut items = Items::default();
        match word {
            "by" => {
                let keys = words.next().expect("`by` is followed by keys");
                items.server = Identity::By(keys.split(',').map(Text::Borrowed).collect());
            }
            "set" => items.server = Identity::Set,
            "merge" => {
                items.merge = Some(Text::Borrowed(words.next().expect("`merge` has a key")));
            }
            versions => {
                field.span = span(versions);
                continue;
            }
        }
        let Type::List(_, of_field) = &mut field.of else { panic!("{line}: this is no list") };
        match items.merge {
            Some(_) => of_field.merge = items.merge,
            None => of_field.server = items.server,
        }
    }
    // A key of one field that serves the server serves a merge, unless the line says otherwise.
    if let Type::List(_, Items { server: Identity::By(keys), merge: merge @ None }) = &mut field.of
        && let [key] = keys.as_slice()
    {
        *merge = Some(key.clone());
    }
    field
}

/// The type with which `text` begins, and what follows it.
fn of<'a>(text: &'a str, names: &BTreeMap<&'static str, Type>) -> (Type, &'a str) {
    let closed = |inner: &'a str, end: char| {
        let (of, rest) = of(inner, names);
        let rest = rest.strip_prefix(end).unwrap_or_else(|| panic!("{text}: no {end:?}"));
        (Box::new(of), rest)
    };
    if let Some(inner) = text.strip_prefix('[') {
        let (of, rest) = closed(inner, ']');
        return (Type::List(of, Items::default()), rest);
    }
    if let Some(inner) = text.strip_prefix('{') {
        let (of, rest) = closed(inner, '}');
        return (Type::Map(of), rest);
    }
    let (word, rest) = text.split_at(text.find([']', '}']).unwrap_or(text.len()));
    if word.starts_with('"') {
        let one = |value: &str| Value::String(value.trim_matches('"').to_owned());
        return (Type::OneOf(word.split('|').map(one).collect(), Box::new(Type::String)), rest);
    }
    let of = match word {
        "any" => Type::Any,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "time" => Type::Time,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "number" => Type::Number,
        "boolean" => Type::Boolean,
        "int-or-string" => Type::IntOrString,
        "quantity" => Type::Quantity,
        name => names.get(name).unwrap_or_else(|| panic!("{name} is no object")).clone(),
    };
    (of, rest)
}

/// `1.33..1.35`, either of which may be left out.
fn span(text: &str) -> Span {
    let (first, last) = text.split_once("..").unwrap_or_else(|| panic!("{text} is no span"));
    let version = |text: &str, open: Version| match text {
        "" => open,
        text => text.parse().unwrap_or_else(|()| panic!("{text} is no version")),
    };
    Span { first: version(first, Span::ALL.first), last: version(last, Span::ALL.last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A comment.
x.io/v1 Thing namespaced 1.33..
  spec! ThingSpec
ThingSpec
  # Another.
  b {[string]} ..1.34
  b {[int32]} 1.35..
  a! [ThingSpec] by name,port merge name 1.32..1.36
  mode \"On\"|\"Off\"
";

    #[test]
    fn a_table_is_read() {
        let table = parse(&[TEXT]);
        assert_eq!(table.objects.0.len(), 2);
        let kind = table.kind("x.io/v1", "Thing").unwrap();
        assert!(kind.namespaced && !kind.span.has(Version { minor: 32 }));
        let spec = &table.objects.0[1];
        let names: Vec<&str> = spec.fields.iter().map(|field| &*field.name).collect();
        assert_eq!(names, ["a", "b", "b", "mode"]);
        assert!(spec.fields[0].required);
        assert_eq!(spec.fields[0].span.last, Version { minor: 36 });
        let items = Items {
            server: Identity::By(vec!["name".into(), "port".into()]),
            merge: Some("name".into()),
        };
        assert_eq!(spec.fields[0].of, Type::List(Box::new(Type::Object(1)), items));
        let list = Type::List(Box::new(Type::String), Items::default());
        assert_eq!(spec.fields[1].of, Type::Map(Box::new(list)));
    }
}
