//! What is asked of all objects and services again and again, found once.

use super::{Fate, Group};
use crate::import::made;
use crate::import::object::{self, Object};
use crate::import::options::Options;
use crate::kube::read::selector::{Labels, Selector};
use std::collections::BTreeMap;

/// Objects by kind, namespace and name.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Places(BTreeMap<(String, String, String), Vec<usize>>);

impl Places {
    /// Those of all objects.
    pub(super) fn of(objects: &[Object], options: &Options) -> Places {
        let mut places = Places::default();
        for (at, object) in objects.iter().enumerate() {
            let key = (object.kind.clone(), options.namespace_of(object), object.name.clone());
            places.0.entry(key).or_default().push(at);
        }
        places
    }

    /// The objects of that name, in the order of the input.
    pub(in crate::import) fn all(&self, kind: &str, namespace: &str, name: &str) -> &[usize] {
        let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        self.0.get(&key).map(Vec::as_slice).unwrap_or_default()
    }
}

/// For each service, the objects that it says, is given or bears the mark of, in the order of the input.
pub(super) fn by_group(objects: &[Object], groups: &[Group], fates: &[Fate]) -> Vec<Vec<usize>> {
    let named: BTreeMap<&str, usize> =
        groups.iter().enumerate().map(|(at, group)| (group.name.as_str(), at)).collect();
    let mut found = vec![Vec::new(); groups.len()];
    for (at, (object, fate)) in objects.iter().zip(fates).enumerate() {
        let mut whose = fate.services();
        let marked = made::service(object).and_then(|name| named.get(name).copied());
        whose.extend(marked.filter(|marked| !whose.contains(marked)));
        whose.into_iter().for_each(|group| found[group].push(at));
    }
    found
}

/// Workloads that become services, by what leads to them.
#[derive(Debug, Default)]
pub(super) struct Workloads {
    /// By namespace.
    here: BTreeMap<String, Vec<usize>>,
    /// By namespace, and a label of their pods.
    labelled: BTreeMap<(String, String, String), Vec<usize>>,
    /// By namespace, kind and name.
    named: BTreeMap<(String, String, String), usize>,
    /// By namespace, and the account of their pods.
    accounts: BTreeMap<(String, String), Vec<usize>>,
    /// By namespace, and an image of their pods.
    images: BTreeMap<(String, String), Vec<usize>>,
    /// The labels of their pods.
    labels: Vec<Labels>,
}

impl Workloads {
    pub(super) fn of(objects: &[Object], groups: &[Group]) -> Workloads {
        let mut found = Workloads::default();
        for (at, group) in groups.iter().enumerate() {
            let object = &objects[group.workload];
            let here = || group.namespace.clone();
            let labels = object::pod_labels(object);
            for (key, value) in &labels {
                let label = (here(), key.clone(), value.clone());
                found.labelled.entry(label).or_default().push(at);
            }
            for image in object::images(object) {
                found.images.entry((here(), image.to_owned())).or_default().push(at);
            }
            if let Some(account) = object::account(object) {
                found.accounts.entry((here(), account.to_owned())).or_default().push(at);
            }
            found.named.entry((here(), object.kind.clone(), object.name.clone())).or_insert(at);
            found.here.entry(here()).or_default().push(at);
            found.labels.push(labels);
        }
        found
    }

    /// Those of a namespace.
    pub(super) fn here(&self, namespace: &str) -> &[usize] {
        self.here.get(namespace).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of a namespace whose pods a selector selects.
    pub(super) fn selected(&self, namespace: &str, selector: &Selector) -> Vec<usize> {
        let some = match selector.label() {
            Some((key, value)) => {
                let label = (namespace.to_owned(), key.to_owned(), value.to_owned());
                self.labelled.get(&label).map(Vec::as_slice).unwrap_or_default()
            }
            None => self.here(namespace),
        };
        some.iter().copied().filter(|group| selector.selects(&self.labels[*group])).collect()
    }

    /// The one of that name.
    pub(super) fn named(&self, namespace: &str, kind: &str, name: &str) -> Option<usize> {
        let key = (namespace.to_owned(), kind.to_owned(), name.to_owned());
        self.named.get(&key).copied()
    }

    /// Those whose pods have an account.
    pub(super) fn of_account(&self, namespace: &str, account: &str) -> &[usize] {
        let key = (namespace.to_owned(), account.to_owned());
        self.accounts.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those whose pods run one of the images of an object, in their order.
    pub(super) fn of_images(&self, namespace: &str, object: &Object) -> Vec<usize> {
        let images = object::images(object).into_iter();
        let keys = images.map(|image| (namespace.to_owned(), image.to_owned()));
        let mut found: Vec<usize> =
            keys.filter_map(|key| self.images.get(&key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
