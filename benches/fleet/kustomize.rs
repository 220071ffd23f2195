//! How fast kustomize makes the same objects.

use super::files::{children, count_below, files_below};
use super::fleet::Fleet;
use super::generate::Size;
use super::measure::{Target, Times, exists, ratio, row, run, timed};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// kustomize refuses files outside the folder of a kustomization, so each lies in the folder that
/// it lists: first in those of services, then in those of regions.
pub(crate) fn all(folder: &Path, size: Size, runs: usize) {
    if !exists("kubectl") {
        println!("SKIPPED: there is no kubectl to compare with");
        return;
    }
    let size = Size { services: size.services.min(100), ..size };
    let fleet = Fleet::new(folder.join("kustomize"), size);
    // Ledgers, pages and what a person applies once are no part of what is delivered.
    let delivered = |path: &PathBuf| !path.ends_with("ledger") && !path.ends_with("recovery");
    let regions: Vec<PathBuf> = children(&fleet.out).into_iter().filter(delivered).collect();
    let objects: usize = regions.iter().map(|region| count_below(region)).sum();
    let overlays: Vec<PathBuf> = regions.iter().flat_map(|region| children(region)).collect();
    let build = |folders: &[PathBuf]| {
        let begin = Instant::now();
        for folder in folders {
            run(Command::new("kubectl").arg("kustomize").arg(folder));
        }
        begin.elapsed()
    };
    let mut builds = Times::default();
    let (mut each, mut whole) = (Times::default(), Times::default());
    for _ in 0..runs {
        builds.add(timed(&mut fleet.build(&fleet.fresh())));
    }
    overlays.iter().for_each(|overlay| kustomization(overlay));
    each.add(build(&overlays));
    overlays.iter().for_each(|overlay| {
        std::fs::remove_file(overlay.join(KUSTOMIZATION)).expect("the overlay is removed");
    });
    regions.iter().for_each(|region| kustomization(region));
    for _ in 0..runs.min(3) {
        whole.add(build(&regions));
    }
    let beside = format!("kustomize, {} overlays", overlays.len());
    row("overlays", &builds, Some((&beside, &each)), Target::Ratio(0.01));
    let beside = format!("kustomize, {} roots", regions.len());
    row("one root", &builds, Some((&beside, &whole)), Target::Ratio(0.01));
    println!(
        "\n{objects} objects of {} services: Ninefold {:.1} µs each, kustomize by overlay {:.0} µs, by root {:.0} µs",
        size.services,
        builds.median() * 1e6 / ratio(objects, 1),
        each.median() * 1e6 / ratio(objects, 1),
        whole.median() * 1e6 / ratio(objects, 1),
    );
}

const KUSTOMIZATION: &str = "kustomization.yaml";

/// Lists every file below a folder as a resource.
fn kustomization(folder: &Path) {
    let resources: String = files_below(folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.strip_prefix(folder).expect("it is below"))
        .map(|path| format!("- {}\n", path.display()))
        .collect();
    let text = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{resources}"
    );
    std::fs::write(folder.join(KUSTOMIZATION), text).expect("the kustomization is written");
}
