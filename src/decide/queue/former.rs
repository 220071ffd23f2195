//! Former Schedules, as the tree has them.

use crate::kube::labels;
use crate::quantity::Duration;
use crate::yaml::{Value, read};

/// A former Schedule, which runs on until it is retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Its region.
    pub region: String,
    /// The service that it is of.
    pub service: String,
    /// The namespace that it backs up.
    pub namespace: String,
    /// When it is due.
    pub cron: String,
    /// How long one backup may hold a slot, in seconds.
    pub slot: u64,
}

impl Former {
    /// Reads the manifest of a Schedule; nothing when it is none that Ninefold wrote.
    pub fn read(region: &str, service: &str, text: &str) -> Option<Former> {
        let schedule = read::document(text).ok()?;
        let string = |path: &[&str]| schedule.at(path)?.as_str().map(str::to_owned);
        let Value::List(namespaces) = schedule.at(&["spec", "template", "includedNamespaces"])?
        else {
            return None;
        };
        let Some(Value::String(namespace)) = namespaces.first() else { return None };
        let slot: Duration = string(&["metadata", "annotations", labels::SLOT])?.parse().ok()?;
        Some(Former {
            region: region.to_owned(),
            service: service.to_owned(),
            namespace: namespace.clone(),
            cron: string(&["spec", "schedule"])?,
            slot: slot.as_seconds(),
        })
    }
}
