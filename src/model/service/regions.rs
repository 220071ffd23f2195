//! Where a service runs: its regions, and the nodes that it has there.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::model::fleet::{Fleet, Region};
use crate::model::pool;
use crate::spec::Document;
use std::sync::Arc;

/// The regions that are known, and whether that is all of them.
pub(super) fn regions(
    sink: &mut Sink,
    fleet: &Fleet,
    value: &crate::spec::Service,
    document: &Document,
) -> (Vec<Arc<Region>>, bool) {
    let mut regions = Vec::new();
    for (index, name) in value.regions.iter().enumerate() {
        let place = |index: usize| document.at(&["regions", &index.to_string()]);
        if let Some(first) = value.regions[..index].iter().position(|other| other == name) {
            sink.error(
                Diagnostic::new(Code::DUPLICATE_NAME, format!("region `{name}` is named twice"))
                    .at(place(index), "here again")
                    .related(place(first), "first here"),
            );
            continue;
        }
        match fleet.regions.get(&RegionName::new(name.as_str())) {
            Some(region) if region.environment != value.environment => {
                sink.error(of_another(fleet, region, value).at(place(index), "runs there?"));
            }
            Some(region) => regions.push(on_nodes(sink, fleet, region, (value, document))),
            None if fleet.doubts.has("regions", name) => {}
            None => {
                let known = fleet.regions.keys().map(RegionName::as_str);
                sink.error(
                    Diagnostic::new(
                        Code::UNKNOWN_REGION,
                        format!("the fleet has no region `{name}`"),
                    )
                    .at(place(index), "")
                    .help(diag::did_you_mean(name, known)),
                );
            }
        }
    }
    let all = regions.len() == value.regions.len();
    (regions, all)
}

/// The region with the nodes that a service runs on there.
fn on_nodes(
    sink: &mut Sink,
    fleet: &Fleet,
    region: &Arc<Region>,
    (value, document): (&crate::spec::Service, &Document),
) -> Arc<Region> {
    match (&value.placement.pool, &fleet.pool) {
        (Some(pool), _) if pool == pool::NONE => Arc::clone(region),
        (Some(pool), _) => self::pool(sink, fleet, region, pool, document),
        // That a region has no such pool is reported of the fleet.
        (None, Some(pool)) => {
            let pools = fleet.pools.get(&region.name);
            Arc::clone(pools.and_then(|pools| pools.get(pool)).unwrap_or(region))
        }
        (None, None) => Arc::clone(region),
    }
}

/// The region with the nodes of a pool; where it has none of that name, with its own.
fn pool(
    sink: &mut Sink,
    fleet: &Fleet,
    region: &Arc<Region>,
    name: &str,
    document: &Document,
) -> Arc<Region> {
    let pools = fleet.pools.get(&region.name);
    if let Some(pool) = pools.and_then(|pools| pools.get(name)) {
        return Arc::clone(pool);
    }
    // What is wrong with one that is written is reported already.
    if !region.pools.iter().any(|pool| pool.name == name) {
        let known: Vec<&str> = pools.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let help = match known.as_slice() {
            [] => format!(
                "add it to `pools` of `[regions.{}]` in fleet.toml, or remove `placement`",
                region.name
            ),
            known => diag::did_you_mean(name, known.iter().copied()),
        };
        sink.error(
            Diagnostic::new(
                Code::UNKNOWN_POOL,
                format!("`{}` has no pool of nodes `{name}`", region.name),
            )
            .at(document.at(&["placement", "pool"]), "")
            .related(fleet.document.key(&["regions", region.name.as_str()]), "declared here")
            .help(help),
        );
    }
    Arc::clone(region)
}

/// Says of a region that it belongs to another environment than the service; without its place.
fn of_another(fleet: &Fleet, region: &Region, value: &crate::spec::Service) -> Diagnostic {
    let (name, own) = (&region.name, value.environment.as_deref());
    let called = |environment: Option<&str>| {
        let name = environment.unwrap_or(crate::spec::environment::DEFAULT);
        format!("the environment `{name}`")
    };
    let ours: Vec<&str> = fleet.regions_of(own).map(|region| region.name.as_str()).collect();
    let ours = match ours.as_slice() {
        [] => String::new(),
        ours => format!(
            "write regions of {}, such as {}; or ",
            called(own),
            diag::list(ours.iter().copied().take(3))
        ),
    };
    let (message, help) = match (region.environment.as_deref(), own) {
        (Some(theirs), None) => (
            format!("`{name}` is a region of {}, and this is the top", called(Some(theirs))),
            format!("{ours}name it below `[environments.{theirs}]`"),
        ),
        (theirs, Some(own)) => (
            format!("`{name}` is a region of {}, and this is `{own}`", called(theirs)),
            format!("{ours}add `environment = \"{own}\"` to `[regions.{name}]` in fleet.toml"),
        ),
        (None, None) => unreachable!("both are of the default environment"),
    };
    let declared = ["regions", name.as_str(), "environment"];
    Diagnostic::new(Code::WRONG_ENVIRONMENT, message)
        .related(fleet.document.key(&declared), "declared here")
        .note("what is at the top runs in the regions that name no environment, and what another says in its own")
        .help(help)
}
