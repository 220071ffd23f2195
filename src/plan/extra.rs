//! Objects from templates that the user added.

use super::Planned;
use super::pod::{self, ContainerPort};
use super::values::{Map, Meta, Values};
use crate::decide::ServiceInRegion;
use crate::kube::kinds::Naming;
use crate::kube::{Kind, LogicalName, ObjectId};
use serde::Serialize;

/// What every template of the user's own can say about a service in a region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Extra {
    /// Metadata with the name and the labels of the service.
    pub meta: Meta,
    /// The service.
    pub service: String,
    /// Its image, as its spec has it.
    pub image: String,
    /// Its tier.
    pub tier: String,
    /// Who answers for it.
    pub team: Option<String>,
    /// The region.
    pub region: String,
    /// What the region does for it.
    pub role: &'static str,
    /// Replicas that run.
    pub replicas: u32,
    /// The labels that select its pods, of every generation.
    pub selector: Map,
    /// Its ports.
    pub ports: Vec<ContainerPort>,
    /// The ConfigMap of the region, by its logical name.
    pub config_map: String,
    /// Its ServiceAccount.
    pub service_account: String,
    /// The namespace of the region's gateway.
    pub gateway: Option<String>,
}

/// An object from a template that the user added.
pub(crate) fn plan(here: &ServiceInRegion<'_>, template: &str) -> Planned {
    let service = here.service;
    let stem = template.trim_end_matches(".yaml");
    Planned {
        // The template says which kind it is; until it is parsed, its own name stands for it.
        id: ObjectId {
            region: here.region.name.clone(),
            kind: Kind::Custom(std::sync::Arc::new(crate::kube::kinds::CustomKind {
                api_version: String::new(),
                kind: stem.to_owned(),
                namespaced: true,
            })),
            namespace: Some(service.namespace.clone()),
            name: LogicalName::new(service.name.plain()),
        },
        file: stem.to_owned(),
        naming: Naming::Stable,
        template: template.to_owned(),
        values: Values::Extra(Box::new(values(here))),
        origin: here.origin("name"),
    }
}

/// What a template of the user's own can say of a service in a region.
pub(crate) fn values(here: &ServiceInRegion<'_>) -> Extra {
    let service = here.service;
    Extra {
        meta: here.meta(""),
        service: service.name.plain().to_owned(),
        image: service.image.clone(),
        tier: service.tier.name.clone(),
        team: service.team.clone(),
        region: here.region.name.to_string(),
        role: here.role.word,
        replicas: here.size.running,
        selector: here.selector(),
        ports: pod::ports(here, service.ports.iter()),
        config_map: service.logical("region"),
        service_account: service.account(),
        gateway: here.region.gateway.as_ref().map(ToString::to_string),
    }
}
