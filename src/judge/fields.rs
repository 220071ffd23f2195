//! Reading the fields of an object that somebody may have edited: what has a wrong type is a
//! problem with its path, never a panic.

use crate::kube::read::quantity::Quantity;
use crate::kube::read::selector::{Labels, Malformed, Selector, read_labels};
use crate::yaml::Value;
use std::collections::BTreeMap;

/// What keeps a file of the tree from being simulated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, below the tree; empty when the question itself is wrong.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Problem {
    pub(super) fn new(path: &str, message: String, help: &str) -> Problem {
        Problem { path: path.to_owned(), message, help: help.to_owned() }
    }

    /// A field that is not as Ninefold writes it.
    fn edited(path: &str, message: String) -> Problem {
        Problem::new(path, message, EDITED)
    }
}

/// What to do about a file that Ninefold did not write so.
pub(super) const EDITED: &str =
    "was it edited? `ninefold verify` says; `ninefold build` rewrites it";

/// A value of an object, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    file: &'a str,
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(file: &'a str, value: &'a Value) -> Fields<'a> {
        Fields { file, path: String::new(), value: Some(value) }
    }

    /// The value below, at a path with dots.
    pub(super) fn at(&self, path: &str) -> Fields<'a> {
        Fields { file: self.file, path: self.below(path), value: self.value(path) }
    }

    /// The same without its path, which only a message says.
    fn value(&self, path: &str) -> Option<&'a Value> {
        path.split('.').try_fold(self.value?, |value, key| {
            value.get(key).filter(|value| **value != Value::Null)
        })
    }

    /// Whether something stands at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.value(path).is_some()
    }

    pub(super) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// Whether the field says `true`.
    pub(super) fn is_true(&self, path: &str) -> bool {
        self.value(path) == Some(&Value::Bool(true))
    }

    fn below(&self, path: &str) -> String {
        if self.path.is_empty() { path.to_owned() } else { [&self.path, ".", path].concat() }
    }

    pub(super) fn problem(&self, key: &str, what: &str) -> Problem {
        Problem::edited(self.file, format!("`{}`: {what}", self.below(key)))
    }

    fn wrong(&self, wanted: &str) -> Problem {
        let found = self.value.map_or("nothing", Value::type_name);
        let message = format!("`{}` is {found}, and {wanted} belongs here", self.path);
        Problem::edited(self.file, message)
    }

    pub(super) fn text(&self, path: &str) -> Result<Option<&'a str>, Problem> {
        match self.value(path) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.at(path).wrong("a string")),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self, path: &str) -> Result<Option<u64>, Problem> {
        match self.value(path) {
            None => Ok(None),
            Some(Value::Int(number)) => match u64::try_from(*number) {
                // More is no number of pods or seconds.
                Ok(number) if number <= 1 << 31 => Ok(Some(number)),
                Ok(_) | Err(_) => Err(self.problem(path, "this number makes no sense here")),
            },
            Some(_) => Err(self.at(path).wrong("a whole number")),
        }
    }

    /// A number of pods.
    pub(super) fn count(&self, path: &str) -> Result<Option<usize>, Problem> {
        let Some(number) = self.number(path)? else { return Ok(None) };
        match usize::try_from(number) {
            Ok(count) if count <= MAX_PODS => Ok(Some(count)),
            Ok(_) | Err(_) => Err(self.problem(path, "more pods than any cluster runs")),
        }
    }

    pub(super) fn list(&self, path: &str) -> Result<Vec<Fields<'a>>, Problem> {
        let field = self.at(path);
        match field.value {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => Ok((items.iter().enumerate())
                .map(|(index, value)| Fields {
                    file: self.file,
                    path: format!("{}[{index}]", field.path),
                    value: Some(value),
                })
                .collect()),
            Some(_) => Err(field.wrong("a list")),
        }
    }

    pub(super) fn texts(&self, path: &str) -> Result<Vec<String>, Problem> {
        let items = self.list(path)?;
        let text = |item: &Fields<'_>| match item.value {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) | None => Err(item.wrong("a string")),
        };
        items.iter().map(text).collect()
    }

    /// A map from text to text.
    pub(super) fn map(&self, path: &str) -> Result<Labels, Problem> {
        let Some(value) = self.value(path) else { return Ok(Labels::new()) };
        read_labels(path, value).map_err(|wrong| self.malformed(&wrong))
    }

    /// A map from text to whole numbers.
    pub(super) fn numbers(&self, path: &str) -> Result<BTreeMap<String, u64>, Problem> {
        let field = self.at(path);
        let entries = field.value.map(Value::entries).unwrap_or_default().iter();
        let number =
            |(key, _): &(String, Value)| Ok((key.clone(), field.number(key)?.unwrap_or(0)));
        entries.map(number).collect()
    }

    /// A label selector, or a term of a node selector.
    pub(super) fn selector(&self) -> Result<Selector, Problem> {
        let Some(value) = self.value else { return Ok(Selector::default()) };
        Selector::read(value).map_err(|wrong| self.malformed(&wrong))
    }

    fn malformed(&self, wrong: &Malformed) -> Problem {
        Problem::edited(self.file, format!("`{}`{}", self.below(&wrong.path), wrong.what))
    }

    /// A Kubernetes quantity in thousandths: `250m`, `1.5`, `64Mi`.
    pub(super) fn quantity(&self, path: &str) -> Result<Option<u128>, Problem> {
        let Some(value) = self.value(path) else { return Ok(None) };
        let parsed = Quantity::of(value).and_then(Quantity::thousandths);
        parsed.map(Some).ok_or_else(|| self.at(path).wrong("an amount like `250m` or `64Mi`"))
    }

    /// The amounts of extended resources, whose names have a domain.
    pub(super) fn devices(&self, path: &str) -> Result<BTreeMap<String, u128>, Problem> {
        let field = self.at(path);
        let entries = field.value.map(Value::entries).unwrap_or_default().iter();
        let devices = entries.filter(|(name, _)| name.contains('/'));
        let amount = |(name, value): &(String, Value)| {
            let parsed = Quantity::of(value).and_then(Quantity::thousandths);
            let parsed = parsed.ok_or_else(|| field.wrong("amounts like `1`"))?;
            Ok((name.clone(), parsed))
        };
        devices.map(amount).collect()
    }

    /// A number of pods, or a share of them in percent.
    pub(super) fn amount(&self, path: &str) -> Result<Option<Amount>, Problem> {
        match self.value(path) {
            Some(Value::String(text)) => {
                let share = text.strip_suffix('%').and_then(|share| share.parse::<usize>().ok());
                let share = share.filter(|share| *share <= 100);
                share.map(|share| Some(Amount::Percent(share))).ok_or_else(|| {
                    self.problem(path, "a number, or a share like `25%`, belongs here")
                })
            }
            Some(_) | None => Ok(self.count(path)?.map(Amount::Pods)),
        }
    }
}

/// More than a cluster of 5,000 nodes runs (kubernetes.io, "Considerations for large clusters").
const MAX_PODS: usize = 150_000;

/// A number of pods, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Pods(usize),
    Percent(usize),
}

impl Amount {
    /// Of so many. Percentages round up, as the disruption controller does.
    pub(super) fn of(self, pods: usize) -> usize {
        match self {
            Amount::Pods(count) => count,
            Amount::Percent(share) => (pods * share).div_ceil(100),
        }
    }
}
