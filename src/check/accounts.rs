//! Accounts of pods: each is made once, and every one that pods have is made by somebody.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::model::{Manifest, ManifestObject, Model, Service};

/// No two services of a namespace make one ServiceAccount: each would be the other's identity, and
/// the folder of either would take it away.
pub(super) fn once(sink: &mut Sink, model: &Model) {
    let makes = |service: &&Service| !service.pod.shared_account;
    let named = |service: &&Service| service.pod.service_account.is_some();
    for service in model.services().iter().filter(makes).filter(named) {
        let same = |other: &&Service| {
            other.name != service.name
                && other.name.environment() == service.name.environment()
                && other.namespace == service.namespace
                && other.account() == service.account()
                && (other.pod.service_account.is_none() || other.name < service.name)
        };
        let Some(other) = model.services().iter().filter(makes).find(same) else { continue };
        let account = service.account();
        sink.error(
            Diagnostic::new(
                Code::DUPLICATE_NAME,
                format!(
                    "`{}` and `{}` have one ServiceAccount, `{account}`",
                    other.name, service.name
                ),
            )
            .at(service.at(&["pod", "service_account"]), "")
            .related(other.origin(&["pod", "service_account"]), "first here")
            .note("each of them makes it, and what one of them may do, the other may")
            .help("give it another name, or remove it; where both are meant to have it, add `shared_account = true` here"),
        );
    }
}

/// A ServiceAccount that is not made for a service is that of another, or of a manifest.
pub(super) fn shared(sink: &mut Sink, model: &Model, service: &Service) {
    if !service.pod.shared_account {
        return;
    }
    let at = || service.at(&["pod", "shared_account"]);
    if service.pod.service_account.is_none() {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, "nothing says which ServiceAccount is shared")
                .at(at(), "")
                .help("add `service_account = \"…\"`: the name of the service that has it, or what a manifest calls it"),
        );
        return;
    }
    if service.document.has(&["metadata", "service_account"]) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!(
                    "the ServiceAccount `{}` is not made for `{}`",
                    service.account(),
                    service.name
                ),
            )
            .at(service.document.key(&["metadata", "service_account"]), "nothing bears these")
            .related(at(), "it is shared")
            .help("write them where it is made"),
        );
    }
    let nowhere: Vec<&str> = (service.regions.iter())
        .filter(|region| !is_made(model, service, &region.name))
        .map(|region| region.name.as_str())
        .collect();
    if nowhere.is_empty() {
        return;
    }
    let account = service.account();
    sink.report(
        Diagnostic::new(
            Code::REFERENCE_DANGLING,
            format!(
                "no spec and no manifest makes the ServiceAccount `{account}` in namespace `{}` of {}",
                service.namespace,
                crate::diag::list(nowhere)
            ),
        )
        .at(service.at(&["pod", "service_account"]), "")
        .note("no pod of the service starts before it is there")
        .help("remove `shared_account`, and it is made; where somebody else makes it, accept this")
        .unless_accepted(),
    );
}

/// Whether another service, or a manifest, makes the account of a service in a region.
fn is_made(model: &Model, service: &Service, region: &RegionName) -> bool {
    let account = service.account();
    let beside = |other: &&Service| {
        other.namespace == service.namespace
            && other.regions.iter().any(|here| here.name == *region)
    };
    let in_files = |manifests: &[Manifest], its_namespace: bool| {
        manifests.iter().filter(|manifest| manifest.is_for(region)).any(|manifest| {
            let is = |object: &ManifestObject| {
                let there = match &object.namespace {
                    Some(namespace) => namespace == service.namespace.as_str(),
                    None => its_namespace,
                };
                there && object.kind == "ServiceAccount" && object.name == account
            };
            manifest.objects.iter().any(is)
        })
    };
    let by_service = |other: &Service| {
        other.name != service.name && !other.pod.shared_account && other.account() == account
    };
    let beside = model.services().iter().filter(beside);
    let mut beside = beside.map(|other| by_service(other) || in_files(&other.manifests, true));
    beside.any(|made| made) || in_files(&model.fleet().manifests, false)
}
