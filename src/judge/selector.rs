//! Selectors of labels, as Kubernetes reads them (`metav1.LabelSelector`, `NodeSelectorTerm`).

use super::fields::{Fields, Problem};
use std::collections::BTreeMap;

pub(super) type Labels = BTreeMap<String, String>;

/// Everything that must hold of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a label selector, or a term of a node selector.
    pub(super) fn read(value: &Fields<'_>) -> Result<Selector, Problem> {
        let mut selector = Selector::of(&value.map("matchLabels")?);
        for expression in value.list("matchExpressions")? {
            let key = expression.text("key")?.unwrap_or_default().to_owned();
            let values = || expression.texts("values");
            let operator = match expression.text("operator")? {
                Some("In") => Operator::In(values()?),
                Some("NotIn") => Operator::NotIn(values()?),
                Some("Exists") => Operator::Exists,
                Some("DoesNotExist") => Operator::DoesNotExist,
                Some(_) | None => {
                    return Err(expression.problem(
                        "operator",
                        "this operator is not simulated; In, NotIn, Exists and DoesNotExist are",
                    ));
                }
            };
            selector.0.push(Requirement { key, operator });
        }
        Ok(selector)
    }

    /// What has all of these labels.
    pub(super) fn of(labels: &Labels) -> Selector {
        let requirement = |(key, value): (&String, &String)| Requirement {
            key: key.clone(),
            operator: Operator::In(vec![value.clone()]),
        };
        Selector(labels.iter().map(requirement).collect())
    }

    /// The same, and also this label.
    pub(super) fn and(mut self, key: &str, value: &str) -> Selector {
        let operator = Operator::In(vec![value.to_owned()]);
        self.0.push(Requirement { key: key.to_owned(), operator });
        self
    }

    /// The same, and not this label.
    pub(super) fn and_not(mut self, key: &str, value: &str) -> Selector {
        let operator = Operator::NotIn(vec![value.to_owned()]);
        self.0.push(Requirement { key: key.to_owned(), operator });
        self
    }

    /// Whether these labels satisfy it.
    pub(super) fn selects(&self, labels: &Labels) -> bool {
        self.holds(|key| labels.get(key).map(String::as_str))
    }

    /// Whether labels satisfy it that `label` finds by key.
    pub(super) fn holds<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|Requirement { key, operator }| {
            let has = label(key);
            let among = |values: &[String]| values.iter().any(|value| has == Some(value.as_str()));
            match operator {
                Operator::In(values) => among(values),
                Operator::NotIn(values) => !among(values),
                Operator::Exists => has.is_some(),
                Operator::DoesNotExist => has.is_none(),
            }
        })
    }

    /// The keys that it asks for.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| requirement.key.as_str())
    }
}
