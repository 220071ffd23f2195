//! What every spec says, and what stands above its tables.

use super::Guessing;
use super::listen::{self, Listened};
use super::mounts::{Kept, What};
use crate::import::made::logical;
use crate::import::object;
use crate::import::toml::{Table, texts};
use crate::kube::labels;
use crate::quantity::Duration;
use crate::yaml::Value;

/// How long a process has to leave, in seconds.
const EXIT: u64 = 5;

impl Guessing<'_> {
    /// What every spec says, and what stands above the tables.
    pub(super) fn top(&mut self, kept: &[Kept], listened: &[Listened]) {
        let image = self.image(self.main);
        let single = self.is_single_writer(kept);
        let stateful = self.is_stateful(kept);
        let tree = self.context.of_tree(self.at);
        let promised_by_tree = tree.and_then(|tree| tree.promises.promised);
        let learned = self.context.learned.promises.get(&self.group.name).copied();
        let promised = learned.or(promised_by_tree).unwrap_or_default();
        let options = self.context.options;
        let comment = if image.contains('@') { "" } else { "by tag: write its digest" };
        let mut top = Table::default();
        top.set("name", self.group.name.as_str());
        match comment {
            "" => drop(top.set("image", image.as_str())),
            comment => top.set_with_comment("image", image.as_str(), comment),
        }
        let labels = object::labels_of(self.workload);
        let own = labels.get(labels::TIER).filter(|_| options.tier_is_guessed);
        if let Some(tier) = own {
            top.set("tier", tier.as_str());
        } else if options.tier_is_guessed {
            top.set_with_comment(
                "tier",
                options.tier.as_str(),
                "what it is today: no loss is survived without a gap",
            );
        } else {
            top.set("tier", options.tier.as_str());
        }
        let regions = tree.filter(|_| options.regions_are_guessed).map(|tree| &tree.regions);
        match regions {
            None if options.regions_are_guessed => {
                let comment =
                    "where it runs today; a second one is what survives the loss of this one";
                top.set_with_comment("regions", texts(&options.regions), comment);
            }
            regions => drop(top.set("regions", texts(regions.unwrap_or(&options.regions)))),
        }
        let proven = self.context.learned.proven.get(&self.group.name).copied().unwrap_or_default();
        let worst = |worst: Option<Duration>, what: &str| match worst {
            Some(worst) => format!("a guess: {what}; {} at worst as it is", worst.compact()),
            None => format!("a guess: {what}"),
        };
        let (rpo, rto) = (promised.rpo.compact(), promised.rto.compact());
        if promised_by_tree == Some(promised) {
            top.set("rpo", rpo).set("rto", rto);
        } else {
            top.set_with_comment("rpo", rpo, &worst(proven.rpo, "the most data that may be lost"));
            top.set_with_comment(
                "rto",
                rto,
                &worst(proven.rto, "the longest until it serves again"),
            );
        }
        self.of_tree(&mut top);
        if self.group.namespace != self.group.name {
            top.set("namespace", self.group.namespace.as_str());
        }
        if stateful {
            top.set("kind", "stateful");
        }
        if single {
            match tree {
                Some(_) => drop(top.set("single_writer", true)),
                None => top.set_with_comment(
                    "single_writer",
                    true,
                    "one replica today, with data of its own",
                ),
            }
        }
        for (key, words) in [("command", "command"), ("args", "args")] {
            let words = object::words(self.main, words);
            if !words.is_empty() {
                top.set(key, texts(&words));
            }
        }
        let grace = object::number(self.pod.get("terminationGracePeriodSeconds"))
            .filter(|_| tree.is_none());
        if let Some(grace) =
            grace.and_then(|grace| u64::try_from(grace).ok()).filter(|grace| *grace > 20)
        {
            top.set("drain", Duration::seconds(grace).compact());
        }
        if listened.iter().all(|port| port.container != listen::MAIN) {
            top.set("ports", toml::Value::Array(Vec::new()));
        } else if self.is_headless(listened) {
            top.set("headless", true);
        }
        let scratch = kept.iter().any(|one| one.what == What::Scratch);
        if !scratch
            && !object::is(self.main.at(&["securityContext", "readOnlyRootFilesystem"]), true)
        {
            top.set_with_comment(
                "scratch",
                toml::Value::Array(Vec::new()),
                "its image is writable today",
            );
        }
        self.document.top = top;
    }

    /// What a tree says of a service as a whole.
    fn of_tree(&self, top: &mut Table) {
        let Some(tree) = self.context.of_tree(self.at) else { return };
        let labels = object::labels_of(self.workload);
        if let Some(team) = labels.get("ninefold.dev/team") {
            top.set("team", team.as_str());
        }
        if let Some(recovery) = &tree.promises.recovery {
            top.set("recovery", recovery.as_str());
        }
        if self.workload.kind == "Deployment" {
            let hashed = logical(&self.workload.name) != self.workload.name;
            top.set("rollout", if hashed { "replace" } else { "rolling" });
        }
        // What is over goes to what is in flight: endpoints follow first, and a process leaves last.
        let seconds = |value: Option<&Value>| u64::try_from(object::number(value)?).ok();
        let settle = self.main.at(&["lifecycle", "preStop", "sleep", "seconds"]);
        let grace = seconds(self.pod.get("terminationGracePeriodSeconds"));
        let drain =
            grace.zip(seconds(settle)).and_then(|(grace, settle)| grace.checked_sub(settle + EXIT));
        if let Some(drain) = drain {
            top.set("drain", Duration::seconds(drain).compact());
        }
    }

    /// The image of a container, by the digest that is known of it.
    pub(super) fn image(&self, container: &Value) -> String {
        let image = object::text(container, &["image"]).unwrap_or_default();
        self.context.options.image(image)
    }

    /// Whether its pods keep their names, and volumes of their own.
    pub(super) fn is_stateful(&self, kept: &[Kept]) -> bool {
        self.workload.kind == "StatefulSet"
            || kept.iter().any(|one| one.what == What::Volume)
            || self.recreates()
    }

    /// Whether callers get the addresses of its replicas, under the ports of these.
    fn is_headless(&self, listened: &[Listened]) -> bool {
        let service = self.group.service.map(|at| &self.context.objects[at]);
        let has_none = service.is_some_and(|one| one.text(&["spec", "clusterIP"]) == Some("None"));
        has_none
            && listened.iter().all(|port| port.service.is_none_or(|outer| outer == port.number))
    }

    /// Whether its pods are gone before others start: two must not run side by side.
    pub(super) fn recreates(&self) -> bool {
        self.workload.text(&["spec", "strategy", "type"]) == Some("Recreate")
    }

    pub(super) fn is_single_writer(&self, kept: &[Kept]) -> bool {
        if self.context.of_tree(self.at).is_some() {
            return object::annotations_of(self.workload).contains_key(labels::SINGLE_WRITER);
        }
        let replicas = object::number(self.workload.at(&["spec", "replicas"])).unwrap_or(1);
        let volumes = kept.iter().any(|one| one.what == What::Volume);
        replicas <= 1 && (volumes || self.recreates())
    }
}
