//! What a cluster refuses of permissions, definitions and alerts.

use crate::kube::limits::form::{cannot_be, shortened};
use crate::kube::limits::{Found, Path, Refusal, present, text};
use crate::yaml::Value;
use std::collections::BTreeSet;

/// What a rule of a Role allows.
pub(in crate::kube::limits) fn rule(rule: &Value, path: &Path<'_>, found: &mut Found) {
    let empty = |list: &str| rule.get(list).is_none_or(|list| list.items().is_empty());
    if empty("verbs") {
        found.refuse(path, "has no `verbs`", Some("write what may be done".to_owned()));
    }
    if !empty("nonResourceURLs") {
        if !empty("resources") || !empty("apiGroups") {
            found.refuse(
                path,
                "has `nonResourceURLs` beside resources",
                Some("make two rules of it".to_owned()),
            );
        }
        return;
    }
    for list in ["apiGroups", "resources"] {
        if empty(list) {
            let instead = match list {
                "apiGroups" => {
                    "write the group of its resources; `\"\"` is that of Pods and Services"
                }
                _ => "write what it is about, such as `pods`",
            };
            found.refuse(path, format!("has no `{list}`"), Some(instead.to_owned()));
        }
    }
}

/// What is no object stands in no namespace.
pub(in crate::kube::limits) fn of_cluster(urls: &Value, path: &Path<'_>, found: &mut Found) {
    if !urls.items().is_empty() {
        let instead = Some("write it in a ClusterRole".to_owned());
        found.refuse(path, "have no place in a Role", instead);
    }
}

/// What holds in every namespace is said by what is of none.
pub(in crate::kube::limits) fn whole(kind: &Value, path: &Path<'_>, found: &mut Found) {
    if kind.as_str() == Some("Role") {
        let instead = Some("write `ClusterRole`, or make a RoleBinding of it".to_owned());
        found.refuse(path, "cannot be `Role` in a ClusterRoleBinding", instead);
    }
}

/// Whom a binding is for.
pub(in crate::kube::limits) fn subject(subject: &Value, path: &Path<'_>, found: &mut Found) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let (kind, group) = (text(subject, "kind"), text(subject, "apiGroup"));
    let wanted = match kind {
        "ServiceAccount" => "",
        "User" | "Group" => GROUP,
        _ => {
            let instead = crate::diag::did_you_mean(kind, ["Group", "ServiceAccount", "User"]);
            found.refuse(
                &path.key("kind"),
                cannot_be(kind, "nothing of that kind is bound"),
                Some(instead),
            );
            return;
        }
    };
    if kind == "ServiceAccount" && text(subject, "namespace").is_empty() {
        found.refuse(
            path,
            "has no `namespace`",
            Some("write where the ServiceAccount stands".to_owned()),
        );
    }
    // Left out, the API server writes it.
    if !group.is_empty() && group != wanted {
        found.refuse(
            &path.key("apiGroup"),
            cannot_be(group, &format!("a {kind} is of `{wanted}`")),
            None,
        );
    }
}

/// The name of a definition follows from what it defines.
pub(in crate::kube::limits) fn definition(object: &Value, path: &Path<'_>, found: &mut Found) {
    let field = |path: &[&str]| object.at(path).and_then(Value::as_str).unwrap_or_default();
    let name = field(&["metadata", "name"]);
    let wanted = format!("{}.{}", field(&["spec", "names", "plural"]), field(&["spec", "group"]));
    if name != wanted {
        let metadata = path.key("metadata");
        let instead = Some(format!("write `{wanted}`"));
        found.refuse(
            &metadata.key("name"),
            cannot_be(name, "it is not `plural` and `group`"),
            instead,
        );
    }
}

/// A rule of Prometheus alerts or records.
pub(in crate::kube::limits) fn alert(rule: &Value, path: &Path<'_>, found: &mut Found) {
    match present(rule, &["alert", "record"]).as_slice() {
        [_] => {}
        [] => found.refuse(
            path,
            "neither alerts nor records",
            Some("write `alert`, or `record`".to_owned()),
        ),
        _ => found.refuse(
            path,
            "alerts and records, which exclude each other",
            Some("make two rules of it".to_owned()),
        ),
    }
    let labels = path.key("labels");
    for (key, _) in rule.get("labels").map(Value::entries).unwrap_or_default() {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if key.is_empty()
            || !key.chars().all(inner)
            || key.starts_with(|c: char| c.is_ascii_digit())
        {
            let instead = Some("write letters, digits and `_`".to_owned());
            found.refuse(&labels.key(key), "is no label of Prometheus", instead);
        }
    }
}

/// Groups of rules have different names.
pub(in crate::kube::limits) fn groups(groups: &Value, path: &Path<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, group) in groups.items().iter().enumerate() {
        let name = text(group, "name");
        if !seen.insert(name) {
            let what = cannot_be(&shortened(name), "another group is called so");
            found.report(Refusal::Object, &path.item(index).key("name"), what, None);
        }
    }
}
