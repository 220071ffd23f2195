//! Selectors of labels, as Kubernetes reads them (`metav1.LabelSelector`, `NodeSelectorTerm`;
//! apimachinery `pkg/labels/selector.go`).

use crate::yaml::Value;
use std::collections::BTreeMap;

/// Labels by their keys.
pub type Labels = BTreeMap<String, String>;

/// Everything that must hold of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

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

/// Why a value is no selector: where below it, and the message about that place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// `matchExpressions[0].operator`
    pub path: String,
    /// What follows the path: ` is a string, and a list belongs here`.
    pub what: String,
}

impl Malformed {
    fn new(path: String, found: &Value, wanted: &str) -> Malformed {
        let what = format!(" is {}, and {wanted} belongs here", found.type_name());
        Malformed { path, what }
    }
}

impl Selector {
    /// Reads a label selector, or a term of a node selector.
    ///
    /// # Errors
    ///
    /// When a field has another type than Kubernetes wants there, or an operator is unknown.
    pub fn read(value: &Value) -> Result<Selector, Malformed> {
        let mut selector = Selector::default();
        if let Some(labels) = present(value, "matchLabels") {
            selector = Selector::of(&read_labels("matchLabels", labels)?);
        }
        for (index, expression) in list("matchExpressions", value)?.iter().enumerate() {
            let path = format!("matchExpressions[{index}]");
            selector.0.push(Requirement::read(&path, expression)?);
        }
        Ok(selector)
    }

    /// What has all of these labels.
    pub fn of(labels: &Labels) -> Selector {
        let requirement = |(key, value): (&String, &String)| Requirement {
            key: key.clone(),
            operator: Operator::In(vec![value.clone()]),
        };
        Selector(labels.iter().map(requirement).collect())
    }

    /// The same, and also this label.
    pub fn and(mut self, key: &str, value: &str) -> Selector {
        let operator = Operator::In(vec![value.to_owned()]);
        self.0.push(Requirement { key: key.to_owned(), operator });
        self
    }

    /// The same, and not this label.
    pub fn and_not(mut self, key: &str, value: &str) -> Selector {
        let operator = Operator::NotIn(vec![value.to_owned()]);
        self.0.push(Requirement { key: key.to_owned(), operator });
        self
    }

    /// Whether these labels satisfy it.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.holds(|key| labels.get(key).map(String::as_str))
    }

    /// Whether labels satisfy it that `label` finds by key.
    pub fn holds<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
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

    /// The first label that it asks for by its value.
    pub fn label(&self) -> Option<(&str, &str)> {
        self.0.iter().find_map(|Requirement { key, operator }| match operator {
            Operator::In(values) => match values.as_slice() {
                [only] => Some((key.as_str(), only.as_str())),
                _ => None,
            },
            Operator::NotIn(_) | Operator::Exists | Operator::DoesNotExist => None,
        })
    }

    /// The keys that it asks for.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| requirement.key.as_str())
    }
}

impl Requirement {
    fn read(path: &str, expression: &Value) -> Result<Requirement, Malformed> {
        let text = |key: &str| match present(expression, key) {
            None => Ok(""),
            Some(value) => {
                let wrong = || Malformed::new(format!("{path}.{key}"), value, "a string");
                value.as_str().ok_or_else(wrong)
            }
        };
        let values = || {
            let items = list("values", expression)
                .map_err(|wrong| Malformed { path: format!("{path}.{}", wrong.path), ..wrong })?;
            let text = |(index, item): (usize, &Value)| {
                let path = format!("{path}.values[{index}]");
                item.as_str().map(str::to_owned).ok_or(Malformed::new(path, item, "a string"))
            };
            items.iter().enumerate().map(text).collect::<Result<Vec<String>, Malformed>>()
        };
        let operator = match text("operator")? {
            "In" => Operator::In(values()?),
            "NotIn" => Operator::NotIn(values()?),
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => {
                let what =
                    ": this operator is not known here; In, NotIn, Exists and DoesNotExist are";
                let path = format!("{path}.operator");
                return Err(Malformed { path, what: what.to_owned() });
            }
        };
        Ok(Requirement { key: text("key")?.to_owned(), operator })
    }
}

/// A map from text to text; `path` is what an error says of its place.
///
/// # Errors
///
/// When it is no map, or a value in it is no text.
pub fn read_labels(path: &str, value: &Value) -> Result<Labels, Malformed> {
    let Value::Map(entries) = value else {
        return Err(Malformed::new(path.to_owned(), value, "a map"));
    };
    let label = |(key, value): &(String, Value)| {
        let wrong = || Malformed::new(format!("{path}.{key}"), value, "a string");
        Ok((key.clone(), value.as_str().ok_or_else(wrong)?.to_owned()))
    };
    entries.iter().map(label).collect()
}

fn list<'a>(key: &str, value: &'a Value) -> Result<&'a [Value], Malformed> {
    match present(value, key) {
        None => Ok(&[]),
        Some(Value::List(items)) => Ok(items),
        Some(found) => Err(Malformed::new(key.to_owned(), found, "a list")),
    }
}

fn present<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|value| **value != Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    #[test]
    fn selectors_find_what_kubernetes_finds() {
        let labels = Labels::from(
            [("app", "web"), ("tier", "gold")]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        let cases = [
            ("{ matchLabels: { app: web } }", true),
            ("{ matchLabels: { app: api } }", false),
            ("{ matchExpressions: [{ key: app, operator: In, values: [web, api] }] }", true),
            ("{ matchExpressions: [{ key: app, operator: NotIn, values: [web] }] }", false),
            ("{ matchExpressions: [{ key: tier, operator: Exists }] }", true),
            ("{ matchExpressions: [{ key: team, operator: DoesNotExist }] }", true),
            ("{ matchExpressions: [{ key: team, operator: NotIn, values: [a] }] }", true),
            ("{}", true),
        ];
        for (selector, found) in cases {
            let read = Selector::read(&document(selector).unwrap()).unwrap();
            assert_eq!(read.selects(&labels), found, "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_told_where() {
        let cases = [
            ("{ matchLabels: [] }", "matchLabels"),
            ("{ matchLabels: { app: 1 } }", "matchLabels.app"),
            ("{ matchExpressions: {} }", "matchExpressions"),
            ("{ matchExpressions: [{ key: a, operator: Near }] }", "matchExpressions[0].operator"),
            (
                "{ matchExpressions: [{ key: a, operator: In, values: [1] }] }",
                "matchExpressions[0].values[0]",
            ),
        ];
        for (selector, path) in cases {
            let wrong = Selector::read(&document(selector).unwrap()).unwrap_err();
            assert_eq!(wrong.path, path, "{selector}");
        }
    }
}
