//! What people do to a repository: edits, releases good and bad, reverts, retirements, branches.

use super::cluster::{Key, key};
use super::engine::{self, REGION};
use super::history::{History, SERVICES};
use crate::workbench::{Files, files_below, write};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// What git can tell where a tree is built.
const PLACES: [Place; 5] =
    [Place::Here, Place::WithoutTree, Place::WithoutGit, Place::AnotherOwner, Place::ShallowClone];

#[derive(Clone, Copy, Debug)]
enum Place {
    Here,
    WithoutTree,
    WithoutGit,
    AnotherOwner,
    ShallowClone,
}

fn table<const N: usize>(rows: [(&str, Value); N]) -> Value {
    rows.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Table>().into()
}

/// The `jobs` of a spec: one that comes before each release, and does what it is told to.
pub(super) fn job(told: &str) -> Value {
    let args = Value::Array(vec![told.into()]);
    let job = [("name", "migrate".into()), ("run", "before-release".into()), ("args", args)];
    Value::Array(vec![table(job)])
}

impl History {
    fn chance(&mut self, one_in: u64) -> bool {
        self.random.below(one_in) == 0
    }

    /// A value of one of a few, so that some come back.
    fn edit(&mut self) {
        let count = SERVICES.len() as u64;
        let (service, _) = SERVICES[usize::try_from(self.random.below(count)).unwrap()];
        let number = self.random.below(3);
        if self.jobs && self.chance(3) {
            let word = if self.chance(2) { "works" } else { "fails" };
            let job = (number > 0).then(|| job(&format!("{word}-{number}")));
            return self.set(service, &["jobs"], job);
        }
        let kind = if self.chance(2) { "good" } else { "bad" };
        match self.random.below(16) {
            0..=3 => {
                self.set(service, &["config", "RELEASE"], Some(format!("{kind}-{number}").into()));
            }
            4 => {
                let kind = if kind == "bad" { "bad" } else { "000" };
                let digest = format!("{kind}{number}{}", "0".repeat(60));
                let image = format!("registry.example.com/{service}@sha256:{digest}");
                self.set(service, &["image"], Some(image.into()));
            }
            5 | 6 => self.port(service, number),
            7 => {
                let peak = i64::try_from(1 + number).unwrap();
                self.set(service, &["capacity", "peak"], Some(peak.into()));
            }
            8 => {
                let rollout = if number == 0 { "rolling" } else { "replace" };
                let service = if self.chance(2) { "shop" } else { "hello" };
                self.set(service, &["rollout"], Some(rollout.into()));
            }
            9 => {
                let namespace = if number == 0 { "mall" } else { "hello" };
                self.set(service, &["namespace"], Some(namespace.into()));
            }
            10..=13 => self.scaled(service, number),
            _ => self.rename(),
        }
    }

    /// The container listens elsewhere: callers may find it where it was, or not; or under another
    /// name.
    fn port(&mut self, service: &str, number: u64) {
        if service == "worker" {
            return;
        }
        let name = if self.chance(4) { "web" } else { "http" };
        let port = i64::try_from(8080 + number).unwrap();
        let mut port = table([("name", name.into()), ("port", port.into())]);
        if !self.chance(3) {
            port.as_table_mut().unwrap().insert("service".to_owned(), 8080.into());
        }
        self.set(service, &["ports"], Some(Value::Array(vec![port])));
    }

    /// With an autoscaler, or without one; perhaps by the way without a loss.
    fn scaled(&mut self, service: &str, number: u64) {
        if service == "store" {
            return;
        }
        let scaled = (number > 0).then(|| table([("max", 12.into())]));
        let on = scaled.is_some();
        self.set(service, &["capacity", "autoscale"], scaled);
        match service {
            "worker" if on && self.chance(2) => {
                let accept = [
                    ("rule", "replicas-reset".into()),
                    ("reason", "another manager says the number".into()),
                    ("until", "2100-01-01".parse::<toml::value::Datetime>().unwrap().into()),
                ];
                self.set("worker", &["accept"], Some(Value::Array(vec![table(accept)])));
            }
            "shop" | "hello" if on && self.chance(2) => {
                self.set(service, &["rollout"], Some("replace".into()));
            }
            _ => {}
        }
    }

    /// One service has another name, which who calls it knows.
    fn rename(&mut self) {
        let spec: Table = self.bench.read("specs/hello.toml").parse().unwrap();
        let (then, now) = match spec["name"].as_str() {
            Some("hello") => ("hello", "hallo"),
            _ => ("hallo", "hello"),
        };
        self.set("hello", &["name"], Some(now.into()));
        self.set("hello", &["previously"], Some(then.into()));
        let calls = table([("service", now.into())]);
        self.set("shop", &["depends_on"], Some(Value::Array(vec![calls])));
    }

    /// An edit that is built and committed; none when it does not compile.
    fn release(&mut self, place: Place) {
        self.edit();
        self.told.push(format!("build, {place:?}"));
        if matches!(place, Place::WithoutTree) {
            std::fs::remove_dir_all(self.bench.path("out")).unwrap();
        }
        let mut build = self.bench.command(&["build"]);
        match place {
            Place::Here | Place::WithoutTree => {}
            Place::WithoutGit => drop(build.env("PATH", "/nowhere")),
            Place::AnotherOwner => {
                build.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
                build.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            }
            Place::ShallowClone => {
                let clone = self.bench.path(".git/clone");
                let _ = std::fs::remove_dir_all(&clone);
                let origin = format!("file://{}", self.bench.path("").display());
                self.bench.git(&["clone", "-q", "--depth", "1", &origin, ".git/clone"]);
                write(&clone.join("specs"), &files_below(&self.bench.path("specs")));
                build.current_dir(&clone);
            }
        }
        let output = build.output().unwrap();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{stderr}");
            self.told.push(format!("refused: {}", stderr.lines().next().unwrap_or_default()));
            self.bench.git(&["checkout", "-q", "--", "."]);
            return;
        }
        if matches!(place, Place::ShallowClone) {
            let tree = files_below(&self.bench.path(".git/clone/out"));
            std::fs::remove_dir_all(self.bench.path("out")).unwrap();
            write(&self.bench.path("out"), &tree);
        }
        self.releases += 1;
        self.commit("release");
    }

    fn any_place(&mut self) -> Place {
        PLACES[usize::try_from(self.random.below(PLACES.len() as u64)).unwrap()]
    }

    /// What a person does when the check finds something.
    fn mend(&mut self) {
        if !self.bench.command(&["build", "--check"]).output().unwrap().status.success() {
            self.told.push("mended".to_owned());
            if self.build_or_give_up() {
                self.commit("mended");
            }
        }
        self.settled();
    }

    /// Of the default branch.
    fn commits(&self) -> u64 {
        let count = self.bench.git(&["rev-list", "--first-parent", "--count", "HEAD"]);
        count.parse().unwrap()
    }

    /// Specs and tree as some commit before has them.
    fn go_back(&mut self) {
        let back = 1 + self.random.below(3);
        if back < self.commits() {
            self.told.push(format!("back to HEAD~{back}"));
            self.take(&format!("HEAD~{back}"));
            self.commit("back");
        }
    }

    fn take(&self, commit: &str) {
        self.bench.git(&["rm", "-rqf", "specs", "out"]);
        self.bench.git(&["checkout", "-q", commit, "--", "specs", "out"]);
    }

    /// One commit taken back; nothing when that conflicts.
    fn revert(&mut self) {
        let back = self.random.below(3);
        if back + 1 >= self.commits() {
            return;
        }
        let commit = format!("HEAD~{back}");
        let mut revert = self.bench.git_command(&["revert", "--no-edit", "-m", "1", &commit]);
        let mut plain = self.bench.git_command(&["revert", "--no-edit", &commit]);
        let done = [&mut plain, &mut revert].into_iter().any(|revert| {
            let done = revert.output().unwrap().status.success();
            if !done {
                let _ = self.bench.git_command(&["revert", "--abort"]).output();
            }
            done
        });
        self.told.push(format!("revert {commit}: {done}"));
    }

    /// A former generation that is in the tree.
    fn former(&mut self) -> Option<String> {
        let tree = self.bench.tree();
        let named =
            tree.keys().filter_map(|path| path.split("/retained/").nth(1)?.split('/').next());
        let mut named: Vec<&str> = named.collect();
        named.sort_unstable();
        named.dedup();
        let at = usize::try_from(self.random.below(named.len().max(1) as u64)).unwrap();
        named.get(at).map(|name| (*name).to_owned())
    }

    fn retire(&mut self, looks: bool) {
        let mut arguments = vec!["retire".to_owned()];
        if looks {
            self.bench.write(".git/region-a.json", &self.cluster.observed());
            arguments.extend(["--observed", ".git/region-a.json"].map(str::to_owned));
        }
        if self.chance(3)
            && let Some(name) = self.former()
        {
            arguments.extend(["--generation".to_owned(), name]);
        }
        self.told.push(arguments.join(" "));
        let before = self.bench.tree();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let _ = self.bench.run(&arguments);
        let after = self.bench.tree();
        self.blind |= after != before && !looks;
        let (before, after) = (engine::folder(&before, REGION), engine::folder(&after, REGION));
        let stays: BTreeSet<Key> = after.values().map(key).collect();
        self.retired.extend(before.values().map(key).filter(|gone| !stays.contains(gone)));
        self.commit("retire");
    }

    /// What another branch has comes in: merged, or below what this one has; where both changed the
    /// same, one side is taken, and built.
    fn bring(&mut self, other: &str) {
        let rebases = self.chance(2);
        let how: &[&str] = match rebases {
            true => &["rebase", "-q", other],
            false => &["merge", "-q", "--no-edit", other],
        };
        let done = self.bench.git_command(how).output().unwrap().status.success();
        self.told.push(format!("{}: {done}", how.join(" ")));
        if done {
            return;
        }
        if rebases {
            let _ = self.bench.git_command(&["rebase", "--abort"]).output();
            self.bench.git(&["reset", "-q", "--soft", other]);
        } else {
            let _ = self.bench.git_command(&["merge", "--abort"]).output();
            self.bench.git(&["merge", "-q", "--no-commit", "-s", "ours", other]);
            if self.chance(2) {
                self.take(other);
            }
        }
        if self.build_or_give_up() {
            self.commit("merged");
        }
    }

    /// A branch of some commits, beside which the default branch may go on, is delivered as one.
    fn branch(&mut self) {
        self.told.push("branch".to_owned());
        self.bench.git(&["checkout", "-q", "-b", "work"]);
        let (was_blind, was_retired) = (self.blind, self.retired.clone());
        if self.chance(3) {
            let looks = !self.chance(4);
            self.retire(looks);
        }
        for _ in 0..=self.random.below(2) {
            let place = self.any_place();
            self.release(place);
        }
        if self.chance(2) {
            self.told.push("meanwhile".to_owned());
            self.bench.git(&["checkout", "-q", "main"]);
            // What is retired on the branch is not delivered yet.
            let blind = std::mem::replace(&mut self.blind, was_blind);
            let retired = std::mem::replace(&mut self.retired, was_retired);
            self.release(Place::Here);
            self.mend();
            self.ship();
            self.blind |= blind;
            self.retired.extend(retired);
            self.bench.git(&["checkout", "-q", "work"]);
            self.bring("main");
        }
        self.mend();
        self.bench.git(&["checkout", "-q", "main"]);
        match self.random.below(3) {
            0 => drop(self.bench.git(&["merge", "-q", "--ff-only", "work"])),
            1 => drop(self.bench.git(&["merge", "-q", "--no-ff", "--no-edit", "work"])),
            _ => {
                self.bench.git(&["merge", "-q", "--squash", "work"]);
                self.commit("squashed");
            }
        }
        self.bench.git(&["branch", "-q", "-D", "work"]);
        self.told.push("merged".to_owned());
    }

    /// What is on the default branch is delivered, and takes nothing away.
    fn ship(&mut self) {
        let tree = self.bench.tree();
        self.hand_over(&tree);
        self.delivered = self.bench.git(&["rev-parse", "HEAD"]);
        let fallen = self.deliver(&tree);
        assert!(fallen.is_empty(), "{}\n  {}", fallen.join("\n"), self.story());
    }

    /// Whoever accepts that a number leaves a manifest has another manager of fields say it first.
    pub(super) fn hand_over(&mut self, tree: &Files) {
        let leaves = |workload: &serde_json::Value| workload["spec"].get("replicas").is_none();
        let objects = engine::folder(tree, REGION);
        for (path, worker) in objects.iter().filter(|(path, _)| path.contains("/worker/")) {
            if path.ends_with("/deployment.yaml") && leaves(worker) {
                self.cluster.say(&key(worker));
            }
        }
    }

    pub(super) fn step(&mut self) {
        match self.random.below(12) {
            0..=2 => self.release(Place::Here),
            3 => {
                let place = self.any_place();
                self.release(place);
            }
            4 => self.go_back(),
            5 => self.revert(),
            6 | 7 => self.retire(true),
            8 => self.retire(false),
            _ => self.branch(),
        }
        self.mend();
        self.ship();
    }
}
