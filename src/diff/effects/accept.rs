//! Effects that a service accepts: they satisfy the gate and stay visible.

use crate::Input;
use crate::diag::Sink;
use crate::diff::Specs;
use crate::diff::report::{Accepted, Cause, CauseKind, Effect};
use crate::kube::ServiceName;
use crate::model::Accept;
use crate::plan::Unit;
use crate::quantity::Date;
use crate::spec::{self, environment::KEY, fleet::AcceptedOf};
use std::collections::{BTreeMap, BTreeSet};

/// Evidence of an effect on what services share: the namespaces that it concerns.
pub(super) const NAMESPACES: &str = "namespaces";

/// Marks the effects that an `[[accept]]` names: of the service's spec on the new side, or, where a
/// service goes, of its last one on the old side, or of the fleet, which names the service. What
/// happens to a namespace is accepted by a service that has it. What an edit does to another service is
/// accepted where the edit is: by every spec that is edited for it.
///
/// An acceptance counts until its day, measured against the date of the fleet's inventory on the
/// new side: the clock decides nothing.
pub fn accept(effects: &mut [Effect], causes: &[Cause], specs: &Specs) {
    if effects.is_empty() {
        return;
    }
    let (old, new) = (specs.old.as_ref().map(Accepts::of), specs.new.as_ref().map(Accepts::of));
    let Some(today) = new.as_ref().or(old.as_ref()).and_then(|side| side.inventory) else { return };
    let mut accepts = new.unwrap_or_default();
    let former = old.map(|side| side.services).unwrap_or_default();
    // A service that is still there says by itself what it accepts.
    let there = specs.new.as_ref().filter(|_| !former.is_empty()).map(names).unwrap_or_default();
    accepts.services.extend(former.into_iter().filter(|(name, _)| !there.contains(name)));
    for effect in effects {
        let own = accepted(effect, &accepts, today);
        effect.accepted = own.or_else(|| by_cause(effect, causes, &accepts, today));
    }
}

/// What the specs accept whose edits are behind an effect, all of them; the one that ends first.
fn by_cause(effect: &Effect, causes: &[Cause], accepts: &Accepts, today: Date) -> Option<Accepted> {
    let mut found: Vec<&Accept> = Vec::new();
    for cause in &effect.causes {
        let cause = &causes[*cause];
        let places = cause.places.iter().filter(|_| cause.kind == CauseKind::Spec);
        let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
        if files.is_empty() {
            return None;
        }
        for file in files {
            let of_file = accepts.services.values().find(|service| service.file == file)?;
            found.push(latest(&of_file.accepts, effect, today)?);
        }
    }
    found.into_iter().min_by_key(|accept| accept.until).map(told)
}

/// Of what is accepted, what holds for the rule of an effect the longest.
fn latest<'a>(accepts: &'a [Accept], effect: &Effect, today: Date) -> Option<&'a Accept> {
    let holds = |accept: &&Accept| accept.rule == effect.rule.name() && accept.until >= today;
    accepts.iter().filter(holds).max_by_key(|accept| accept.until)
}

fn told(accept: &Accept) -> Accepted {
    Accepted { reason: accept.reason.clone(), until: accept.until.to_string() }
}

fn accepted(effect: &Effect, accepts: &Accepts, today: Date) -> Option<Accepted> {
    let of = |service: &'_ Service| latest(&service.accepts, effect, today).cloned();
    let fleet = |service: &str| {
        let accepts = accepts.fleet.get(service).map(Vec::as_slice).unwrap_or_default();
        latest(accepts, effect, today).cloned()
    };
    let found = if effect.service == Unit::Fleet.name() {
        let mut all = Vec::new();
        for namespace in effect.evidence.get(NAMESPACES).map(texts).unwrap_or_default() {
            let mut here =
                accepts.services.values().filter(|service| service.namespace == namespace);
            all.push(here.find_map(of).or_else(|| fleet(namespace))?);
        }
        let shared = || fleet(Unit::Fleet.name());
        all.into_iter().min_by_key(|accept| accept.until).or_else(shared)
    } else {
        accepts.services.get(&effect.service).and_then(of).or_else(|| fleet(&effect.service))
    };
    found.as_ref().map(told)
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

/// What the specs of one side accept.
#[derive(Default)]
struct Accepts {
    inventory: Option<Date>,
    services: BTreeMap<String, Service>,
    /// What the fleet accepts, by service.
    fleet: BTreeMap<String, Vec<Accept>>,
}

/// What one service accepts.
struct Service {
    /// Its spec, as reports name it.
    file: String,
    namespace: String,
    accepts: Vec<Accept>,
}

impl Accepts {
    fn of(input: &Input) -> Accepts {
        // Most specs accept nothing, and reading them again takes time.
        let mut files = input.specs.clone();
        files.services.retain(|file| input.sources.get(*file).text.contains("accept"));
        let mut found = Accepts::default();
        let Ok(specs) = spec::read(&mut Sink::default(), &input.sources, &files) else {
            return found;
        };
        let (fleet, services, _) = specs.into_parts();
        found.inventory = Some(fleet.value.inventory);
        for accept in fleet.value.accept {
            let AcceptedOf { service, rule, reason, until } = accept;
            found.fleet.entry(service).or_default().push(Accept { rule, reason, until });
        }
        for spec in services.into_iter().filter(|spec| !spec.value.accept.is_empty()) {
            let file = input.sources.get(spec.document.file()).path.clone();
            let spec = spec.value;
            let name = ServiceName::of(&spec.name, spec.environment.as_deref()).to_string();
            let namespace = spec.namespace.unwrap_or(spec.name);
            found.services.insert(name, Service { file, namespace, accepts: spec.accept });
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
