//! `ninefold init`: a commented fleet and a first service that build, or one more service.

use super::args::Init;
use super::disk::{self, Trouble};
use super::{exit::Exit, print};
use crate::kube::id;
use std::path::Path;
use toml::de::DeTable;

/// The fleet that is written, below the folder.
const FLEET: (&str, &str) = ("specs/fleet.toml", include_str!("fleet.toml"));

/// A service, with `NAME` and `REGION` in the place of what differs.
const SERVICE: &str = include_str!("service.toml");

/// The first service.
const FIRST: &str = "hello";

/// What the fleet takes for granted of its clusters.
const NEEDS: &str = "\
The fleet is an example of two regions. Each of its clusters must have, under the names in fleet.toml:
  for every service   a network plugin that enforces NetworkPolicies; Velero, and a location for
                      backups that is stored in the other region: without them, remove `backup`
                      from the region, and what runs there keeps no data
  for [traffic]       the Gateway API and a Gateway `public`, or an Ingress controller
  for [[volumes]]     a StorageClass `replicated`, a VolumeSnapshotClass `snapshots`
Change the file to what your clusters have; `ninefold build` needs none of them.
";

/// The tree is machine-made: no line ends are changed in it, or its digests would not fit, and forges
/// fold it in a pull request. A file that may be there already.
const ATTRIBUTES: (&str, &str) = (".gitattributes", "out/** -text linguist-generated\n");

pub(super) fn run(arguments: &Init) -> Result<Exit, Trouble> {
    match &arguments.service {
        Some(name) => add(&arguments.folder, name),
        None => begin(&arguments.folder),
    }
}

fn begin(folder: &Path) -> Result<Exit, Trouble> {
    let region = first_region(FLEET.1).unwrap_or_default();
    let files = [
        (folder.join(FLEET.0), FLEET.1.to_owned()),
        (folder.join(path_of(FIRST)), service(FIRST, &region)),
    ];
    if let Some((path, _)) = files.iter().find(|(path, _)| disk::exists(path)) {
        return Err(Trouble::new(
            "writing",
            path,
            "it exists already, and nothing was changed; `ninefold init --service NAME` adds a service",
        ));
    }
    for (path, text) in &files {
        write(path, text)?;
    }
    attributes(folder)?;
    print::data(NEEDS);
    print::data("Next: `ninefold build` compiles them into `out/`.\n");
    Ok(Exit::Done)
}

/// Adds a service to a fleet.
fn add(folder: &Path, name: &str) -> Result<Exit, Trouble> {
    if let Some(problem) = id::label_problem(name) {
        let near = id::nearest_label(name);
        return Err(format!("`{name}` cannot name a service: {problem}; write `{near}`").into());
    }
    let fleet = folder.join(FLEET.0);
    let Some(text) = disk::read_text(&fleet)? else {
        return Err(Trouble::new("reading", &fleet, "there is none; `ninefold init` writes one"));
    };
    let Some(region) = first_region(&text) else {
        return Err(Trouble::new(
            "reading",
            &fleet,
            "it has no region, `ninefold check` tells more",
        ));
    };
    let path = folder.join(path_of(name));
    if disk::exists(&path) {
        return Err(Trouble::new("writing", &path, "it exists already, and nothing was changed"));
    }
    write(&path, &service(name, &region))?;
    print::data("Next: write its image, tier and regions, and run `ninefold build`.\n");
    Ok(Exit::Done)
}

fn path_of(name: &str) -> String {
    format!("specs/{name}.toml")
}

fn service(name: &str, region: &str) -> String {
    SERVICE.replace("NAME", name).replace("REGION", region)
}

/// The region that stands first in the text of a fleet.
fn first_region(text: &str) -> Option<String> {
    let root = DeTable::parse(text).ok()?;
    let regions = root.get_ref().get("regions")?.get_ref().as_table()?;
    let first = regions.keys().min_by_key(|name| name.span().start)?;
    Some(first.get_ref().to_string())
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    disk::write_new(path, text)?;
    print::data(&format!("Wrote {}.\n", path.display()));
    Ok(())
}

fn attributes(folder: &Path) -> Result<(), Trouble> {
    let path = folder.join(ATTRIBUTES.0);
    match disk::read_text(&path)? {
        None => write(&path, ATTRIBUTES.1),
        Some(text) if text.lines().any(|line| line == ATTRIBUTES.1.trim_end()) => Ok(()),
        Some(_) => {
            print::data(&format!(
                "Add to {}, so that git changes no line ends in the tree and pull requests show it folded: {}",
                path.display(),
                ATTRIBUTES.1
            ));
            Ok(())
        }
    }
}
