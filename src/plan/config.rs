//! ConfigMaps: of the region, and of files.

use super::Planned;
use super::values::{Map, Values};
use crate::by_name::ByName;
use crate::decide::ServiceInRegion;
use crate::kube::Kind;
use crate::model::{Content, Given, Job, PerRegion, Setting, ValueSource};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

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
    config: &ByName<Setting>,
) -> impl Iterator<Item = (String, String)> {
    config.iter().filter_map(|(key, value)| {
        Some((key.clone(), text(here, value.in_region(here.region.name.as_str())?)?))
    })
}

/// What a variable is set to here; none where the cluster has it.
pub(crate) fn text(here: &ServiceInRegion<'_>, given: Given<'_>) -> Option<String> {
    match given {
        Given::Written(value) => Some(value.to_string()),
        Given::From(ValueSource::Regions { .. }) => {
            let others: BTreeSet<&str> =
                here.elsewhere().map(|place| place.region.name.as_str()).collect();
            Some(others.into_iter().collect::<Vec<_>>().join(","))
        }
        Given::From(
            ValueSource::Secret { .. } | ValueSource::Field { .. } | ValueSource::Resource { .. },
        ) => None,
    }
}

/// What a container learns about where it is, and what the service's `[config]` says here.
///
/// The generated keys are those of `check::config::GENERATED`, which no spec may set. What stands in
/// an environment restarts pods when it changes, so the other regions are listed to those alone that
/// ask for them: else a region that is gained restarts the pods of all others.
fn region(here: &ServiceInRegion<'_>) -> Map {
    let zones: Vec<&str> = here.region.zones.iter().map(|zone| zone.name.as_str()).collect();
    let mut data = Map::from([
        ("REGION".to_owned(), here.region.name.to_string()),
        ("CLUSTER".to_owned(), here.region.cluster.clone()),
        ("GEOGRAPHY".to_owned(), here.region.geography.clone()),
        ("ZONES".to_owned(), zones.join(",")),
        ("REGION_ROLE".to_owned(), here.role.word.to_owned()),
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
