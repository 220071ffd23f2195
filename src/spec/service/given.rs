//! What a container is given: environment, Secrets, files and writable folders.

use crate::by_name::ByName;
use crate::quantity::{Bytes, Permissions};
use crate::words::Medium;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// A value, or one value for each region.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PerRegion {
    /// The same everywhere.
    Everywhere(Scalar),
    /// By region, with `default` for the regions that are not named.
    ByRegion(ByName<Scalar>),
}

/// What an environment variable is set to, or what it is set to in each region.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Setting {
    /// The same everywhere.
    Everywhere(Scalar),
    /// From where the cluster has it.
    // Boxed, as it is rare and larger than a text.
    From(Box<ValueSource>),
    /// By region, with `default` for the regions that are not named.
    ByRegion(ByName<OneSetting>),
}

/// What an environment variable is set to in a region.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneSetting {
    /// What is written.
    Written(Scalar),
    /// From where the cluster has it.
    // Boxed, as it is rare and larger than a text.
    From(Box<ValueSource>),
}

/// What is given to a container: what is written, or where the cluster has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// What is written.
    Written(&'a Scalar),
    /// Where the cluster has it.
    From(&'a ValueSource),
}

impl Setting {
    /// What it is in a region; none when nothing is said for that one.
    pub fn in_region(&self, region: &str) -> Option<Given<'_>> {
        match self {
            Setting::Everywhere(value) => Some(Given::Written(value)),
            Setting::From(source) => Some(Given::From(source)),
            Setting::ByRegion(values) => {
                values.get(region).or_else(|| values.get("default")).map(OneSetting::given)
            }
        }
    }

    /// All that it is anywhere, with the name of the region where it says one.
    pub fn all(&self) -> Vec<(Option<&str>, Given<'_>)> {
        match self {
            Setting::Everywhere(value) => vec![(None, Given::Written(value))],
            Setting::From(source) => vec![(None, Given::From(source))],
            Setting::ByRegion(values) => {
                let each = values.iter().map(|(region, one)| (Some(region.as_str()), one.given()));
                each.collect()
            }
        }
    }

    /// The texts that it is anywhere.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.all().into_iter().filter_map(|(_, given)| match given {
            Given::Written(value) => Some(value.to_string()),
            Given::From(_) => None,
        })
    }

    /// The regions that it speaks of, `default` among them; none when it is the same everywhere.
    pub fn regions(&self) -> Option<Vec<&str>> {
        match self {
            Setting::ByRegion(values) => Some(values.keys().map(String::as_str).collect()),
            Setting::Everywhere(_) | Setting::From(_) => None,
        }
    }
}

impl OneSetting {
    fn given(&self) -> Given<'_> {
        match self {
            OneSetting::Written(value) => Given::Written(value),
            OneSetting::From(source) => Given::From(source),
        }
    }
}

impl PerRegion {
    /// The texts that it is anywhere.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        let one = if let PerRegion::Everywhere(value) = self { Some(value) } else { None };
        let many =
            if let PerRegion::ByRegion(values) = self { Some(values.values()) } else { None };
        one.into_iter().chain(many.into_iter().flatten()).map(Scalar::to_string)
    }

    /// The regions that it speaks of, `default` among them; none when it is the same everywhere.
    pub fn regions(&self) -> Option<Vec<&str>> {
        match self {
            PerRegion::ByRegion(values) => Some(values.keys().map(String::as_str).collect()),
            PerRegion::Everywhere(_) => None,
        }
    }
}

/// Where the cluster has what a variable is set to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum ValueSource {
    /// One key of a Secret.
    Secret {
        /// The name of the Secret, in the service's namespace.
        #[schemars(example = &"db")]
        secret: String,
        /// The key in the Secret.
        #[schemars(example = &"password")]
        key: String,
        /// Whether a replica starts while the key is missing, without the variable. Default: no, it waits.
        optional: Option<bool>,
    },
    /// A field of the pod, such as `status.podIP` or `metadata.labels['app']`.
    Field {
        /// The path of the field.
        #[schemars(extend("examples" = ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "metadata.labels['app.kubernetes.io/name']"]))]
        field: String,
    },
    /// What the container asks for, or may use, such as `limits.memory`.
    Resource {
        /// `limits.` or `requests.`, followed by `cpu`, `memory` or `ephemeral-storage`.
        #[schemars(extend("examples" = ["limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage"]))]
        resource: String,
        /// The unit, rounded up: `1Mi`, or `1m` of CPU. Default: `1`, a byte or a whole core.
        divisor: Option<String>,
    },
    /// Regions of the service, one after the other with a comma between them.
    Regions {
        /// `others`: all but the one in which the container runs.
        #[schemars(example = &"others")]
        regions: String,
    },
}

/// Text, a whole number or a boolean; the container sees text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scalar::Text(text) => f.write_str(text),
            Scalar::Number(number) => write!(f, "{number}"),
            Scalar::Bool(bool) => write!(f, "{bool}"),
        }
    }
}

/// A Secret that exists in the cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The name of the Secret, in the service's namespace.
    #[schemars(example = &"checkout-tls")]
    pub name: String,
    /// The folder in which its keys are mounted as files. Default: none.
    #[schemars(example = &"/etc/checkout/tls")]
    pub mount: Option<String>,
    /// Whether every key becomes an environment variable.
    #[serde(default)]
    pub env: bool,
    /// The prefix of these variables' names: `DB_`. Default: none.
    pub prefix: Option<String>,
    /// The permissions of the files in `mount`: `"0400"`. The pod's group can read them in any case.
    /// Default: `0644`.
    pub mode: Option<Permissions>,
    /// Whether a replica starts while the Secret is missing. Default: no, it waits.
    #[serde(default)]
    pub optional: bool,
    /// A number of your own: raise it after the content has changed, to roll out a new generation. Default:
    /// none.
    #[schemars(example = &"2")]
    pub version: Option<String>,
}

/// A file in the container.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// A name, which is part of the name of its ConfigMap. Default: the file name in `path`.
    #[schemars(example = &"settings")]
    pub name: Option<String>,
    /// The absolute path at which it is mounted.
    #[schemars(example = &"/etc/checkout/settings.yaml")]
    pub path: String,
    /// The content, which may differ by region. Default: none.
    pub content: Option<PerRegion>,
    /// A file to take the content from, instead of `content`: a path relative to this spec. Default: none.
    #[schemars(example = &"files/settings.yaml")]
    pub source: Option<String>,
    /// The permissions of the file: `"0755"`. The pod's group can read it in any case, and nobody can write
    /// to it. Default: `0644`.
    pub mode: Option<Permissions>,
    /// What that file holds.
    #[serde(skip)]
    #[schemars(skip)]
    pub held: Option<Held>,
}

/// What a file on the disk holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Text that manifests can hold as it is.
    Text(Arc<str>),
    /// Anything else.
    Bytes(Arc<[u8]>),
}

/// A writable folder that is empty at every start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scratch {
    /// The absolute path at which it is mounted.
    #[schemars(example = &"/var/cache/checkout")]
    pub path: String,
    /// The most that it can hold.
    pub size: Bytes,
    /// Where its content is kept. Default: on a disk of the node.
    #[serde(default)]
    pub medium: Medium,
    /// The name of its volume, behind `scratch-`, for patches. Default: its index in the list, from 0.
    #[schemars(example = &"cache")]
    pub name: Option<String>,
}

impl Scratch {
    /// The name of the volume of the folder at `index` in the list.
    pub fn volume(&self, index: usize) -> String {
        let name = self.name.clone().unwrap_or_else(|| index.to_string());
        format!("scratch-{name}")
    }
}
