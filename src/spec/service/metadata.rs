//! Labels and annotations that a team adds to what is made for it.

use crate::kube::kinds::Part;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is added to the objects of a service, by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Every object of the service, those of its manifests among them. What is said of a kind of object
    /// stands above it, and what a manifest says itself above that. Neither its pods nor its namespace,
    /// which others may be in: see `pod` and `namespace`.
    #[serde(default)]
    pub all: Marks,
    /// Its pods. A change replaces them.
    #[serde(default)]
    pub pod: Marks,
    /// Its Deployment or StatefulSet.
    #[serde(default)]
    pub deployment: Marks,
    /// Its Kubernetes Services.
    #[serde(default)]
    pub service: Marks,
    /// Its ServiceAccount.
    #[serde(default)]
    pub service_account: Marks,
    /// What leads users to it: `HTTPRoute` or `Ingress`.
    #[serde(default)]
    pub route: Marks,
    /// What is made for `jobs`, and their pods. A change makes a job that runs once run again.
    #[serde(default)]
    pub job: Marks,
    /// Its namespace, also where it shares it.
    #[serde(default)]
    pub namespace: Marks,
}

/// Labels and annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Labels: short, and things are selected by them.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations: any text, for tools.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

impl Metadata {
    /// Every part, under the key that it is written with.
    pub fn parts(&self) -> [(&'static str, &Marks); 8] {
        [
            ("all", &self.all),
            ("pod", &self.pod),
            ("deployment", &self.deployment),
            ("service", &self.service),
            ("service_account", &self.service_account),
            ("route", &self.route),
            ("job", &self.job),
            ("namespace", &self.namespace),
        ]
    }

    /// What is said of one part.
    pub fn part(&self, part: Part) -> &Marks {
        match part {
            Part::Deployment => &self.deployment,
            Part::Service => &self.service,
            Part::ServiceAccount => &self.service_account,
            Part::Route => &self.route,
            Part::Job => &self.job,
        }
    }

    /// The same with what `defaults` say where this says nothing.
    pub fn over(self, defaults: &Metadata) -> Metadata {
        Metadata {
            all: self.all.over(&defaults.all),
            pod: self.pod.over(&defaults.pod),
            deployment: self.deployment.over(&defaults.deployment),
            service: self.service.over(&defaults.service),
            service_account: self.service_account.over(&defaults.service_account),
            route: self.route.over(&defaults.route),
            job: self.job.over(&defaults.job),
            namespace: self.namespace.over(&defaults.namespace),
        }
    }
}

impl Marks {
    /// The same with what `below` says where this says nothing.
    pub fn over(mut self, below: &Marks) -> Marks {
        let fill = |own: &mut BTreeMap<String, String>, below: &BTreeMap<String, String>| {
            for (key, value) in below {
                own.entry(key.clone()).or_insert_with(|| value.clone());
            }
        };
        fill(&mut self.labels, &below.labels);
        fill(&mut self.annotations, &below.annotations);
        self
    }
}
