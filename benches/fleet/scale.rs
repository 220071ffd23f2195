//! How time and memory grow: ten times the services, and the same services in twenty regions.

use super::Options;
use super::files::count_below;
use super::fleet::Fleet;
use super::generate::Size;
use super::growth;
use super::measure::{Target, Times, megabytes, peak, ratio, row, timed, verdict};
use std::path::Path;

/// The most that ten times the services take, and what each object may take more than that of the fleet.
pub(crate) const TEN_TIMES: f64 = 10.5;
pub(crate) const EACH: f64 = 1.05;

pub(crate) fn all(folder: &Path, fleet: &Fleet, options: &Options, full: &Times) {
    let growth = options.wants("growth");
    let large = ["ten times", "memory"].into_iter().any(|row| options.wants(row));
    let size = Size { services: options.size.services * 10, ..options.size };
    let large = (large || growth).then(|| Fleet::new(folder.join("large"), size));
    if let Some(large) = &large {
        ten_times(large, fleet, options, full);
    }
    let size = Size { regions: 20, ..options.size };
    let wide = options.wants("twenty regions");
    let wide = (wide || growth).then(|| Fleet::new(folder.join("twenty"), size));
    if let Some(wide) = &wide {
        twenty_regions(wide, fleet, options, full);
    }
    if let Some((large, wide)) = large.as_ref().zip(wide.as_ref()).filter(|_| growth) {
        growth::table(folder, [fleet, large, wide], options);
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
    let objects = ratio(count_below(&wide.out), count_below(&fleet.out));
    println!("{objects:.2} times the files");
    row("twenty regions", &builds, Some(("full build", full)), Target::Ratio(objects * EACH));
}
