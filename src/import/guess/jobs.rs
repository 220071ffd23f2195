//! Work that ends by itself: Jobs and `CronJob`s as `[[jobs]]` of the service whose image they run.

use super::{Context, Guessing};
use crate::import::group::Fate;
use crate::import::made;
use crate::import::object::{self, Object};
use crate::import::toml::{Table, inline, texts};
use crate::quantity::{Cpu, Duration};
use crate::yaml::Value;

/// What a spec takes for a deadline, tries, and runs that stay, unless it says otherwise.
const DEADLINE: i64 = 3600;
const FIRST: i64 = 600;
const TRIES: i64 = 2;
const HISTORY: i64 = 3;

/// How often Kubernetes tries a Job again that does not say it.
const KUBERNETES: i64 = 6;

/// What a job is called in the spec of a service.
pub(in crate::import) fn job_name(object: &Object, service: &str) -> String {
    let name = made::name(object);
    let short = name.strip_prefix(service).and_then(|rest| rest.strip_prefix('-'));
    let near = crate::kube::id::nearest_label(short.unwrap_or(name));
    near.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned()
}

/// The most characters of the name of a job.
const LONGEST: usize = 20;

/// The path to the `spec` of the Job that an object is, or makes.
fn work(object: &Object) -> &'static [&'static str] {
    if object.kind == "CronJob" { &["spec", "jobTemplate", "spec"] } else { &["spec"] }
}

/// Whether a Job runs before a release: Helm and Argo CD say so by hooks.
fn comes_first(object: &Object) -> bool {
    let marks = object::annotations_of(object);
    let hook = |key: &str, words: &[&str]| {
        let hooks = marks.get(key).map(String::as_str).unwrap_or_default();
        hooks.split(',').any(|word| words.contains(&word.trim()))
    };
    hook("ninefold.dev/before", &["release"])
        || hook("helm.sh/hook", &["pre-install", "pre-upgrade"])
        || hook("argocd.argoproj.io/hook", &["PreSync"])
}

/// The jobs of a service, in the order of the input.
pub(in crate::import) fn jobs(context: Context<'_>, at: usize) -> Vec<usize> {
    let mine = context.groups.of(at).iter().copied();
    mine.filter(|index| context.groups.fates[*index] == Fate::Job(at)).collect()
}

impl Guessing<'_> {
    /// `[[jobs]]`
    pub(super) fn jobs(&mut self) {
        for index in jobs(self.context, self.at) {
            let object = &self.context.objects[index];
            let table = self.job(object);
            self.document.item("jobs", table);
        }
    }

    fn job(&mut self, object: &Object) -> Table {
        let mut table = Table::default();
        table.set("name", job_name(object, &self.group.name));
        let scheduled = object.kind == "CronJob";
        self.when(object, &mut table);
        let job = object.at(work(object)).cloned().unwrap_or(Value::Null);
        let number = |value: &Value, key: &str| object::number(value.get(key));
        let spec = object.at(&["spec"]).cloned().unwrap_or(Value::Null);
        let usual = if !scheduled && comes_first(object) { FIRST } else { DEADLINE };
        if let Some(deadline) = seconds(number(&job, "activeDeadlineSeconds"), usual) {
            table.set("deadline", deadline);
        }
        let tries = number(&job, "backoffLimit").unwrap_or(KUBERNETES);
        if tries != TRIES {
            table.set("retries", tries);
        }
        let pod = job.at(&["template", "spec"]).cloned().unwrap_or(Value::Null);
        if object::text(&pod, &["restartPolicy"]) == Some("OnFailure") {
            table.set("restart", "on-failure");
        }
        if let Some(keep) = seconds(number(&job, "ttlSecondsAfterFinished"), -1) {
            table.set("keep", keep);
        }
        let kept = ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"];
        let kept = kept.iter().filter_map(|key| number(&spec, key)).max();
        if let Some(history) = kept.filter(|history| scheduled && *history != HISTORY) {
            table.set("history", history);
        }
        self.job_container(&pod, &mut table);
        table
    }

    /// Its container, and those that end before it.
    fn job_container(&mut self, pod: &Value, table: &mut Table) {
        let nothing = Value::Null;
        let container = object::items(pod, "containers").first().unwrap_or(&nothing).clone();
        self.work(&container, table, &[]);
        let room = |sort: &str, what: &str| container.at(&["resources", sort, what]).cloned();
        let cpu = room("requests", "cpu").or_else(|| room("limits", "cpu"));
        if let Some(cpu) = cpu.as_ref().and_then(super::millis) {
            table.set("cpu", Cpu::millis(cpu).to_string());
        }
        let memory = room("requests", "memory").or_else(|| room("limits", "memory"));
        let memory = memory.as_ref().and_then(super::mounts::bytes);
        if let Some(memory) = &memory {
            table.set("memory", memory.as_str());
        }
        if let Some(limit) = room("limits", "cpu").as_ref().and_then(super::millis) {
            table.set("cpu_limit", Cpu::millis(limit).to_string());
        }
        let limit = room("limits", "memory").as_ref().and_then(super::mounts::bytes);
        if let Some(limit) = limit.filter(|limit| Some(limit) != memory.as_ref()) {
            table.set("memory_limit", limit);
        }
        let before: Vec<toml::Value> = (object::items(pod, "initContainers").iter())
            .map(|one| {
                let mut table = Table::default();
                table.set("name", object::text(one, &["name"]).unwrap_or_default());
                self.work(one, &mut table, object::items(one, "volumeMounts"));
                table.into_inline()
            })
            .collect();
        if !before.is_empty() {
            table.set("init", toml::Value::Array(before));
        }
    }

    /// What a container runs, where it is not what the service runs.
    fn work(&mut self, container: &Value, table: &mut Table, mounts: &[Value]) {
        let image = self.image(container);
        if image != self.image(self.main) {
            table.set("image", image);
        }
        for key in ["command", "args"] {
            let words = object::words(container, key);
            if !words.is_empty() {
                table.set(key, texts(&words));
            }
        }
        let usual = self.variables(self.main);
        let own = self
            .variables(container)
            .into_iter()
            .filter(|(name, value)| usual.get(name) != Some(value));
        let config: Vec<(String, toml::Value)> = own.collect();
        if !config.is_empty() {
            table.set(
                "config",
                inline(config.iter().map(|(name, value)| (name.as_str(), value.clone()))),
            );
        }
        let paths = mounts.iter().filter_map(|mount| object::text(mount, &["mountPath"]));
        let paths: Vec<&str> = paths.filter(|path| !path.is_empty()).collect();
        if !paths.is_empty() {
            table.set("mounts", texts(paths));
        }
    }

    fn when(&self, object: &Object, table: &mut Table) {
        let spec = |key: &str| object.text(&["spec", key]);
        match spec("schedule").filter(|_| object.kind == "CronJob") {
            Some(schedule) => table.set("schedule", schedule),
            None => table.set("run", if comes_first(object) { "before-release" } else { "once" }),
        };
        if let Some(zone) = spec("timeZone").filter(|zone| *zone != "Etc/UTC") {
            table.set("timezone", zone);
        }
        let overlap = match spec("concurrencyPolicy").unwrap_or("Allow") {
            "Allow" => Some("allow"),
            "Replace" => Some("replace"),
            _ => None,
        };
        if let Some(overlap) = overlap.filter(|_| object.kind == "CronJob") {
            table.set("overlap", overlap);
        }
        if self.everywhere(object) {
            table.set("where", "everywhere");
        }
    }

    /// Whether the tree has a job run in another region, too.
    fn everywhere(&self, object: &Object) -> bool {
        let Some(tree) = self.context.of_tree(self.at) else { return false };
        made::of(self.context.objects, &self.group.name).into_iter().any(|other| {
            other.region.as_ref() != Some(&tree.home)
                && other.kind == object.kind
                && made::name(other) == made::name(object)
                && !object::is(other.at(&["spec", "suspend"]), true)
        })
    }
}

fn seconds(value: Option<i64>, usual: i64) -> Option<String> {
    let value =
        value.filter(|value| *value != usual).and_then(|value| u64::try_from(value).ok())?;
    Some(Duration::seconds(value).compact())
}
