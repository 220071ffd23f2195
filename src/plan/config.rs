//! ConfigMaps: of the region, and of files.

use super::Planned;
use super::values::{Map, Values};
use crate::decide::ServiceInRegion;
use crate::kube::Kind;
use crate::model::{Content, Given, Job, PerRegion, Setting};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let data = region(here);
    let values = Values::ConfigMap { meta: here.meta("region"), data, binary: Map::new() };
    objects.push(here.object(Kind::ConfigMap, "region", "config", values));
    for file in &here.service.files {
        let part = format!("file-{}", file.name);
        let entry = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let (mut data, mut binary) = (Map::new(), Map::new());
        match &file.content {
            Content::Text(text) => data.insert(entry, value_in(here, text)),
            Content::Bytes(bytes) => binary.insert(entry, STANDARD.encode(bytes)),
        };
        let values = Values::ConfigMap { meta: here.meta(&part), data, binary };
        objects.push(here.object(Kind::ConfigMap, &part, "files", values));
    }
    for job in here.service.jobs.iter().filter(|job| !job.config.is_empty()) {
        let part = part_of_job(job);
        let data = written(here, &job.config).collect();
        let values = Values::ConfigMap { meta: here.meta(&part), data, binary: Map::new() };
        objects.push(here.object(Kind::ConfigMap, &part, "jobs", values));
    }
}

/// What tells the ConfigMap of a job from others of its service.
pub(crate) fn part_of_job(job: &Job) -> String {
    format!("job-{}", job.name)
}

/// What a `config` of the spec says here.
fn written(
    here: &ServiceInRegion<'_>,
    config: &BTreeMap<String, Setting>,
) -> impl Iterator<Item = (String, String)> {
    config.iter().filter_map(|(key, value)| {
        let Given::Written(value) = value.in_region(here.region.name.as_str())? else {
            return None;
        };
        Some((key.clone(), value.to_string()))
    })
}

/// What a container learns about where it is, and what the service's `[config]` says here.
///
/// The generated keys are those of `check::config::GENERATED`, which no spec may set.
fn region(here: &ServiceInRegion<'_>) -> Map {
    let peers: Vec<String> = here
        .everywhere()
        .filter(|place| place.region.name != here.region.name)
        .map(|place| place.region.name.to_string())
        .collect();
    let zones: Vec<&str> = here.region.zones.iter().map(|zone| zone.name.as_str()).collect();
    let mut data = Map::from([
        ("REGION".to_owned(), here.region.name.to_string()),
        ("CLUSTER".to_owned(), here.region.cluster.clone()),
        ("GEOGRAPHY".to_owned(), here.region.geography.clone()),
        ("ZONES".to_owned(), zones.join(",")),
        ("REGION_ROLE".to_owned(), here.role.word.to_owned()),
        ("REGION_PEERS".to_owned(), peers.join(",")),
    ]);
    data.extend(written(here, &here.service.config));
    data
}

fn value_in(here: &ServiceInRegion<'_>, value: &PerRegion) -> String {
    match value {
        PerRegion::Everywhere(value) => value.to_string(),
        PerRegion::ByRegion(values) => (values.get(here.region.name.as_str()))
            .or_else(|| values.get("default"))
            .map(ToString::to_string)
            .expect("the model checked that every region has a value"),
    }
}
