//! Labels and annotations that a team adds to what is made for it.

use crate::kube::kinds::Part;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is added to the objects of a service, by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// For every object of the service, those of its manifests included, but not for its pods and its
    /// namespace: see `pod` and `namespace`. A table for one kind of object takes precedence, and what a
    /// manifest itself has comes before both.
    #[serde(default)]
    pub all: Marks,
    /// For its pods. A change replaces them.
    #[serde(default)]
    pub pod: Marks,
    /// For its Deployment or StatefulSet.
    #[serde(default)]
    pub deployment: Marks,
    /// For its Kubernetes Services.
    #[serde(default)]
    pub service: Marks,
    /// For its ServiceAccount.
    #[serde(default)]
    pub service_account: Marks,
    /// For its `HTTPRoute` or `Ingress`.
    #[serde(default)]
    pub route: Marks,
    /// For the objects of `jobs` and their pods. After a change, a job that runs once runs again.
    #[serde(default)]
    pub job: Marks,
    /// For its namespace, also when other services share it.
    #[serde(default)]
    pub namespace: Marks,
}

/// Labels and annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Labels, by which selectors find objects.
    #[serde(default)]
    #[schemars(extend("examples" = [{"example.com/cost-center": "shop"}]))]
    pub labels: BTreeMap<String, String>,
    /// Annotations: any text, for tools.
    #[serde(default)]
    #[schemars(extend("examples" = [{"prometheus.io/scrape": "true"}]))]
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
