//! What a unit is compiled from, as a digest.

use super::Fleet;
use crate::decide;
use crate::model;
use crate::name::{Digest, Digesting};
use crate::pages;
use crate::plan::Unit;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::io::{BufWriter, Sink, Write};

impl Fleet {
    /// The digest of everything that the specs and templates contribute to a unit: when it is the
    /// same, and the tree holds what it held, compiling it gives the same. `in_use` is that of
    /// [`Previous`](crate::tree::Previous).
    pub fn fingerprint(&self, unit: &Unit, in_use: &BTreeSet<(String, String)>) -> Digest {
        let mut seen = Seen::nothing();
        seen.add(&(self.shared, &self.root));
        match self.service(unit) {
            Some(service) => self.add_service(&mut seen, service),
            None => seen.add(&(self.of_all_services(), in_use)),
        }
        seen.digest()
    }

    fn add_service(&self, seen: &mut Seen, service: &model::Service) {
        let source = self.sources.get(service.document.file());
        let rests = self.decided.rests_of(service);
        seen.add(&(&source.path, &source.text));
        seen.add(&(&service.calls, &service.callers, service.alone));
        seen.add(&(&rests, decide::order::turn(&self.decided, service)));
        self.add_called(seen, &rests);
        for file in service.files.iter().filter(|file| file.key == "source") {
            match &file.content {
                model::Content::Text(held) => held.texts().for_each(|text| seen.add(&text)),
                model::Content::Bytes(bytes) => seen.add(bytes),
            }
        }
        self.add_manifests(seen, &service.manifests);
        self.add_governed(seen, service);
        // Another service of its namespace may run as root, and the fleet says more.
        for region in &service.regions {
            let of = (region.name.clone(), service.namespace.clone());
            seen.add(&self.levels.get(&of));
        }
        // What they refer to may be in the manifests of others.
        for region in service.regions.iter().filter(|_| self.has_users(service)) {
            seen.add(&self.beside.digest(&region.name, &service.namespace));
        }
    }

    /// The digest of what all services together contribute to what they share. It is made once: who
    /// asks for it early has it made beside other work.
    pub fn of_all_services(&self) -> Digest {
        *self.of_all_services.get_or_init(|| {
            let mut seen = Seen::nothing();
            self.add_fleet(&mut seen);
            seen.digest()
        })
    }

    fn add_fleet(&self, seen: &mut Seen) {
        for service in self.decided.services() {
            let regions = service.regions.iter().map(|region| &region.name);
            seen.add(&regions.collect::<Vec<_>>());
            let written = service.document.has(&["namespace"]);
            let (name, namespace) = (&service.name, &service.namespace);
            let level = self.decided.fleet().level(namespace, service.is_root());
            seen.add(&(&self.sources.get(service.document.file()).path, name, namespace));
            seen.add(&(written, level, &service.metadata.namespace));
        }
        seen.add(&(self.decided.twins(), decide::jobs::held(&self.decided)));
        for shared in decide::shared::of(&self.decided) {
            seen.add(&(&shared.name, &shared.location.name, shared.cadence.slot(), &shared.apart));
        }
        for procedure in pages::procedure::used(&self.decided) {
            seen.add(&procedure.name);
        }
        self.add_manifests(seen, &self.decided.fleet().manifests);
        if !self.decided.fleet().manifests.is_empty() {
            seen.add(&self.beside.digest_of_all());
        }
    }

    /// What is claimed of a service may be void by the objects of those that it calls.
    fn add_called(&self, seen: &mut Seen, rests: &[&decide::Rest]) {
        let called = rests.first().into_iter().flat_map(|rest| rest.all.iter());
        for called in called.filter_map(|name| self.decided.service(name)) {
            if !called.patches.is_empty() || !called.manifests.is_empty() {
                seen.add(&self.sources.get(called.document.file()).text);
                self.add_manifests(seen, &called.manifests);
            }
            self.add_governed(seen, called);
        }
    }

    /// What others wrote may void what is claimed of a service, too.
    fn add_governed(&self, seen: &mut Seen, service: &model::Service) {
        for manifest in self.governing.manifests(&self.decided, service) {
            self.add_manifests(seen, std::slice::from_ref(manifest));
            seen.add(&manifest.regions);
        }
        seen.add(&self.governing.others(&self.decided, service));
    }

    fn add_manifests(&self, seen: &mut Seen, manifests: &[model::Manifest]) {
        seen.add(&manifests.len());
        for manifest in manifests {
            let source = self.sources.get(manifest.file);
            seen.add(&(&source.path, &source.text));
        }
    }
}

/// The digest of everything that was looked at, one behind the other.
struct Seen(BufWriter<Digesting<Sink>>);

impl Seen {
    fn nothing() -> Seen {
        Seen(BufWriter::new(Digesting::new(std::io::sink())))
    }

    fn add(&mut self, what: &impl Hash) {
        what.hash(self);
    }

    fn digest(mut self) -> Digest {
        self.0.flush().expect(UNHINDERED);
        self.0.get_ref().digest()
    }
}

const UNHINDERED: &str = "nothing is written anywhere";

impl Hasher for Seen {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect(UNHINDERED);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is taken of all bytes")
    }
}
