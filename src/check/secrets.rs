//! Secrets, which stand in a cluster under a name and nowhere in the tree.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Model, Service};
use crate::spec::service::Scope;

/// A backup that selects by the label of the service has none of its Secrets: whoever makes them
/// does not know the label.
pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    if !service.backs_up_data()
        || service.secret_names().is_empty()
        || service.backup_scope() == Scope::Namespace
    {
        return;
    }
    let names = service.secret_names().into_iter();
    let key = if service.secrets.is_empty() { "config" } else { "secrets" };
    let mut finding = Diagnostic::new(
        Code::SECRETS_LEFT_OUT,
        format!("the backups of `{}` hold none of its Secrets", service.name),
    )
    .at(service.document.key(&[key]), diag::list(names))
    .note(format!(
        "they hold what bears the label `ninefold.dev/service={}`, and Secrets that others make do not: a drill waits for them, and so does a restore of the whole namespace",
        service.name
    ))
    .help("give it a namespace of its own, or accept this with the place that the Secrets come from");
    finding = match service.document.has(&["backup", "scope"]) {
        true => finding.related(service.at(&["backup", "scope"]), "what bears the label alone"),
        false => finding.related(service.origin(&["namespace"]), "other services are in it, too"),
    };
    sink.report(finding);
}
