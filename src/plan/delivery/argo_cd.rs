//! Argo CD: an `Application` for what services share, and an `ApplicationSet` for the services.

use super::{At, FLEET, FOLDER};
use crate::decide::delivery::{RETRIES, Retries};
use crate::plan::values::Meta;
use serde::Serialize;

/// `application.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// Its metadata.
    pub meta: Meta,
    /// The project of Argo CD.
    pub project: String,
    /// The git repository.
    pub repository: String,
    /// The branch, commit or reference.
    pub revision: String,
    /// The folder that is delivered, from the top of the repository.
    pub path: String,
    /// The cluster, as Argo CD calls it; none for the one that it runs in.
    pub cluster: Option<String>,
    /// How it tries again what failed.
    pub retries: Retries,
    /// How it applies.
    pub options: Vec<&'static str>,
}

/// `application-set.yaml`: what each Application has, and the folders that have one.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationSet {
    /// What each has: the path in the words of the set.
    #[serde(flatten)]
    pub each: Application,
    /// The name of each, in the words of the set.
    pub application: String,
    /// The folders that have one, as a pattern.
    pub folders: String,
    /// The folders that have none all the same.
    pub without: Vec<String>,
}

/// Applications that Argo CD makes of the folders of services are called like those of Flux.
const EACH: &str = "{{ .path.basename }}";
const EACH_PATH: &str = "{{ .path.path }}";

/// How Argo CD applies (`docs/user-guide/sync-options.md`). On the server, as the annotation of the
/// last state that a client would need holds 256 KiB. What left the tree goes last, when the rest is
/// healthy. And only what differs is applied: then a later wave waits for the health of an earlier
/// one only when something of it changes, and a release that never gets healthy holds up no revert.
const OPTIONS: &[&str] = &["ServerSideApply=true", "PruneLast=true", "ApplyOutOfSyncOnly=true"];

impl At<'_> {
    pub(super) fn application(&self, name: &str) -> Application {
        Application {
            meta: self.meta(name),
            project: self.source.project.clone(),
            repository: self.source.repository.clone(),
            revision: self.source.revision.clone(),
            path: self.folder(name),
            cluster: self.elsewhere().map(str::to_owned),
            retries: RETRIES,
            options: OPTIONS.to_vec(),
        }
    }

    /// One object for all services, as a thousand services in three regions would be three thousand
    /// files more, each with the revision in it. Argo CD finds the folders itself.
    ///
    /// They are not ordered by it: `RollingSync` takes automated sync away from all of them. What a
    /// service needs of the fleet is there a moment later, and a sync that failed is tried again.
    ///
    /// That somebody takes automated sync away from one of them, as a recovery begins with, is left as
    /// it is.
    pub(super) fn set(&self) -> ApplicationSet {
        let each = Application { path: EACH_PATH.to_owned(), ..self.application("services") };
        ApplicationSet {
            each,
            application: self.name(EACH),
            folders: self.folder("*"),
            without: [FOLDER, FLEET].map(|folder| self.folder(folder)).to_vec(),
        }
    }
}
