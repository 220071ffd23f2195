//! How the time of each command grows with services and with regions, as a table.

use super::files::count_below;
use super::fleet::Fleet;
use super::generate::Size;
use super::measure::{Times, exists, ratio, verdict};
use super::scale::{EACH, TEN_TIMES};
use super::{Options, builds, commands, diff};
use std::path::Path;

/// A build, and its times on a fleet.
type Build = (&'static str, fn(&Fleet, usize) -> Times);

const BUILDS: [Build; 3] =
    [("nothing to do", builds::again), ("one changed", builds::changed), ("step", builds::steps)];

/// Each command on the fleet, on ten times its services, and on its services in twenty regions.
pub(crate) fn table(folder: &Path, fleets: [&Fleet; 3], options: &Options) {
    let Size { services, regions, .. } = options.size;
    let sizes = [(services, regions), (services * 10, regions), (services, 20)];
    let objects = fleets.map(|fleet| count_below(&fleet.out));
    let times = |at: usize| ratio(objects[at], objects[0]);
    let bars = [TEN_TIMES, times(2) * EACH];
    let [small, large, wide] =
        sizes.map(|(services, regions)| format!("{services} in {regions} regions"));
    println!("\n{:<14} {small:>20} {large:>24} {:>13} {wide:>24}", "growth", "");
    println!(
        "{:<14} {:>20} {:>14} {:>7.2} × {:>13} {:>14} {:>7.2} ×",
        "objects",
        objects[0],
        objects[1],
        times(1),
        "",
        objects[2],
        times(2)
    );
    println!(
        "{:<14} {:>20} {:>14} {:>7.2} × {:>13} {:>14} {:>7.2} ×",
        "at most", "", "", bars[0], "", "", bars[1]
    );
    let row = |name: &str, times: [Times; 3]| {
        let [small, large, wide] = times.map(|times| times.median());
        let kept = |time: f64, bar: f64| verdict(time / small <= bar);
        println!(
            "{name:<14} {small:>20.3} {large:>14.3} {:>7.2} × {:<13} {wide:>14.3} {:>7.2} × {}",
            large / small,
            kept(large, bars[0]),
            wide / small,
            kept(wide, bars[1]),
        );
    };
    let runs = options.runs.min(3);
    for (name, times) in BUILDS {
        row(name, fleets.map(|fleet| times(fleet, runs)));
    }
    for read in commands::READ {
        row(read.0, fleets.map(|fleet| commands::times(fleet, read, runs)));
    }
    if exists("git") {
        let times = |(services, regions)| {
            let folder = folder.join(format!("growth-{services}-{regions}"));
            diff::of_everything(&folder, Size { services, regions, ..options.size }, runs)
        };
        row("diff all", sizes.map(times));
    }
}
