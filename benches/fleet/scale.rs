//! How time and memory grow: ten times the services, and the same services in twenty regions.

use super::Options;
use super::fleet::Fleet;
use super::generate::Size;
use super::growth;
use super::measure::{Target, Times, megabytes, peak, ratio, row, timed, verdict};
use std::path::Path;

/// The most that ten times the services take.
pub(crate) const TEN_TIMES: f64 = 10.5;

/// The most that a file takes, as a multiple of what one of the fleet takes.
pub(crate) const EACH: f64 = 1.05;

/// `full` are the times of a full build of the fleet, where a row is compared with them.
pub(crate) fn all(folder: &Path, fleet: &Fleet, options: &Options, full: Option<&Times>) {
    let growth = options.wants("growth");
    let ten_times = options.wants("ten times") || options.wants("memory");
    let size = Size { services: options.size.services * 10, ..options.size };
    let large = (ten_times || growth).then(|| Fleet::new(folder.join("large"), size));
    if let Some((large, full)) = large.as_ref().zip(full).filter(|_| ten_times) {
        self::ten_times(large, fleet, options, full);
    }
    let twenty = options.wants("twenty regions");
    let size = Size { regions: 20, ..options.size };
    let wide = (twenty || growth).then(|| Fleet::new(folder.join("twenty"), size));
    if let Some((wide, full)) = wide.as_ref().zip(full).filter(|_| twenty) {
        twenty_regions(wide, fleet, options, full);
    }
    if let Some((large, wide)) = large.as_ref().zip(wide.as_ref()).filter(|_| growth) {
        // Once a service was changed, its generations are kept until git knows what was delivered, and each
        // build looks again: no build of that fleet has nothing to do.
        let small = Fleet::new(folder.join("small"), options.size);
        growth::table(folder, [&small, large, wide], options);
    }
}

fn builds(fleet: &Fleet, options: &Options) -> Times {
    let mut builds = Times::default();
    for _ in 0..options.runs.min(3) {
        builds.add(timed(&mut fleet.build(&fleet.fresh())));
    }
    builds
}

fn ten_times(large: &Fleet, fleet: &Fleet, options: &Options, full: &Times) {
    let builds = builds(large, options);
    row("ten times", &builds, Some(("full build", full)), Target::Ratio(TEN_TIMES));
    let (max, small) =
        (peak(&mut large.build(&large.fresh())), peak(&mut fleet.build(&fleet.fresh())));
    let (Some(max), Some(small)) = (max, small) else {
        println!("SKIPPED: memory is read from /proc, which is not here");
        return;
    };
    println!(
        "{:<14} {:>8} {:>8}   {:<28} {:>8} {:>8}   {:>8.2}  {:>8}  {}",
        "memory",
        "",
        megabytes(max),
        "full build",
        "",
        megabytes(small),
        ratio(max, small),
        "250 MB",
        verdict(max <= 250_000_000)
    );
}

/// Services of twenty regions, beside those of the fleet: no more time for each object.
fn twenty_regions(wide: &Fleet, fleet: &Fleet, options: &Options, full: &Times) {
    let builds = builds(wide, options);
    let objects = ratio(wide.files, fleet.files);
    println!("{objects:.2} times the files");
    row("twenty regions", &builds, Some(("full build", full)), Target::Ratio(objects * EACH));
}
