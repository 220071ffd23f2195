//! What appears in the container of a service, and the volumes that it comes from.

use crate::decide::{ServiceInRegion, resources};
use crate::model::{Medium, WorkloadKind};
use serde::Serialize;

/// Where a volume appears.
#[derive(Clone, Debug, Serialize)]
pub struct Mount {
    /// The volume.
    pub name: String,
    /// The path.
    pub path: String,
    /// The one entry of the volume that appears there.
    pub sub_path: Option<String>,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// A volume: exactly one of `config_map`, `secret` and `size` is there.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The ConfigMap.
    pub config_map: Option<String>,
    /// The Secret.
    pub secret: Option<String>,
    /// Whether a pod starts without the Secret.
    pub optional: bool,
    /// The permissions of the files of a ConfigMap or a Secret, where the spec has them.
    pub mode: Option<u32>,
    /// The most that fits into an empty folder.
    pub size: Option<String>,
    /// Where an empty folder is, if not on the disk of the node.
    pub medium: Option<&'static str>,
}

/// Scratch folders, files, Secrets and volumes, each with its mount.
pub(super) fn plan(here: &ServiceInRegion<'_>) -> (Vec<Mount>, Vec<Volume>) {
    let service = here.service;
    let mut mounts = Vec::new();
    let mut volumes = Vec::new();
    let empty = |name: &str| Volume {
        name: name.to_owned(),
        config_map: None,
        secret: None,
        optional: false,
        mode: None,
        size: None,
        medium: None,
    };
    let mount = |name: &str, path: &str| Mount {
        name: name.to_owned(),
        path: path.to_owned(),
        sub_path: None,
        read_only: false,
    };
    for (index, scratch) in service.scratch.iter().enumerate() {
        let name = scratch.volume(index);
        mounts.push(mount(&name, &scratch.path));
        let size = resources::scratch(here, index).map(|size| size.value.to_string());
        let medium = (scratch.medium == Medium::Memory).then_some("Memory");
        volumes.push(Volume { size, medium, ..empty(&name) });
    }
    for (index, file) in service.files.iter().enumerate() {
        let name = format!("file-{}", file.name);
        let entry = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        mounts.push(Mount { sub_path: Some(entry), read_only: true, ..mount(&name, &file.path) });
        let config_map = Some(service.logical(&format!("file-{}", file.name)));
        let mode = resources::mode(here, "files", index).map(|mode| mode.value);
        volumes.push(Volume { config_map, mode, ..empty(&name) });
    }
    for (index, secret) in service.secrets.iter().enumerate() {
        let Some(path) = &secret.mount else { continue };
        let name = format!("secret-{}", secret.name);
        mounts.push(Mount { read_only: true, ..mount(&name, path) });
        let optional = secret.optional;
        let mode = resources::mode(here, "secrets", index).map(|mode| mode.value);
        let secret = Some(secret.name.clone());
        volumes.push(Volume { secret, optional, mode, ..empty(&name) });
    }
    if service.kind == WorkloadKind::Stateful {
        mounts.extend(service.volumes.iter().map(|volume| mount(&volume.name, &volume.path)));
    }
    (mounts, volumes)
}
