//! The words that the forms share. Nothing here is escaped yet.

use super::Hidden;
use crate::diag::Code;
use crate::diff::Report;
use crate::diff::report::{
    Cause, CauseKind, Class, Counts, Effect, Object, Operation, Place, Severity, Side, SideKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// `1 object`, `3 objects`
pub(super) fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

/// `origin/main@4f2c1a9`
pub(super) fn side(side: &Side) -> String {
    let Some(commit) = &side.commit else { return side.name.clone() };
    let short: String = commit.chars().take(7).collect();
    match side.kind {
        SideKind::Git if side.name.starts_with(&short) => short,
        SideKind::Git | SideKind::Folder | SideKind::Compile => format!("{}@{short}", side.name),
    }
}

impl Operation {
    /// Every operation, in the order in which counts are printed.
    pub const ALL: [Operation; 7] = [
        Operation::Delete,
        Operation::Replace,
        Operation::Move,
        Operation::Update,
        Operation::Create,
        Operation::Keep,
        Operation::Retire,
    ];

    /// Its sign: beside the word, never instead of it.
    pub fn sign(self) -> &'static str {
        match self {
            Operation::Create => "+",
            Operation::Delete => "-",
            Operation::Update => "~",
            Operation::Replace => "+/-",
            Operation::Move => ">",
            Operation::Keep => "*",
            Operation::Retire => ".",
        }
    }

    /// `replace`
    pub fn word(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Delete => "delete",
            Operation::Update => "update",
            Operation::Replace => "replace",
            Operation::Move => "move",
            Operation::Keep => "keep",
            Operation::Retire => "retire",
        }
    }

    /// `replaced`
    pub(super) fn past(self) -> &'static str {
        match self {
            Operation::Create => "created",
            Operation::Delete => "deleted",
            Operation::Update => "updated",
            Operation::Replace => "replaced",
            Operation::Move => "moved",
            Operation::Keep => "kept",
            Operation::Retire => "retired",
        }
    }

    /// How many objects it happens to.
    pub(super) fn of(self, counts: &Counts) -> usize {
        match self {
            Operation::Create => counts.created,
            Operation::Delete => counts.deleted,
            Operation::Update => counts.updated,
            Operation::Replace => counts.replaced,
            Operation::Move => counts.moved,
            Operation::Keep => counts.kept,
            Operation::Retire => counts.retired,
        }
    }
}

/// `450 objects: 6 replaced, 3 updated, 441 unchanged`; where a filter shows a part, that it counts all.
pub(super) fn counts(counts: &Counts, filter: Option<&Hidden>) -> String {
    let mut parts: Vec<String> = Operation::ALL
        .iter()
        .map(|operation| (operation.of(counts), operation.past()))
        .chain([(counts.unchanged, "unchanged")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        parts.push("0 unchanged".to_owned());
    }
    let of = if filter.is_some() { " of all services" } else { "" };
    format!("{}{of}: {}", plural(counts.compared, "object"), parts.join(", "))
}

/// `6 to replace, 3 to update`; where no object differs, what does.
pub(super) fn to_do(report: &Report) -> String {
    let counts = &report.counts;
    let parts: Vec<String> = Operation::ALL
        .iter()
        .filter(|operation| operation.of(counts) > 0)
        .map(|operation| format!("{} to {}", operation.of(counts), operation.word()))
        .collect();
    let warns = |effect: &Effect| effect.rule == Code::WARNING_ADDED;
    match parts.is_empty() {
        false => parts.join(", "),
        true if report.effects.is_empty() => "nothing to do".to_owned(),
        true if report.effects.iter().all(warns) => "only warnings change".to_owned(),
        true => "only promises change, no object does".to_owned(),
    }
}

/// `1 critical, 2 medium (1 accepted)`; nothing when there is no effect.
pub(super) fn severities(effects: &[Effect]) -> Option<String> {
    let parts: Vec<String> = Severity::ALL
        .iter()
        .filter_map(|severity| {
            let of = || effects.iter().filter(|effect| effect.severity == *severity);
            let accepted = of().filter(|effect| effect.accepted.is_some()).count();
            let accepted = match accepted {
                0 => String::new(),
                count => format!(" ({count} accepted)"),
            };
            Some(of().count())
                .filter(|count| *count > 0)
                .map(|count| format!("{count} {}{accepted}", severity.word()))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How many objects differ in spelling only, beside former generations, which only move.
pub(super) fn spelled(report: &Report) -> usize {
    let spelled = |object: &&Object| {
        object.class == Class::Cosmetic
            && !matches!(object.operation, Operation::Keep | Operation::Retire)
    };
    report.objects.iter().filter(spelled).count()
}

/// What differs in an object, when it is not what it says.
pub(super) fn class(object: &Object) -> &'static str {
    match (object.class, object.operation) {
        (Class::Edited, _) | (Class::Cosmetic, Operation::Keep | Operation::Retire) => "",
        (Class::Follows, _) => ", follows",
        (Class::Cosmetic, _) => ", spelling only",
    }
}

/// What a gate says; nothing when it is open. It judges what a filter hides, too.
pub(super) fn gate(report: &Report, fail_on: Severity, filter: Option<&Hidden>) -> Option<String> {
    let closes = |effect: &&Effect| effect.severity >= fail_on && effect.accepted.is_none();
    let hidden = filter.map_or(0, |hidden| hidden.effects.iter().filter(closes).count());
    let count = report.unaccepted(fail_on).count() + hidden;
    (count > 0).then(|| {
        let effects = plural(count, "effect");
        let verb = if count == 1 { "is" } else { "are" };
        let of_these = match hidden {
            0 => String::new(),
            hidden if hidden == count => ", and not shown".to_owned(),
            hidden => format!(", {hidden} of them not shown"),
        };
        format!("{effects} of severity {} or above {verb} not accepted{of_these}", fail_on.word())
    })
}

/// What of a comparison is not shown: `12 changes and 3 effects not shown: 1 high, 2 info`
pub(super) fn hidden(hidden: &Hidden) -> String {
    let changes = plural(hidden.objects, "change");
    match severities(&hidden.effects) {
        None => format!("{changes} not shown"),
        Some(severities) => {
            let effects = plural(hidden.effects.len(), "effect");
            format!("{changes} and {effects} not shown: {severities}")
        }
    }
}

/// The worst of what is shown and of what is not: `high`, `critical, not shown`.
pub(super) fn worst(report: &Report, filter: Option<&Hidden>) -> Option<(Severity, &'static str)> {
    let shown = report.worst();
    match filter.and_then(Hidden::worst) {
        Some(hidden) if shown.is_none_or(|shown| hidden > shown) => Some((hidden, ", not shown")),
        _ => shown.map(|shown| (shown, "")),
    }
}

/// What there is to say when nothing matters; nothing when something does.
pub(super) fn nothing(report: &Report, filter: Option<&Hidden>) -> Option<String> {
    let objects = plural(report.counts.compared, "object");
    if filter.is_some_and(|filter| filter.objects + filter.effects.len() > 0) {
        return report.is_empty().then(|| "Nothing differs in what is shown.".to_owned());
    }
    if report.is_empty() {
        return Some(format!("No differences ({objects})."));
    }
    (report.is_cosmetic() && report.effects.is_empty()).then(|| {
        let count = report.objects.len();
        format!("Only spelling differs: {count} of {objects} have other bytes, and mean the same.")
    })
}

/// `specs/web.toml:21`; for a key that was removed its file.
pub(super) fn place(place: &Place) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    }
}

/// Where a cause is: `specs/web.toml:21`, or `specs/web.toml:21 and 29 more`; for what no spec
/// says, who made the change.
pub(super) fn source(cause: &Cause) -> String {
    match (cause.places.as_slice(), cause.kind) {
        ([first, rest @ ..], _) if !rest.is_empty() => {
            format!("{} and {} more", place(first), rest.len())
        }
        ([only], _) => place(only),
        ([], CauseKind::Spec) => "spec".to_owned(),
        ([], CauseKind::Fleet) => "fleet".to_owned(),
        ([], CauseKind::Template) => "template".to_owned(),
        ([], CauseKind::Tool) => "Ninefold".to_owned(),
        ([], CauseKind::HandEdit) => "edited by hand".to_owned(),
        ([], CauseKind::Generations) => "generations".to_owned(),
        ([], CauseKind::Unknown) => "unknown".to_owned(),
        _ => unreachable!("a list is empty, or has a first item"),
    }
}

/// `3 Deployment, 3 HorizontalPodAutoscaler follow`; nothing when nothing does.
pub(super) fn followers(report: &Report, causes: &[usize]) -> Option<String> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let followers = causes.iter().flat_map(|cause| &report.causes[*cause].followers);
    for object in followers.collect::<BTreeSet<_>>() {
        *kinds.entry(&report.objects[*object].kind).or_default() += 1;
    }
    let verb = if kinds.values().sum::<usize>() == 1 { "follows" } else { "follow" };
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    (!kinds.is_empty()).then(|| format!("{} {verb}", kinds.join(", ")))
}

/// `3f9a1c2b → 77b0e4d1`: the name of an object, or both; nothing but suffixes where the rest is
/// the logical name.
pub(super) fn names(object: &Object) -> String {
    let suffix = |name: &str| {
        let rest = name.strip_prefix(object.logical_name.as_str());
        rest.and_then(|rest| rest.strip_prefix('-')).unwrap_or(name).to_owned()
    };
    match (&object.old, &object.new) {
        (Some(old), Some(new)) if old.name != new.name => {
            format!("{} → {}", suffix(&old.name), suffix(&new.name))
        }
        (Some(one), _) | (None, Some(one)) => suffix(&one.name),
        (None, None) => object.logical_name.clone(),
    }
}

/// An object's identity, with its former generation: unique in a report.
pub(super) fn id(object: &Object) -> String {
    match &object.generation {
        Some(generation) => format!("{}@{generation}", object.id),
        None => object.id.clone(),
    }
}
