//! A workload and what stands around it → the spec that a person would write.
//!
//! It is a guess: what it leaves out or says otherwise is found by compiling it, and patched.

mod top; //         what stands above the tables
mod listen; //      ports and probes
mod environment; // variables
mod mounts; //      folders, files, Secrets, volumes
mod beside; //      other containers
mod size; //        CPU, memory, replicas, users
mod marks; //       labels and annotations
mod calls; //       addresses of whom it calls
mod policies; //    what network policies open
mod network; //     who calls whom
mod jobs; //        work that ends by itself

pub(super) use calls::called;
pub(super) use environment::{Aside, is_credential};
pub(super) use jobs::job_name;
pub(super) use listen::{main_container, ports as ports_of};
pub(super) use mounts::{Kept, What};
pub(super) use network::Network;
pub(super) use policies::{End, Opening, is_sayable, opening};
pub(super) use size::millis;

use super::group::{Fate, Group, Groups};
use super::learn::Learned;
use super::made::{self, Made};
use super::object::{self, Object};
use super::toml::{Document, Table};
use super::{Options, routes};
use crate::diag::Code;
use crate::quantity::{Date, Duration};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// All that guesses look at.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) objects: &'a [Object],
    pub(super) groups: &'a Groups,
    pub(super) options: &'a Options,
    /// What earlier rounds taught.
    pub(super) learned: &'a Learned,
    /// What Ninefold made of it before.
    pub(super) made: &'a Made,
    /// Who calls services.
    pub(super) network: &'a Network,
    /// The text of the fleet that is there.
    pub(super) fleet: Option<&'a str>,
    /// Whether a region has backups.
    pub(super) backups: bool,
}

impl<'a> Context<'a> {
    /// The object of that name that is read; of a tree, in the region that leads.
    pub(super) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<usize> {
        let mut all = self.groups.places.all(kind, namespace, name).iter().copied();
        all.find(|at| {
            !matches!(self.groups.fates[*at], Fate::Made(_))
                || self.made.is_of_job(&self.objects[*at])
        })
    }

    /// The ConfigMap of that name, whoever made it.
    pub(super) fn config_map(&self, namespace: &str, name: &str) -> Option<&'a Object> {
        let found = self.groups.places.all("ConfigMap", namespace, name).first();
        found.map(|at| &self.objects[*at])
    }

    /// What a tree says of a service.
    pub(super) fn of_tree(&self, at: usize) -> Option<&made::Service> {
        self.made.service(&self.groups.groups[at].name)
    }
}

/// The worst that is proven of a service; none where nothing bounds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Proven {
    pub(super) rpo: Option<Duration>,
    pub(super) rto: Option<Duration>,
}

/// The most that may be lost, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Promised {
    pub(super) rpo: Duration,
    pub(super) rto: Duration,
}

impl Default for Promised {
    fn default() -> Self {
        Promised { rpo: Duration::seconds(24 * 3600), rto: Duration::seconds(4 * 3600) }
    }
}

/// How long it is accepted, in days.
const YEAR: u64 = 365;

/// A spec, before what no field says.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    /// The spec.
    pub(super) document: Document,
    /// Files beside it, by their path from its folder.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// What is read from Secrets that are still to be made.
    pub(super) asides: Vec<Aside>,
    /// What its pods mount.
    pub(super) kept: Vec<Kept>,
    /// ConfigMaps of which something is read by nobody.
    pub(super) partly: BTreeSet<usize>,
}

/// A group, while its spec is written.
pub(super) struct Guessing<'a> {
    context: Context<'a>,
    at: usize,
    group: &'a Group,
    workload: &'a Object,
    pod: &'a Value,
    /// The container of the service.
    main: &'a Value,
    document: Document,
    files: BTreeMap<String, Vec<u8>>,
    asides: Vec<Aside>,
    /// Names of files.
    names: BTreeSet<String>,
    /// Keys of ConfigMaps that a field says.
    written: BTreeSet<(usize, String)>,
}

/// The spec of a group.
pub(super) fn guess(context: Context<'_>, at: usize) -> Guess {
    let group = &context.groups.groups[at];
    let workload = &context.objects[group.workload];
    let nothing = &Value::Null;
    let pod = object::pod(workload).unwrap_or(nothing);
    let main = listen::main_container(context, at);
    let main = object::items(pod, "containers").get(main).unwrap_or(nothing);
    let mut guessing = Guessing {
        context,
        at,
        group,
        workload,
        pod,
        main,
        document: Document::default(),
        files: BTreeMap::new(),
        asides: Vec::new(),
        names: BTreeSet::new(),
        written: BTreeSet::new(),
    };
    let kept = guessing.write();
    let partly = guessing.partly();
    let Guessing { document, files, asides, .. } = guessing;
    Guess { document, files, asides, kept, partly }
}

impl<'a> Guessing<'a> {
    fn write(&mut self) -> Vec<Kept> {
        let kept = self.mounts();
        let listened = listen::ports(self.context, self.at);
        self.top(&kept, &listened);
        self.size();
        self.listen(&listened);
        self.who(&listened);
        self.marks();
        self.environment();
        self.beside(&kept, &listened);
        self.jobs();
        self.calls(&listened);
        made::keeping(self.context, self.at, &mut self.document);
        let traffic = made::traffic(self.context, self.at);
        if let Some(traffic) = traffic.or_else(|| routes::traffic(self.context, self.at)) {
            *self.document.table(&["traffic"]) = traffic;
        }
        self.accepts();
        kept
    }

    /// Accepts what was learned of the service.
    fn accepts(&mut self) {
        let own = self.context.learned.accepted.iter().filter(|(name, _)| *name == self.group.name);
        for code in own.map(|(_, code)| *code).collect::<Vec<Code>>() {
            self.accept(code);
        }
    }

    fn accept(&mut self, code: Code) {
        let reason = match code == Code::REFERENCE_DANGLING {
            true => "it leads to what other specs have, or what was not among the import",
            false => "it runs like that today; what the finding names is not promised",
        };
        let mut table = Table::default();
        table.set("rule", code.name());
        table.set("reason", reason);
        let day = self.context.options.inventory.parse::<Date>();
        let until = day.map_or_else(
            |_| self.context.options.inventory.clone(),
            |day| day.after(YEAR).to_string(),
        );
        table.set("until", until);
        self.document.item("accept", table);
    }

    /// An object that the group's pods name.
    fn find(&self, kind: &str, name: &str) -> Option<usize> {
        self.context.find(kind, &self.group.namespace, name)
    }

    /// The ConfigMap of that name that is given to services.
    fn config_map(&self, name: &str) -> Option<(usize, &'a Object)> {
        let at = self.find("ConfigMap", name)?;
        Some((at, &self.context.objects[at]))
    }

    /// ConfigMaps of which this service reads a part only.
    fn partly(&self) -> BTreeSet<usize> {
        let given = |at: &usize| matches!(self.context.groups.fates[*at], Fate::Given(_));
        let mine = self.context.groups.of(self.at).iter().copied().filter(given);
        let whole = |at: &usize| {
            let object = &self.context.objects[*at];
            let parts = ["data", "binaryData"].into_iter();
            let mut keys =
                parts.flat_map(|part| object.at(&[part]).map(Value::entries).unwrap_or_default());
            // Of one without a key, no field says anything.
            let any = keys.clone().next().is_some();
            let written = keys.all(|(key, _)| self.written.contains(&(*at, key.clone())));
            object.kind != "ConfigMap" || any && written
        };
        mine.filter(|at| !whole(at)).collect()
    }
}
