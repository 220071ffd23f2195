//! ConfigMaps, and what objects of every kind have.

use super::super::values::{Map, Values};
use super::row::{At, Row, Why, says};
use crate::model::PerRegion;

pub(super) const ROWS: &[Row] = &[Row { objects: &["config-map"], field: "data.*", why: entry }];

/// Rows for objects of every kind.
pub(super) const EVERYWHERE: &[Row] = &[Row {
    objects: &[],
    field: "metadata.annotations[argocd.argoproj.io/sync-wave]",
    why: |at| {
        let said = at.values.meta().annotations.get("argocd.argoproj.io/sync-wave")?;
        let words = "when Argo CD applies it: what pods need before them, what scales or backs them up after them";
        let source = at.fleet(&["delivery"]).unwrap_or_else(|| at.decided());
        Some(says(said, words).from(source))
    },
}];

fn entry(at: &At<'_>) -> Option<Why> {
    let Values::ConfigMap { data, .. } = at.values else { return None };
    let key = at.captured[0];
    let said = data.get(key)?;
    written(at, data, key, said).or_else(|| generated(at, key, said))
}

/// What the spec says, for every region or for this one.
fn written(at: &At<'_>, data: &Map, key: &str, said: &str) -> Option<Why> {
    let service = at.here.service;
    let files = service.files.iter().enumerate();
    // A file stands alone in its ConfigMap, under the last part of its path.
    let file = files.filter(|_| !data.contains_key("REGION")).find(|(_, file)| {
        file.path.rsplit('/').next() == Some(key)
            && at.values.meta().name == service.logical(&format!("file-{}", file.name))
    });
    let (path, value) = match file {
        Some((index, file)) => {
            (vec!["files".to_owned(), index.to_string(), "content".to_owned()], &file.content)
        }
        None => (vec!["config".to_owned(), key.to_owned()], service.config.get(key)?),
    };
    let region = at.here.region.name.as_str();
    let of = match value {
        PerRegion::Everywhere(_) => None,
        PerRegion::ByRegion(values) if values.contains_key(region) => Some(region),
        PerRegion::ByRegion(_) => Some("default"),
    };
    let words = match of {
        None => "as the spec says, in every region",
        Some("default") => "as the spec says for regions that have no value of their own",
        Some(_) => "as the spec says for this region",
    };
    let path: Vec<&str> = path.iter().map(String::as_str).chain(of).collect();
    Some(says(said, words).from(at.spec(&path)?))
}

/// What a container learns about where it is.
fn generated(at: &At<'_>, key: &str, said: &str) -> Option<Why> {
    let field: &[&str] = match key {
        "CLUSTER" => &["cluster"],
        "GEOGRAPHY" => &["geography"],
        "ZONES" => &["zones"],
        "REGION" | "REGION_PEERS" => &[],
        _ => return None,
    };
    Some(says(said, "what the container learns about where it runs").from(at.region(field)))
}
