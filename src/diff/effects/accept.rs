//! Effects that a service accepts: they satisfy the gate and stay visible.

use crate::Input;
use crate::diag::Sink;
use crate::diff::Specs;
use crate::diff::report::{Accepted, Effect};
use crate::kube::ServiceName;
use crate::model::Accept;
use crate::plan::Unit;
use crate::quantity::Date;
use crate::spec::{self, environment::KEY};
use std::collections::{BTreeMap, BTreeSet};

/// Evidence of an effect on what services share: the namespaces that it concerns.
pub(super) const NAMESPACES: &str = "namespaces";

/// Marks the effects that an `[[accept]]` names: of the service's spec on the new side, or, where a
/// service goes, of its last one on the old side. What happens to a namespace is accepted by a
/// service that has it.
///
/// An acceptance counts until its day, measured against the date of the fleet's inventory on the
/// new side: the clock decides nothing.
pub fn accept(effects: &mut [Effect], specs: &Specs) {
    if effects.is_empty() {
        return;
    }
    let (old, new) = (specs.old.as_ref().map(Accepts::of), specs.new.as_ref().map(Accepts::of));
    let Some(today) = new.as_ref().or(old.as_ref()).and_then(|side| side.inventory) else { return };
    let mut accepts = new.map(|side| side.services).unwrap_or_default();
    let former = old.map(|side| side.services).unwrap_or_default();
    // A service that is still there says by itself what it accepts.
    let there = specs.new.as_ref().filter(|_| !former.is_empty()).map(names).unwrap_or_default();
    accepts.extend(former.into_iter().filter(|(name, _)| !there.contains(name)));
    for effect in effects {
        effect.accepted = accepted(effect, &accepts, today);
    }
}

fn accepted(effect: &Effect, accepts: &BTreeMap<String, Service>, today: Date) -> Option<Accepted> {
    let of = |service: &Service| {
        let holds = service
            .accepts
            .iter()
            .filter(|accept| accept.rule == effect.rule.name() && accept.until >= today);
        holds.max_by_key(|accept| accept.until).cloned()
    };
    let found = if effect.service == Unit::Fleet.name() {
        let mut all = Vec::new();
        for namespace in effect.evidence.get(NAMESPACES).map(texts).unwrap_or_default() {
            let mut here = accepts.values().filter(|service| service.namespace == namespace);
            all.push(here.find_map(of)?);
        }
        all.into_iter().min_by_key(|accept| accept.until)
    } else {
        accepts.get(&effect.service).and_then(of)
    };
    found.map(|accept| Accepted { reason: accept.reason, until: accept.until.to_string() })
}

/// Every text in a value.
fn texts(value: &serde_json::Value) -> BTreeSet<&str> {
    match value {
        serde_json::Value::String(text) => BTreeSet::from([text.as_str()]),
        serde_json::Value::Array(items) => items.iter().flat_map(texts).collect(),
        serde_json::Value::Object(entries) => entries.values().flat_map(texts).collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            BTreeSet::new()
        }
    }
}

/// What the services of one side accept.
struct Accepts {
    inventory: Option<Date>,
    services: BTreeMap<String, Service>,
}

/// What one service accepts.
struct Service {
    namespace: String,
    accepts: Vec<Accept>,
}

impl Accepts {
    fn of(input: &Input) -> Accepts {
        // Most specs accept nothing, and reading them again takes time.
        let mut files = input.specs.clone();
        files.services.retain(|file| input.sources.get(*file).text.contains("accept"));
        let mut found = Accepts { inventory: None, services: BTreeMap::new() };
        let Ok(specs) = spec::read(&mut Sink::default(), &input.sources, &files) else {
            return found;
        };
        let (fleet, services, _) = specs.into_parts();
        found.inventory = Some(fleet.value.inventory);
        let accepting = services.into_iter().map(|spec| spec.value);
        for spec in accepting.filter(|spec| !spec.accept.is_empty()) {
            let name = ServiceName::of(&spec.name, spec.environment.as_deref());
            let namespace = spec.namespace.unwrap_or(spec.name);
            found.services.insert(name.to_string(), Service { namespace, accepts: spec.accept });
        }
        found
    }
}

/// The services that are there, in each of their environments.
fn names(input: &Input) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in &input.specs.services {
        let Ok(table) = input.sources.get(*file).text.parse::<toml::Table>() else { continue };
        let Some(name) = table.get("name").and_then(toml::Value::as_str) else { continue };
        let others = table.get(KEY).and_then(toml::Value::as_table).into_iter().flatten();
        let others = others.map(|(other, _)| ServiceName::of(name, Some(other)).to_string());
        names.extend(others.chain([name.to_owned()]));
    }
    names
}
