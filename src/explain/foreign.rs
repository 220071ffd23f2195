//! What is known of a workload of which there is no spec: each number that decides what it survives,
//! where it stands, and what a loss does to it.

use crate::judge::Outcome;
use crate::judge::foreign::{Weakness, spelled};
use crate::quantity::Duration;
use crate::yaml::Value;
use schemars::JsonSchema;
use serde::Serialize;

/// A workload without a spec.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Page {
    /// `Deployment/shop/web`
    pub workload: String,
    /// Its file and line.
    pub at: String,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// The worst loss of each scope.
    pub losses: Vec<OneLoss>,
    /// What makes it weak.
    pub weaknesses: Vec<Weakness>,
    /// What the losses rest on.
    pub premises: Vec<String>,
}

/// A number of an object, and where it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Number {
    /// What it is.
    pub what: String,
    /// As it is written, or what Kubernetes takes where nobody writes it.
    pub value: String,
    /// Its file and line; of a default, those of the object.
    pub at: String,
    /// Whether it is Kubernetes' default.
    pub default: bool,
    /// The path of its field in the object; empty of a default.
    #[serde(skip)]
    pub path: Vec<String>,
}

impl Number {
    /// One that stands in another object, at a file and line.
    pub fn new(what: &str, value: String, at: String) -> Number {
        Number { what: what.to_owned(), value, at, default: false, path: Vec::new() }
    }
}

/// What the worst loss of a scope does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneLoss {
    /// `zone north-a`
    pub lost: String,
    /// Replicas that run before.
    pub replicas: usize,
    /// Those that stay.
    pub stay: usize,
    /// Those that come back.
    pub back: usize,
    /// Seconds until they do, where that is known.
    pub within: Option<u64>,
    /// The terms of that sum.
    pub terms: Vec<OneTerm>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

/// A part of the time until replicas are back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneTerm {
    /// What takes the time.
    pub what: String,
    /// How long, in seconds.
    pub seconds: u64,
}

impl OneLoss {
    /// What came of a loss.
    pub fn of(outcome: &Outcome) -> OneLoss {
        OneLoss {
            lost: outcome.lost.shown(),
            replicas: outcome.replicas,
            stay: outcome.stay,
            back: outcome.back,
            within: outcome.within,
            terms: (outcome.terms.iter())
                .map(|(what, seconds)| OneTerm { what: (*what).to_owned(), seconds: *seconds })
                .collect(),
            notes: outcome.notes.clone(),
        }
    }
}

/// A field that decides: its path, what it is, and what Kubernetes takes without it.
type Field = (&'static [&'static str], &'static str, Option<&'static str>);

/// Those of a workload.
const FIELDS: &[Field] = &[
    (&["spec", "replicas"], "replicas", Some("1")),
    (&["spec", "minReadySeconds"], "ready for so long before it counts, in seconds", Some("0")),
    (&["spec", "strategy", "type"], "how a release replaces pods", Some("RollingUpdate")),
    (
        &["spec", "strategy", "rollingUpdate", "maxUnavailable"],
        "pods that a release may take away",
        None,
    ),
    (&["spec", "updateStrategy", "type"], "how a release replaces pods", None),
];

/// Those of its pods.
const OF_PODS: &[Field] = &[
    (&["terminationGracePeriodSeconds"], "time to end, in seconds", Some("30")),
    (&["priorityClassName"], "priority", None),
    (&["nodeSelector"], "nodes that it may use", None),
];

/// Those of a container.
const OF_CONTAINER: &[Field] = &[
    (&["resources", "requests", "cpu"], "CPU that it asks for", Some("0, unless there is a limit")),
    (
        &["resources", "requests", "memory"],
        "memory that it asks for",
        Some("0, unless there is a limit"),
    ),
    (&["resources", "limits", "cpu"], "most CPU", None),
    (&["resources", "limits", "memory"], "most memory", None),
    (&["startupProbe", "failureThreshold"], "failures until a start counts as failed", None),
    (&["startupProbe", "periodSeconds"], "seconds between two looks at a start", None),
    (
        &["readinessProbe", "initialDelaySeconds"],
        "seconds before the first look at readiness",
        None,
    ),
    (&["readinessProbe", "periodSeconds"], "seconds between two looks at readiness", None),
    (&["readinessProbe", "failureThreshold"], "failures until it gets no requests", None),
];

/// The numbers of a workload; where each stands is for whoever has the text to say.
pub fn numbers(object: &Value) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut add = |prefix: &[&str], what: &str, fields: &[Field]| {
        for (path, meaning, default) in fields {
            let whole: Vec<&str> = prefix.iter().chain(*path).copied().collect();
            let name =
                if what.is_empty() { (*meaning).to_owned() } else { format!("{what}: {meaning}") };
            match (find(object, &whole), default) {
                (Some(value), _) => numbers.push(Number {
                    what: name,
                    value: shown(value),
                    at: String::new(),
                    default: false,
                    path: whole.iter().map(|step| (*step).to_owned()).collect(),
                }),
                (None, Some(default)) => numbers.push(Number {
                    what: name,
                    value: (*default).to_owned(),
                    at: String::new(),
                    default: true,
                    path: Vec::new(),
                }),
                (None, None) => {}
            }
        }
    };
    add(&[], "", FIELDS);
    let pod = ["spec", "template", "spec"];
    add(&pod, "", OF_PODS);
    let containers = find(object, &[&pod[..], &["containers"]].concat());
    for (at, container) in containers.map(Value::items).unwrap_or_default().iter().enumerate() {
        let name = container.get("name").and_then(Value::as_str).unwrap_or("container");
        let place = at.to_string();
        let prefix = [&pod[..], &["containers", place.as_str()]].concat();
        add(&prefix, name, OF_CONTAINER);
    }
    numbers
}

/// What stands at a path of keys and places in lists.
fn find<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step.parse::<usize>() {
        Ok(at) if !value.items().is_empty() => value.items().get(at),
        Ok(_) | Err(_) => value.get(step),
    })
}

/// A scalar as it is written, and of anything larger its keys.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(is) => is.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(items) => format!("{} items", items.len()),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}={}", shown(value)));
            entries.collect::<Vec<String>>().join(", ")
        }
    }
}

impl Page {
    /// For people.
    pub fn to_text(&self) -> String {
        let mut text = format!("{} ({})\n", self.workload, self.at);
        text.push_str("No ledger and no spec: nothing is promised of it.\n\nNumbers\n");
        for number in &self.numbers {
            let default = if number.default { ", Kubernetes' default" } else { "" };
            text.push_str(&format!(
                "  {}: {} ({}{default})\n",
                number.what, number.value, number.at
            ));
        }
        text.push_str("\nLosses\n");
        for loss in &self.losses {
            text.push_str(&format!("  {}: {} of {} stay", loss.lost, loss.stay, loss.replicas));
            if let Some(within) = loss.within {
                let within = Duration::seconds(within);
                text.push_str(&format!(", {} back within {within}\n", loss.back));
                for OneTerm { what, seconds } in &loss.terms {
                    text.push_str(&format!("    {}  {what}\n", Duration::seconds(*seconds)));
                }
            } else {
                text.push_str(", none back by itself\n");
            }
            loss.notes.iter().for_each(|note| text.push_str(&format!("    {note}\n")));
        }
        if !self.weaknesses.is_empty() {
            text.push_str("\nWhat makes it weak\n");
            for weakness in &self.weaknesses {
                text.push_str(&format!("  {}: {}\n", weakness.kind.title(), weakness.text));
            }
        }
        text.push_str("\nPremises\n");
        self.premises.iter().for_each(|premise| text.push_str(&format!("  - {premise}\n")));
        text.lines().map(|line| spelled(line) + "\n").collect()
    }

    /// The same as Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text =
            format!("# `{}`\n\n`{}`. Nothing is promised of it.\n\n", self.workload, self.at);
        text.push_str("| What | Value | Where |\n|---|---|---|\n");
        for number in &self.numbers {
            let default = if number.default { " (default)" } else { "" };
            let value = number.value.replace('|', "\\|");
            text.push_str(&format!("| {} | `{value}`{default} | `{}` |\n", number.what, number.at));
        }
        text.push_str("\n| Loss | Stay | Back | Within |\n|---|---|---|---|\n");
        for loss in &self.losses {
            let within =
                loss.within.map_or("–".to_owned(), |time| Duration::seconds(time).to_string());
            text.push_str(&format!(
                "| {} | {} of {} | {} | {within} |\n",
                loss.lost, loss.stay, loss.replicas, loss.back
            ));
        }
        text.push('\n');
        for weakness in &self.weaknesses {
            text.push_str(&format!("- {}: {}\n", weakness.kind.title(), weakness.text));
        }
        text
    }
}
