//! Flux: a `GitRepository` with the folder of a region, and a `Kustomization` for each folder in it.

use super::{At, FLEET};
use crate::decide::delivery::{COMMITS, DRIFT, GIT, HEALTH, RETRY};
use crate::kube::labels;
use crate::plan::values::Meta;
use serde::Serialize;

/// `git-repository.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct Repository {
    /// Its metadata.
    pub meta: Meta,
    /// The git repository.
    pub repository: String,
    /// The branch.
    pub branch: Option<String>,
    /// Instead, the commit.
    pub commit: Option<String>,
    /// Instead, a reference: `refs/tags/v3`.
    pub reference: Option<String>,
    /// The Secret that opens it.
    pub secret: Option<String>,
    /// How often it is asked for commits.
    pub interval: String,
    /// How long it may take to answer.
    pub timeout: String,
    /// What of it is left out, as `.gitignore` says it.
    pub ignore: String,
}

/// `kustomization.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct Kustomization {
    /// Its metadata.
    pub meta: Meta,
    /// The `GitRepository`.
    pub source: String,
    /// The folder that is delivered, from the top of the repository.
    pub path: String,
    /// The Kustomization that comes first.
    pub after: Option<String>,
    /// What of the folder is another's to deliver, by an annotation; none where nothing is.
    pub without: Option<String>,
    /// The Secret with the way to the cluster; none for the one that Flux runs in.
    pub kubeconfig: Option<String>,
    /// How often what is there is held against the tree.
    pub interval: String,
    /// How soon it is tried again.
    pub retry: String,
    /// How long applying may take, and then getting healthy.
    pub timeout: String,
    /// Whether it is ready only when all of it is healthy.
    pub wait: bool,
}

impl At<'_> {
    pub(super) fn repository(&self) -> Repository {
        let source = self.source;
        let is_commit =
            source.revision.len() == 40 && source.revision.bytes().all(|b| b.is_ascii_hexdigit());
        let is_reference = source.revision.starts_with("refs/");
        let when = |holds: bool| holds.then(|| source.revision.clone());
        Repository {
            meta: self.meta("tree"),
            repository: source.repository.clone(),
            branch: when(!is_commit && !is_reference),
            commit: when(is_commit),
            reference: when(is_reference),
            secret: source.secret.clone(),
            interval: COMMITS.to_owned(),
            timeout: GIT.to_owned(),
            ignore: only(&format!("{}/{}", source.path, self.region.name)),
        }
    }

    /// A service whose releases wait for its jobs: everything but what waits, then that. An object
    /// that goes from the one to the other, as the service gets its first such job, is applied by the
    /// other first, and no longer the one's to delete (kustomize-controller deletes what bears its name).
    pub(super) fn in_two(
        &self,
        whole: Kustomization,
        first: &str,
    ) -> (Kustomization, Kustomization) {
        let (key, value) = (labels::AFTER, labels::RELEASE);
        let before = Kustomization {
            meta: self.meta(first),
            without: Some(format!("{key}={value}")),
            ..whole.clone()
        };
        let after = Kustomization {
            after: Some(self.name(first)),
            without: Some(format!("{key}!={value}")),
            ..whole
        };
        (before, after)
    }

    /// What services share is ready as soon as it is applied: one of its objects that is not healthy,
    /// such as a backup location that flaps, must not keep services from being delivered.
    pub(super) fn kustomization(&self, folder: &str) -> Kustomization {
        let is_fleet = folder == FLEET;
        Kustomization {
            meta: self.meta(folder),
            source: self.name("tree"),
            path: format!("./{}", self.folder(folder)),
            after: (!is_fleet).then(|| self.name(FLEET)),
            without: None,
            // The name and the key that Cluster API gives it, and that Flux looks for.
            kubeconfig: self.elsewhere().map(|cluster| format!("{cluster}-kubeconfig")),
            interval: DRIFT.to_owned(),
            retry: RETRY.to_owned(),
            timeout: HEALTH.to_owned(),
            wait: !is_fleet,
        }
    }
}

/// Leaves out everything but one folder, in the words of `.gitignore`, which opens a folder only
/// below one that is open.
fn only(folder: &str) -> String {
    let mut lines = Vec::new();
    let mut open = String::new();
    for part in folder.split('/') {
        lines.push(format!("{open}/*\n"));
        open = format!("{open}/{part}");
        lines.push(format!("!{open}\n"));
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::only;

    #[test]
    fn only_the_folder_of_the_region_is_fetched() {
        assert_eq!(only("out/eastus2"), "/*\n!/out\n/out/*\n!/out/eastus2\n");
    }
}
