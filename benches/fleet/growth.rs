//! How the time of each command grows with services and with regions, as a table.

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

/// Each command on the fleet, on ten times its services, and on its services in twenty regions; `diff`
/// on a tenth of each, as git takes minutes to keep more.
pub(crate) fn table(folder: &Path, fleets: [&Fleet; 3], options: &Options) {
    let Size { services, regions, .. } = options.size;
    let runs = options.runs.min(3);
    let columns = Columns::of((services, regions), fleets);
    for (name, times) in BUILDS {
        columns.row(name, &in_turn(runs, fleets, times));
    }
    for read in commands::READ {
        columns
            .row(read.0, &in_turn(runs, fleets, |fleet, runs| commands::times(fleet, read, runs)));
    }
    if exists("git") {
        let services = (services / 10).max(1);
        let made = [0, 1, 2].map(|at: usize| {
            let (services, regions) = sizes((services, regions))[at];
            let size = Size { services, regions, ..options.size };
            diff::all_changed(&folder.join(format!("growth-{at}")), size)
        });
        let [small, large, wide] = &made;
        let columns = Columns::of((services, regions), [&small.fleet, &large.fleet, &wide.fleet]);
        columns.row("diff all", &in_turn(runs, [small, large, wide], diff::revisions));
    } else {
        println!("SKIPPED: there is no git to read revisions from");
    }
}

/// The times of three fleets, one run of each after the other.
fn in_turn<T>(runs: usize, of: [&T; 3], times: impl Fn(&T, usize) -> Times) -> [Times; 3] {
    let mut all = [Times::default(), Times::default(), Times::default()];
    for _ in 0..runs {
        all.iter_mut().zip(of).for_each(|(all, one)| all.join(times(one, 1)));
    }
    all
}

/// How many services in how many regions: few, ten times as many, and few in twenty regions.
fn sizes((services, regions): (usize, usize)) -> [(usize, usize); 3] {
    [(services, regions), (services * 10, regions), (services, 20)]
}

/// What the two larger fleets may take of the time of the first one.
struct Columns([f64; 2]);

impl Columns {
    fn of(size: (usize, usize), fleets: [&Fleet; 3]) -> Columns {
        let objects = fleets.map(|fleet| fleet.files);
        let times = |at: usize| ratio(objects[at], objects[0]);
        let bars = [TEN_TIMES, times(2) * EACH];
        let [small, large, wide] =
            sizes(size).map(|(services, regions)| format!("{services} in {regions} regions"));
        println!("\n{:<14} {small:>20} {large:>24} {:>13} {wide:>24}", "growth", "");
        println!(
            "{:<14} {:>20} {:>14} {:>7.2} × {:>13} {:>14} {:>7.2} ×",
            "files",
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
        Columns(bars)
    }

    fn row(&self, name: &str, times: &[Times; 3]) {
        let [small, large, wide] = times.each_ref().map(Times::median);
        let kept = |time: f64, bar: f64| verdict(time / small <= bar);
        println!(
            "{name:<14} {small:>20.3} {large:>14.3} {:>7.2} × {:<13} {wide:>14.3} {:>7.2} × {}",
            large / small,
            kept(large, self.0[0]),
            wide / small,
            kept(wide, self.0[1]),
        );
    }
}
