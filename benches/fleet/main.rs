//! How fast whole builds are, beside what one would compare them with, in one run.
//!
//! ```text
//! cargo bench                                                  1,000 services in 3 regions
//! cargo bench -- --services 200 --regions 2 --seed 7 --runs 9  another fleet, more runs
//! cargo bench -- --row full --row check                        some rows only, by how their names begin
//! cargo bench -- --generate DIR                                only write its specs, to profile
//! ```
//!
//! Every figure is the wall time of a whole process, start to exit, on the real file system (below
//! `target`), after a `sync`; what is compared runs alternately. The ratio is that of the medians.
//! Nothing here fails: times depend on the machine, ratios hardly do.
//!
//! | Row | What runs | Beside it | At most |
//! |---|---|---|---|
//! | full build | `build` into a folder that is not there | `cp -r` of the tree that it wrote | 1.0 × |
//! | files | how many files that tree has, of 1,000 services in 3 regions | – | 31,000 |
//! | nothing to do | `build` again | `git status` on that tree, committed, index warm | 0.5 × |
//! | one changed | `build` after one value of one spec changed | – | 0.08 s |
//! | edited again | the same in a repository, after two other changes since the last commit | – | 0.08 s |
//! | in memory | a full build into `/dev/shm` | `cp -r` there | 3.0 × |
//! | step | `build --check` of a tree that is right | – | – |
//! | check | `check` | – | 0.5 s |
//! | watch 20, watch | `check --watch`, from the save of a spec of 20 services, and of all | – | 0.2 s each |
//! | verify, explain, report | the command of that name | – | 1 s each |
//! | lose a zone, lose a region | `simulate` | – | 1 s each |
//! | ten times | a full build of ten times the services | that of the fleet | 10.5 × |
//! | twenty regions | a full build of the services in twenty regions | that of the fleet | 1.05 × its files |
//! | memory | the most that a full build of ten times the services holds | that of the fleet | 250 MB |
//! | growth | the rows from `nothing to do` to `lose a region`, and `diff all`, with ten times the services, and in twenty regions | on the fleet | as those two |
//! | diff 450 | `diff` of 450 objects, every service edited: HEAD against a compile | – | 0.08 s |
//! | diff 6,000 | `diff` of two revisions, 6,000 objects or more, 2,400 of them replaced | – | 0.4 s, 200 MB |
//! | diff 50,000 | `diff` of two revisions, 50,000 objects, the same in both | – | 0.6 s, 150 MB |
//! | diff all | `diff` of two revisions of the fleet, every object changed | – | 3 s |
//! | overlays | a full build of 100 services | `kubectl kustomize`, a process for each service and region, over the same objects | 1/100 |
//! | one root | the same | `kubectl kustomize`, a process for each region | 1/100 |
//!
//! kustomize has the easier task: it reads finished manifests and prints them. Its time grows with
//! the square of a root's objects, so that `one root` says little about a larger one.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads clocks and writes files")]
#![expect(clippy::print_stdout, reason = "its output is a table")]

mod generate; //  specs of a fleet of any size
mod fleet; //     the same on disk, with their tree
mod files; //     what is below a folder
mod repository; // the same in git
mod measure; //   times of processes, and rows
mod builds; //    of a tree, of one service, of nothing
mod commands; //  what reads
mod scale; //     more services, more regions
mod growth; //    of each command, as a table
mod diff; //      revisions of git
mod kustomize; // what one would compare it with

use files::bytes_below;
use fleet::Fleet;
use generate::Size;
use measure::megabytes;
use std::path::{Path, PathBuf};

struct Options {
    size: Size,
    runs: usize,
    generate: Option<PathBuf>,
    /// The rows to measure, by the beginnings of their names; all of them when none is named.
    rows: Vec<String>,
}

/// The rows, as the table above names them.
const ROWS: [&str; 25] = [
    "full build",
    "files",
    "nothing to do",
    "one changed",
    "edited again",
    "in memory",
    "step",
    "check",
    "watch 20",
    "watch",
    "verify",
    "explain",
    "report",
    "lose a zone",
    "lose a region",
    "ten times",
    "twenty regions",
    "memory",
    "growth",
    "diff 450",
    "diff 6,000",
    "diff 50,000",
    "diff all",
    "overlays",
    "one root",
];

impl Options {
    fn wants(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|wanted| row.starts_with(wanted.as_str()))
    }
}

fn main() {
    let Some(options) = options() else { return };
    if let Some(folder) = &options.generate {
        return generate::write(folder, options.size);
    }
    let below = env!("CARGO_TARGET_TMPDIR");
    std::fs::create_dir_all(below).expect("cargo's folder for benchmarks");
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(below).expect("a folder");
    let fleet = Fleet::new(folder.path().join("fleet"), options.size);
    println!(
        "{} services in {} regions, seed {}: {} of specs, {} objects and ledgers, {}",
        options.size.services,
        options.size.regions,
        options.size.seed,
        megabytes(bytes_below(&fleet.specs)),
        fleet.files,
        megabytes(bytes_below(&fleet.out)),
    );
    println!("{} runs each, seconds: least, median\n", options.runs);
    println!(
        "{:<14} {:>8} {:>8}   {:<28} {:>8} {:>8}   {:>8}  {:>8}",
        "", "least", "median", "beside", "least", "median", "ratio", "target"
    );
    measure(folder.path(), &fleet, &options);
}

/// Every row that is wanted, in their order.
fn measure(folder: &Path, fleet: &Fleet, options: &Options) {
    if options.wants("files") {
        builds::files(fleet, options.size);
    }
    // What ten times the services are compared with.
    let compared = ["full build", "ten times", "memory", "twenty regions"];
    let compared = compared.into_iter().any(|row| options.wants(row));
    let full = compared.then(|| builds::full_build(fleet, options.runs));
    if options.wants("in memory") {
        builds::in_memory(fleet, options.runs);
    }
    if options.wants("nothing to do") {
        builds::nothing_to_do(fleet, options.runs);
    }
    if options.wants("one changed") {
        builds::one_changed(fleet, options.runs);
    }
    if options.wants("edited again") {
        builds::edited_again(folder, options.size, options.runs);
    }
    if options.wants("step") {
        builds::step(fleet, options.runs);
    }
    commands::reads(fleet, options);
    if options.wants("watch 20") || options.wants("watch") {
        commands::watch(folder, fleet, options);
    }
    scale::all(folder, fleet, options, full.as_ref());
    diff::all(folder, options);
    if options.wants("overlays") || options.wants("one root") {
        kustomize::all(folder, options.size, options.runs);
    }
}

/// The arguments; none when cargo only tests that this compiles.
fn options() -> Option<Options> {
    let size = Size { services: 1000, regions: 3, seed: 1 };
    let mut options = Options { size, runs: 5, generate: None, rows: Vec::new() };
    let mut bench = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} takes a value"));
        let number = |text: String| text.parse::<usize>().unwrap_or_else(|_| panic!("`{text}`?"));
        match argument.as_str() {
            "--bench" => bench = true,
            "--services" => options.size.services = number(value()),
            "--regions" => options.size.regions = number(value()),
            "--seed" => options.size.seed = number(value()) as u64,
            "--runs" => options.runs = number(value()).max(1),
            "--row" => {
                let row = value();
                let is_one = ROWS.iter().any(|known| known.starts_with(row.as_str()));
                assert!(is_one, "no row begins with `{row}`; there are {}", ROWS.join(", "));
                options.rows.push(row);
            }
            "--generate" => options.generate = Some(value().into()),
            _ => panic!("`{argument}` is none of the arguments that benches/fleet/main.rs lists"),
        }
    }
    bench.then_some(options)
}
