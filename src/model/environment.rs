//! What a service is in each of its environments: those that the fleet has, and of values that differ by
//! region those of its own regions.

use super::fleet::Fleet;
use crate::by_name::ByName;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::spec::service::{PerRegion, Setting};
use crate::spec::{Service, Spec};
use std::collections::{BTreeMap, BTreeSet};

/// The specs of environments that the fleet has.
pub(super) struct Known {
    pub(super) specs: Vec<Spec<Service>>,
    /// Whether that is all of them.
    pub(super) whole: bool,
}

/// Reports environments that no region belongs to, and leaves them out.
pub(super) fn known(sink: &mut Sink, fleet: &Fleet, mut specs: Vec<Spec<Service>>) -> Known {
    let names = fleet.environments();
    let all = specs.len();
    specs.retain(|spec| match spec.value.environment.as_deref() {
        Some(name) if !names.contains(name) => {
            // A region that could not be read may be one of it.
            if fleet.doubts.names("regions").next().is_none() {
                sink.error(unknown(spec, name, &names));
            }
            false
        }
        Some(_) | None => true,
    });
    Known { whole: specs.len() == all, specs }
}

fn unknown(spec: &Spec<Service>, name: &str, names: &BTreeSet<&str>) -> Diagnostic {
    let mine = format!("write `environment = \"{name}\"` in a region of fleet.toml");
    let help = match diag::nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? Else {mine}"),
        None if names.is_empty() => {
            format!("{mine}, below `[regions.<name>]`")
        }
        None => format!("the fleet has {}; or {mine}", diag::list(names.iter().copied())),
    };
    Diagnostic::new(Code::UNKNOWN_ENVIRONMENT, format!("no region is of the environment `{name}`"))
        .at(spec.document.key(&["environments", name]), "")
        .note("a service is compiled for an environment in the regions that name it")
        .help(help)
}

/// Leaves out what is written for regions of another environment of the same service: at the top stands
/// what holds in all of them, and a value there may name regions of each.
pub(super) fn apart(fleet: &Fleet, mut specs: Vec<Spec<Service>>) -> Vec<Spec<Service>> {
    let mut regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for spec in &specs {
        let of = regions.entry(spec.value.name.clone()).or_default();
        of.extend(spec.value.regions.iter().cloned());
    }
    let environment = |region: &str| {
        let region = fleet.regions.get(&RegionName::new(region))?;
        Some(region.environment.clone())
    };
    for spec in &mut specs {
        let own = &spec.value.environment;
        let elsewhere: BTreeSet<String> = (regions[&spec.value.name].iter())
            .filter(|region| environment(region).is_some_and(|of| of != *own))
            .cloned()
            .collect();
        if !elsewhere.is_empty() {
            leave_out(&mut spec.value, &elsewhere);
        }
    }
    specs
}

fn leave_out(service: &mut Service, elsewhere: &BTreeSet<String>) {
    let stays = |region: &String| !elsewhere.contains(region);
    let mut configs: Vec<&mut ByName<Setting>> = vec![&mut service.config];
    configs.extend(service.init.iter_mut().map(|init| &mut init.config));
    configs.extend(service.sidecars.iter_mut().map(|sidecar| &mut sidecar.config));
    configs.extend(service.jobs.iter_mut().map(|job| &mut job.config));
    for setting in configs.into_iter().flat_map(ByName::values_mut) {
        if let Setting::ByRegion(values) = setting {
            values.retain(stays);
        }
    }
    for content in service.files.iter_mut().filter_map(|file| file.content.as_mut()) {
        if let PerRegion::ByRegion(values) = content {
            values.retain(stays);
        }
    }
    if let Some(traffic) = &mut service.traffic {
        traffic.weights.retain(|region, _| stays(region));
        traffic.health_checks.retain(|region, _| stays(region));
    }
    for regions in service.manifests.iter_mut().filter_map(|file| file.regions.as_mut()) {
        regions.retain(stays);
    }
}
