//! The page itself: what its template reads, and the template.

use serde::Serialize;
use std::sync::OnceLock;
use tera::{Context, Tera};

/// The template, by its name below `templates`.
const NAME: &str = "cutover/service.md";
const TEMPLATE: &str = include_str!("../../../templates/cutover/service.md");

/// What moves a service.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub(super) service: String,
    pub(super) namespace: String,
    pub(super) region: String,
    pub(super) engine: &'static str,
    pub(super) engine_name: &'static str,
    /// What the engine calls what delivers the service here.
    pub(super) delivered: String,
    /// Whether the tree has what makes the engine deliver.
    pub(super) delivers: bool,
    pub(super) kind: &'static str,
    pub(super) stateful: bool,
    /// What runs today and what runs after, by their names.
    pub(super) old: String,
    pub(super) new: String,
    /// Whether the two have one name, and differ in their selectors.
    pub(super) same: bool,
    pub(super) old_replicas: i64,
    /// As many as start where no autoscaler says more.
    pub(super) new_replicas: i64,
    /// Selectors of the pods of both, as `kubectl -l` takes them.
    pub(super) old_pods: String,
    pub(super) new_pods: String,
    /// The labels by which the new StatefulSet takes the running pods, as `kubectl label` takes them.
    pub(super) joins: String,
    /// The Services that go on under their names.
    pub(super) handed: Vec<Handed>,
    /// Services that select the old pods, and stay as they are.
    pub(super) kept: Vec<String>,
    /// Those that nothing emits any more.
    pub(super) gone: Vec<String>,
    pub(super) scaler: Option<String>,
    pub(super) budgets: Vec<String>,
    pub(super) routes: Vec<Route>,
    pub(super) claims: Vec<Claim>,
    /// Whether every claim is found again under its name.
    pub(super) claims_stay: bool,
    /// The name by which pods are found one by one, before and after, where it changes.
    pub(super) addresses: Option<Addresses>,
    /// Files below the tree: what pods need, the workload, and what is applied once the old ones are gone.
    pub(super) first: Vec<String>,
    pub(super) workload: String,
    pub(super) late: Vec<String>,
    /// What closes the namespace, and holds its pods to a level.
    pub(super) closing: Vec<String>,
    /// Objects whose names nothing takes over, as `kubectl delete` takes them.
    pub(super) leftovers: Vec<String>,
    pub(super) owners: Vec<Owner>,
}

/// A Service that goes on under its name.
#[derive(Debug, Serialize)]
pub(super) struct Handed {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) from: String,
    pub(super) to: String,
    /// Whether it finds the new pods as it is.
    pub(super) meets: bool,
    /// Whether the API server refuses to change it, so that it is made anew.
    pub(super) remade: bool,
}

/// A route that leads to it.
#[derive(Debug, Serialize)]
pub(super) struct Route {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) file: String,
    /// Those that lead there today under another name.
    pub(super) others: Vec<String>,
}

/// The name by which pods are found one by one.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Addresses {
    pub(super) before: String,
    pub(super) after: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Claim {
    pub(super) name: String,
    pub(super) stays: bool,
}

/// What delivers the old objects, as their marks say.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Owner {
    pub(super) title: &'static str,
    /// How it is held.
    pub(super) hold: String,
    /// How it is made to leave objects that it no longer has.
    pub(super) keep: &'static str,
}

/// The page as Markdown.
pub(super) fn rendered(page: &Page) -> String {
    static ENGINE: OnceLock<Tera> = OnceLock::new();
    let tera = ENGINE.get_or_init(|| {
        let mut tera = Tera::default();
        let template = vec![(NAME.to_owned(), TEMPLATE.to_owned())];
        tera.add_raw_templates(template).expect("a test renders every branch");
        tera
    });
    let mut values = serde_json::to_value(page).expect("a page holds texts and numbers");
    harmless("", &mut values);
    let context = Context::from_serialize(&values).expect("a page holds texts and numbers");
    let text = tera.render(NAME, &context).expect("a test renders every branch");
    // Conditions leave empty lines; one parts two blocks.
    let mut out = String::with_capacity(text.len());
    for line in text.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && out.ends_with("\n\n")) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Fields whose words are of this program, with names between them.
const WORDS: [&str; 2] = ["hold", "joins"];

/// Names of engines.
const TITLES: [&str; 2] = ["engine_name", "title"];

/// Puts `?` in place of every character that means something to a shell and is in no name of Kubernetes: what
/// was imported may have been written by anybody, and these lines are pasted.
fn harmless(key: &str, value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            let safe = |c: char| {
                c.is_ascii_alphanumeric()
                    || "-_./:=,{}\"".contains(c)
                    || (WORDS.contains(&key) && " #".contains(c))
                    || (TITLES.contains(&key) && c == ' ')
            };
            *text = text.chars().map(|c| if safe(c) { c } else { '?' }).collect();
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| harmless(key, item)),
        serde_json::Value::Object(entries) => {
            entries.iter_mut().for_each(|(key, value)| harmless(key, value));
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}
