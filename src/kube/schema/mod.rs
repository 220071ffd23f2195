//! The types of Kubernetes objects, as data: every field of every built-in kind, and of the kinds of
//! operators that are made here.
//!
//! The facts stand in two tables of one form, which the head of `builtin.txt` explains. A
//! CustomResourceDefinition of the user's own becomes the same form, so one walk serves them all.

mod table; // text → kinds and objects
mod walk; //  what is wrong with an object
pub mod merge; // a patch into an object

pub use walk::{Fault, What, check, has_token, shown};

use super::version::{self, Version};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A text that most often stands in a table of the program.
pub type Text = Cow<'static, str>;

/// Every built-in kind, and those of operators that are made here.
pub static KNOWN: LazyLock<Table> =
    LazyLock::new(|| table::parse(&[include_str!("builtin.txt"), include_str!("custom.txt")]));

/// Kinds, and the objects that they are made of.
#[derive(Debug, Default)]
pub struct Table {
    kinds: Vec<KindType>,
    objects: Objects,
    names: BTreeMap<&'static str, Type>,
    /// The groups of which Kubernetes itself has kinds.
    own: BTreeSet<String>,
}

/// The type of a kind.
#[derive(Debug)]
pub struct KindType {
    /// `apps/v1`
    pub api_version: Text,
    /// `Deployment`
    pub kind: Text,
    /// Whether its objects stand in a namespace.
    pub namespaced: bool,
    /// The versions of Kubernetes that have it.
    pub span: Span,
    /// What it is made of, beside `apiVersion`, `kind` and `metadata`.
    pub of: Type,
    /// Whether Kubernetes has it of itself.
    pub built_in: bool,
}

/// Objects that refer to each other by their place.
#[derive(Debug, Default)]
pub struct Objects(pub Vec<Object>);

/// A map whose keys mean something.
#[derive(Debug, Default)]
pub struct Object {
    /// By name. One that changed its type has several rows, for versions of their own.
    pub fields: Vec<Field>,
    /// What every other key holds; none when there must be no other.
    pub rest: Option<Type>,
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: Text,
    /// Whether it must be written.
    pub required: bool,
    /// What it holds.
    pub of: Type,
    /// The versions of Kubernetes that have it.
    pub span: Span,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Anything.
    Any,
    /// Text.
    String,
    /// Bytes as text in base64.
    Bytes,
    /// A point in time, RFC 3339.
    Time,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A whole number, or text: a port by number or name, a count or a percentage.
    IntOrString,
    /// An amount, `500m`; also as a number.
    Quantity,
    /// One of these values.
    OneOf(Vec<crate::yaml::Value>, Box<Type>),
    /// That, or null.
    Nullable(Box<Type>),
    /// An object of [`Objects`].
    Object(usize),
    /// Items of a type.
    List(Box<Type>, Items),
    /// Values of a type, under keys that mean nothing.
    Map(Box<Type>),
}

/// What tells the items of a list apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// To server-side apply: `x-kubernetes-list-type` and `x-kubernetes-list-map-keys`.
    pub server: Identity,
    /// To a strategic merge: `x-kubernetes-patch-merge-key`.
    pub merge: Option<Text>,
}

/// What identifies an item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// Nothing: the list is one value.
    #[default]
    Whole,
    /// All that it says.
    Set,
    /// These of its fields.
    By(Vec<Text>),
}

/// Versions of Kubernetes that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first of them that is known.
    pub first: Version,
    /// The last of them that is known.
    pub last: Version,
}

impl Span {
    /// Every version that is known.
    pub const ALL: Span = Span { first: version::OLDEST, last: version::NEWEST };

    /// Whether `version` is one of them.
    pub fn has(self, version: Version) -> bool {
        (self.first..=self.last).contains(&version)
    }
}

impl Table {
    /// The type of a kind, in whatever version of Kubernetes.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&KindType> {
        self.kinds.iter().find(|row| row.kind == kind && row.api_version == api_version)
    }

    /// The types that a kind has under its group's versions, of those that `version` has. The group
    /// `extensions` stands for those into which its kinds went.
    pub fn alternatives(&self, api_version: &str, kind: &str, version: Version) -> Vec<&KindType> {
        let wanted = group(api_version);
        let kinds = self.kinds.iter().filter(|row| row.kind == kind && row.span.has(version));
        kinds.filter(|row| wanted == "extensions" || group(&row.api_version) == wanted).collect()
    }

    /// The type of the kind called `kind`, in the oldest stable version of its API, or what there is.
    pub fn called(&self, kind: &str) -> Option<&KindType> {
        let mut rows = self.kinds.iter().filter(|row| row.kind == kind);
        let stable = |row: &&KindType| {
            !row.api_version.contains("alpha") && !row.api_version.contains("beta")
        };
        rows.clone().find(stable).or_else(|| rows.next())
    }

    /// Whether Kubernetes itself has kinds of a group.
    pub fn is_own(&self, group: &str) -> bool {
        self.own.contains(group)
    }

    /// The object that others refer to by `name`.
    pub fn named(&self, name: &str) -> Option<&Type> {
        self.names.get(name)
    }

    /// What stands at a path in a kind, whose `[]` stand for every item of a list.
    pub fn at<'a>(&'a self, kind: &'a KindType, path: &[&str]) -> Option<&'a Type> {
        match path {
            ["metadata", path @ ..] => self.within(self.named("ObjectMeta")?, path),
            path => self.within(&kind.of, path),
        }
    }

    /// What stands at a path in a type, in the newest version that has it.
    pub fn within<'a>(&'a self, of: &'a Type, path: &[&str]) -> Option<&'a Type> {
        path.iter().try_fold(of, |of, segment| match (of, *segment) {
            (Type::List(of, _), "[]") | (Type::Map(of), _) => Some(of.as_ref()),
            (Type::Object(at), key) => Some(&self.objects.0[*at].rows(key).last()?.of),
            _ => None,
        })
    }

    /// The path to the `spec` of the pods that an object of a kind makes, or is.
    pub fn pods(&self, api_version: &str, kind: &str) -> Option<Vec<&'static str>> {
        let kind = self.kind(api_version, kind)?;
        let pod = self.named("PodSpec");
        let paths: [&[&str]; 4] = [
            &["spec"],
            &["template", "spec"],
            &["spec", "template", "spec"],
            &["spec", "jobTemplate", "spec", "template", "spec"],
        ];
        let found = paths.into_iter().find(|path| self.within(&kind.of, path) == pod)?;
        Some(found.to_vec())
    }

    /// The objects that its kinds are made of.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }
}

/// The group of a group and version: `apps` of `apps/v1`, nothing of `v1`.
pub fn group(api_version: &str) -> &str {
    api_version.bytes().position(|byte| byte == b'/').map_or("", |end| &api_version[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::kinds::KINDS;

    #[test]
    fn every_kind_that_is_made_is_known_with_its_scope() {
        for row in KINDS {
            let known = KNOWN.kind(row.api_version, row.name).expect(row.name);
            assert_eq!(known.namespaced, row.namespaced, "{}", row.name);
            assert_eq!(known.span, Span::ALL, "{}", row.name);
        }
    }

    #[test]
    fn kinds_that_are_not_made_are_known() {
        for (api_version, kind, namespaced) in [
            ("apps/v1", "DaemonSet", true),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", false),
            ("v1", "LimitRange", true),
            ("v1", "Secret", true),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", false),
            ("storage.k8s.io/v1", "StorageClass", false),
        ] {
            let known = KNOWN.kind(api_version, kind).expect(kind);
            assert_eq!(known.namespaced, namespaced, "{kind}");
        }
        let pods = |api_version, kind| KNOWN.pods(api_version, kind).map(|path| path.join("."));
        assert_eq!(pods("apps/v1", "DaemonSet").as_deref(), Some("spec.template.spec"));
        assert_eq!(pods("v1", "Pod").as_deref(), Some("spec"));
        assert_eq!(
            pods("batch/v1", "CronJob").as_deref(),
            Some("spec.jobTemplate.spec.template.spec")
        );
        assert_eq!(pods("v1", "Service"), None);
        assert!(KNOWN.kinds.len() > 130, "{}", KNOWN.kinds.len());
    }
}
