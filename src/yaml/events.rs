//! What the parser reads, one event after another → [`Value`]. Aliases and merge keys are followed, and
//! bounded: they could multiply without end.

use super::Value;
use super::read::Segment;
use super::scalar::{key, scalar};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Deeper than any object of Kubernetes; every level is a call.
const MAX_DEPTH: usize = 100;

/// More than the API server stores of one object.
const MAX_VALUES: usize = 500_000;

/// The fewest bytes of a value in a list of objects, its mark or its key among them: of a text that is
/// longer, more values are read.
const BYTES_OF_VALUE: usize = 8;

/// How many bytes of a text take as much room as a value.
const LONG_TEXT: usize = 32;

/// How many values aliases may still make, of however many documents: each may be small, and name much.
#[derive(Debug)]
pub struct Copies(usize);

impl Copies {
    /// Counts a copy of a value before it is made.
    fn take(&mut self, value: &Value, span: Span) -> Result<(), Fault> {
        match self.0.checked_sub(size(value)) {
            Some(left) => self.0 = left,
            None => return fault("aliases make more of this than an object can hold", span),
        }
        Ok(())
    }
}

impl Default for Copies {
    fn default() -> Copies {
        Copies(MAX_VALUES)
    }
}

/// Why a text is no YAML of this kind, and where.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) at: Span,
}

/// Whoever wants to know where things stand.
pub(super) trait Places {
    /// A document begins.
    fn document(&mut self, at: Span);
    /// What the next events are about: an entry, with its key there, or an item.
    fn enter(&mut self, step: Segment<'_>, at: Span);
    /// They were about it.
    fn leave(&mut self);
}

/// Nobody does.
impl Places for () {
    fn document(&mut self, _: Span) {}
    fn enter(&mut self, _: Segment<'_>, _: Span) {}
    fn leave(&mut self) {}
}

/// Reads every document, and hands it to `found`; empty ones are left out. A byte order mark is skipped.
pub(super) fn documents<P: Places>(
    text: &str,
    (places, copies): (&mut P, &mut Copies),
    mut found: impl FnMut(&mut P, Value),
) -> Result<(), Fault> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let events = Parser::new_from_str(text);
    let most = MAX_VALUES + text.len() / BYTES_OF_VALUE;
    let mut reader =
        Reader { events, anchors: BTreeMap::new(), left: most, copies, depth: 0, places };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(()),
            Event::DocumentStart(_) => {
                reader.anchors.clear();
                reader.left = most;
            }
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            event @ (Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::SequenceEnd
            | Event::MappingStart(..)
            | Event::MappingEnd) => {
                reader.places.document(span);
                let mut value = reader.node(event, span)?;
                value.sort();
                if value != Value::Null {
                    found(reader.places, value);
                }
            }
        }
    }
}

/// The byte order mark.
pub(super) const MARK: char = '\u{feff}';

struct Reader<'t, 'p, P> {
    events: Parser<'t, StrInput<'t>>,
    anchors: BTreeMap<usize, Value>,
    /// How many values may still come in this document.
    left: usize,
    copies: &'p mut Copies,
    depth: usize,
    places: &'p mut P,
}

impl<'t, P: Places> Reader<'t, '_, P> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Fault> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => fault(error.info(), Span::empty(*error.marker())),
            None => Ok((Event::StreamEnd, Span::empty(Marker::new(0, 1, 0)))),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<Value, Fault> {
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return fault("this holds more values than an object can hold", span),
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(text, style, tag.as_deref());
                let value = value.or_else(|message| fault(message, span))?;
                self.keep(anchor, &value, span)?;
                Ok(value)
            }
            Event::SequenceStart(anchor, tag) => {
                plain_tag(tag, "seq", span)?;
                let value = self.within(span, Reader::list)?;
                self.keep(anchor, &value, span)?;
                Ok(value)
            }
            Event::MappingStart(anchor, tag) => {
                plain_tag(tag, "map", span)?;
                let value = self.within(span, Reader::map)?;
                self.keep(anchor, &value, span)?;
                Ok(value)
            }
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor) else {
                    return fault("this stands for something that holds it", span);
                };
                self.copies.take(value, span)?;
                Ok(value.clone())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => fault("a value is missing", span),
        }
    }

    fn within(
        &mut self,
        span: Span,
        read: fn(&mut Self) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        if self.depth == MAX_DEPTH {
            return fault(format!("this is more than {MAX_DEPTH} levels deep"), span);
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Result<Value, Fault> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::List(items));
            }
            self.places.enter(Segment::Index(items.len()), span);
            items.push(self.node(event, span)?);
            self.places.leave();
        }
    }

    fn map(&mut self) -> Result<Value, Fault> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut merged: Vec<(String, Value)> = Vec::new();
        let mut known = BTreeSet::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => {
                    merged.extend(self.merged()?);
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let key = key(text, style, tag.as_deref());
                    let key = key.or_else(|message| fault(message, span))?;
                    if anchor > 0 {
                        self.keep(anchor, &Value::String(key.clone()), span)?;
                    }
                    if !known.insert(key.clone()) {
                        return fault(format!("the key `{key}` stands twice in one map"), span);
                    }
                    self.places.enter(Segment::Key(&key), span);
                    let (event, span) = self.next()?;
                    let value = self.node(event, span)?;
                    self.places.leave();
                    entries.push((key, value));
                }
                Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
                | Event::SequenceEnd
                | Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd => return fault("a key is plain text", span),
            }
        }
        for (key, value) in merged {
            if known.insert(key.clone()) {
                entries.push((key, value));
            }
        }
        Ok(Value::Map(entries))
    }

    /// The entries that `<<` brings.
    fn merged(&mut self) -> Result<Vec<(String, Value)>, Fault> {
        let (event, span) = self.next()?;
        let merged = self.node(event, span)?;
        let maps = if let Value::List(maps) = merged { maps } else { vec![merged] };
        let mut entries = Vec::new();
        for map in maps {
            let Value::Map(more) = map else {
                return fault("`<<` takes a map, or a list of maps", span);
            };
            entries.extend(more);
        }
        Ok(entries)
    }

    fn keep(&mut self, anchor: usize, value: &Value, span: Span) -> Result<(), Fault> {
        if anchor > 0 {
            self.copies.take(value, span)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok(())
    }
}

fn fault<T>(message: impl Into<String>, at: Span) -> Result<T, Fault> {
    Err(Fault { message: message.into(), at })
}

fn plain_tag(tag: Option<Cow<'_, Tag>>, plain: &str, span: Span) -> Result<(), Fault> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == plain) => {
            fault(format!("Kubernetes does not read the tag `{tag}`"), span)
        }
        _ => Ok(()),
    }
}

/// How many values a value holds, itself among them; a long text counts as several.
fn size(value: &Value) -> usize {
    let items: usize = value.items().iter().map(size).sum();
    let of = |(key, value): &(String, Value)| key.len() / LONG_TEXT + size(value);
    let entries: usize = value.entries().iter().map(of).sum();
    1 + value.as_str().map_or(0, |text| text.len() / LONG_TEXT) + items + entries
}
