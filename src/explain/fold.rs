//! What is the same in several regions, or of several losses, once.

use super::Page;
use super::number::{Number, TermOf};
use crate::decide::Proof;
use crate::decide::proof::{Amount, Claim, Objective, Scope, Source, Term};

/// Regions in which the same holds.
pub(super) struct Alike<'a> {
    /// The proofs; they differ in names only.
    pub(super) proofs: Vec<&'a Proof>,
}

impl<'a> Alike<'a> {
    /// The one that stands for all.
    pub(super) fn first(&self) -> &'a Proof {
        self.proofs[0]
    }

    /// `eastus2, centralus`
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self.proofs.iter().map(|proof| proof.region.as_str()).collect();
        names.join(", ")
    }
}

/// The regions of a page, those in which the same holds together.
pub(super) fn regions<'a>(page: &'a Page<'_>) -> Vec<Alike<'a>> {
    let mut groups: Vec<Alike<'a>> = Vec::new();
    for proof in &page.proofs {
        match groups.iter_mut().find(|group| alike(group.first(), proof)) {
            Some(group) => group.proofs.push(proof),
            None => groups.push(Alike { proofs: vec![proof] }),
        }
    }
    groups
}

fn alike(a: &Proof, b: &Proof) -> bool {
    let head = |p: &Proof| (p.role, p.replicas, p.peak, p.zones, p.survivors_of_zone_loss);
    let claims = a.claims.iter().zip(&b.claims);
    head(a) == head(b)
        && a.claims.len() == b.claims.len()
        && claims.into_iter().all(|(x, y)| {
            x.scope == y.scope
                && x.promised.as_ref().map(|p| p.amount) == y.promised.as_ref().map(|p| p.amount)
                && same_sum(x, a, y, b)
        })
}

/// Whether two claims are the same sum, of the same terms from the same kind of place.
fn same_sum(x: &Claim, of_x: &Proof, y: &Claim, of_y: &Proof) -> bool {
    let terms = x.terms.iter().zip(&y.terms);
    let head = |claim: &Claim| (claim.objective, claim.formula.clone(), claim.worst);
    head(x) == head(y)
        && x.premises == y.premises
        && x.terms.len() == y.terms.len()
        && terms.into_iter().all(|(s, t)| {
            let source = |term: &Term, proof: &Proof| {
                anywhere(&term.source.to_string(), proof.region.as_str())
            };
            (s.name, s.times, s.amount) == (t.name, t.times, t.amount)
                && source(s, of_x) == source(t, of_y)
        })
}

/// A text that says the same of every region.
pub(super) fn anywhere(text: &str, region: &str) -> String {
    text.replace(&format!("regions.{region}."), "regions.*.")
        .replace(&format!("regions.{region}"), "regions.*")
}

/// One sum, and the losses whose worst case it is.
pub(super) struct Sum<'a> {
    /// The first claim that has it.
    pub(super) claim: &'a Claim,
    /// What is lost.
    pub(super) scopes: Vec<Scope>,
    /// What was promised of each.
    pub(super) promised: Vec<Option<Amount>>,
    /// The sum in each region of the group, where its words differ.
    pub(super) others: Vec<(&'a Proof, &'a Claim)>,
}

/// The sums of regions that are alike, each once.
pub(super) fn sums<'a>(group: &Alike<'a>) -> Vec<Sum<'a>> {
    let first = group.first();
    let mut sums: Vec<Sum<'a>> = Vec::new();
    for (index, claim) in first.claims.iter().enumerate() {
        let promised = claim.promised.as_ref().map(|promised| promised.amount);
        let same = |sum: &&mut Sum<'a>| same_sum(sum.claim, first, claim, first);
        match sums.iter_mut().find(same) {
            Some(sum) => {
                sum.scopes.push(claim.scope);
                sum.promised.push(promised);
            }
            None => {
                let others = group.proofs.iter().map(|proof| (*proof, &proof.claims[index]));
                let (scopes, promised) = (vec![claim.scope], vec![promised]);
                sums.push(Sum { claim, scopes, promised, others: others.collect() });
            }
        }
    }
    sums
}

/// Numbers that are one decision: in several fields, regions or objects.
pub(super) struct Decision<'a> {
    /// The objects; several where the field is the same in all of them, and the reason too.
    pub(super) objects: Vec<(&'a str, &'a str)>,
    /// The fields of the object.
    pub(super) fields: Vec<&'a str>,
    /// The regions.
    pub(super) regions: Vec<&'a str>,
    /// The first of the numbers.
    pub(super) number: &'a Number,
    /// Where it comes from, in words that hold in every one of the regions.
    pub(super) sources: Vec<String>,
    /// What it is a term of, and in which regions.
    pub(super) terms: Vec<(TermOf, &'a str)>,
}

/// Objects in the order in which they matter; others follow.
const OBJECTS: &[&str] = &[
    "deployment",
    "stateful-set",
    "horizontal-pod-autoscaler",
    "scaled-object",
    "pod-disruption-budget",
    "schedule",
    "replication-source",
    "replication-destination",
    "postgresql-cluster",
    "postgresql-scheduled-backup",
    "service",
    "http-route",
    "ingress",
    "dns-endpoint",
    "gslb",
    "network-policy",
    "config-map",
];

/// The beginnings of fields, in the order in which they matter.
pub(super) const PARTS: &[&str] = &["spec.", "spec.template.", "spec.template.spec.", ""];

/// A field that so many objects have for one reason is shown once, for all of them.
const EVERYWHERE: usize = 3;

/// The numbers of a page, each decision once.
pub(super) fn decisions<'a>(page: &'a Page<'_>) -> Vec<Decision<'a>> {
    let mut found: Vec<Decision<'a>> = Vec::new();
    for number in &page.numbers {
        let place = (number.object.as_str(), number.value.as_str());
        let same = |decision: &&mut Decision<'a>| {
            decision.objects == [place]
                && decision.fields == [number.field.as_str()]
                && decision.is(number)
        };
        let terms = number.terms.iter().map(|term| (*term, number.region.as_str()));
        match found.iter_mut().find(same) {
            Some(decision) => {
                decision.regions.push(number.region.as_str());
                decision.terms.extend(terms);
            }
            None => found.push(Decision {
                objects: vec![place],
                fields: vec![number.field.as_str()],
                regions: vec![number.region.as_str()],
                number,
                sources: Vec::new(),
                terms: terms.collect(),
            }),
        }
    }
    let mut found = in_every_object(in_several_fields(found));
    for decision in &mut found {
        decision.terms.sort_unstable();
        decision.terms.dedup();
        let many = decision.regions.len() > 1;
        let sources = decision.number.sources.iter();
        decision.sources = sources.map(|it| source(page, decision.number, it, many)).collect();
        decision.sources.dedup();
    }
    found.sort_by_key(|decision| (rank(decision.objects[0].0), part_of(decision)));
    found
}

fn in_several_fields(decisions: Vec<Decision<'_>>) -> Vec<Decision<'_>> {
    let mut found: Vec<Decision<'_>> = Vec::new();
    for decision in decisions {
        let same = |other: &&mut Decision<'_>| {
            other.objects == decision.objects
                && other.regions == decision.regions
                && other.terms == decision.terms
                && other.is(decision.number)
        };
        match found.iter_mut().find(same) {
            Some(other) => other.fields.extend(decision.fields),
            None => found.push(decision),
        }
    }
    found
}

fn in_every_object(decisions: Vec<Decision<'_>>) -> Vec<Decision<'_>> {
    let mut found: Vec<Decision<'_>> = Vec::new();
    let alike = |a: &Decision<'_>, b: &Decision<'_>| {
        let key = |number: &Number| (number.words.clone(), number.explained);
        a.fields == b.fields && a.terms == b.terms && key(a.number) == key(b.number)
    };
    let many: Vec<bool> = (decisions.iter())
        .map(|decision| {
            let same = decisions.iter().filter(|other| alike(decision, other));
            same.count() >= EVERYWHERE
        })
        .collect();
    for (decision, many) in decisions.into_iter().zip(many) {
        match found.iter_mut().find(|other| many && alike(other, &decision)) {
            Some(other) => {
                other.objects.extend(decision.objects);
                let regions = decision.regions.into_iter();
                let new: Vec<&str> = regions.filter(|it| !other.regions.contains(it)).collect();
                other.regions.extend(new);
            }
            None => found.push(decision),
        }
    }
    found
}

/// What of an object's name tells its kind decides where it stands.
fn rank(object: &str) -> (usize, &str) {
    let kind = |kind: &&str| {
        object.strip_prefix(*kind).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    (OBJECTS.iter().position(kind).unwrap_or(OBJECTS.len()), object)
}

/// The number of the part that all fields of a decision begin with: the longest one.
pub(super) fn part_of(decision: &Decision<'_>) -> usize {
    let fits = |part: &&str| decision.fields.iter().all(|field| field.starts_with(*part));
    let longest = PARTS.iter().enumerate().filter(|(_, part)| fits(part));
    longest.max_by_key(|(_, part)| part.len()).map_or(0, |(index, _)| index)
}

impl Decision<'_> {
    fn is(&self, other: &Number) -> bool {
        let key = |number: &Number| {
            let source = |source: &Source| anywhere(&words(source), number.region.as_str());
            let sources: Vec<String> = number.sources.iter().map(source).collect();
            (sources, number.value.clone(), number.words.clone(), number.explained)
        };
        key(self.number) == key(other)
    }

    /// Each term that it is, once, with the losses it counts in, and in which regions where that
    /// is not in all of its own.
    pub(super) fn terms_in_words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut seen: Vec<(Objective, &str)> = Vec::new();
        for (term, _) in &self.terms {
            if seen.contains(&(term.objective, term.name)) {
                continue;
            }
            seen.push((term.objective, term.name));
            let same = |(other, _): &&(TermOf, &str)| {
                (other.objective, other.name) == (term.objective, term.name)
            };
            let mut scopes: Vec<&str> = Vec::new();
            let mut regions: Vec<&str> = Vec::new();
            for (other, region) in self.terms.iter().filter(same) {
                if !scopes.contains(&other.scope.key()) {
                    scopes.push(other.scope.key());
                }
                if !regions.contains(region) {
                    regions.push(region);
                }
            }
            let place = match regions.len() < self.regions.len() {
                true => format!(" in {}", regions.join(", ")),
                false => String::new(),
            };
            let objective = super::short(term.objective);
            words.push(format!("{objective} ({}){place}: {}", scopes.join(", "), term.name));
        }
        words
    }
}

/// A source in words; of a number that is Ninefold's own, the field says which.
fn words(source: &Source) -> String {
    match matches!(source, Source::Decided { .. }) {
        true => Source::BuiltIn.to_string(),
        false => source.to_string(),
    }
}

/// A source in words, with its place where that is one.
fn source(page: &Page<'_>, number: &Number, source: &Source, many: bool) -> String {
    let words = words(source);
    let same = anywhere(&words, number.region.as_str());
    if many && same != words {
        return same;
    }
    match page.place(source) {
        Some(place) => format!("{words}, {place}"),
        None => words,
    }
}
