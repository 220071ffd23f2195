//! A service, or what services share, on one side.

use super::item::Reader;
use super::promise::{self, Promise};
use super::{Files, Item};
use crate::tree::Ledger;
use crate::tree::ledger::{self, Entry};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A service, or what services share. What is the same on both sides is one unit of both, and is read again
/// only when somebody asks for more than what was seen of it.
pub struct Unit<'a> {
    name: Arc<str>,
    seen: Seen,
    ledger: OnceLock<Option<Ledger>>,
    /// What it promises by region, once somebody asked.
    promises: OnceLock<BTreeMap<String, Promise>>,
    items: Items<'a>,
    by_place: Order,
    by_kind: Order,
}

/// Items in another order than that of their paths, once somebody asked: what services share has some of
/// every namespace.
#[derive(Default)]
struct Order(OnceLock<Vec<usize>>);

impl Order {
    /// The items that stand `beside` what is wanted as equal ones, in the order of their paths. `sort` puts
    /// them into that order, and is the same at every call.
    fn find<'i, T>(
        &'i self,
        items: &'i [T],
        sort: impl Fn(&T, &T) -> Ordering,
        beside: impl Fn(&T) -> Ordering,
    ) -> impl Iterator<Item = &'i T> {
        let order = self.0.get_or_init(|| {
            let mut order: Vec<usize> = (0..items.len()).collect();
            order.sort_by(|a, b| sort(&items[*a], &items[*b]));
            order
        });
        let from = order.partition_point(|at| beside(&items[*at]).is_lt());
        let rest = order[from..].iter().map(|at| &items[*at]);
        rest.take_while(move |item| beside(item).is_eq())
    }
}

fn place<'i>(item: &'i Item<'_>) -> (&'i str, Option<&'i str>) {
    (&item.identity.region, item.identity.namespace.as_deref())
}

fn kind<'i>(item: &'i Item<'_>) -> (&'i str, &'i str) {
    (&item.identity.region, &item.identity.kind)
}

enum Items<'a> {
    There(Vec<Item<'a>>),
    /// Made of the ledger once somebody asked.
    Later(Box<Later>),
}

struct Later {
    /// Where they are read from.
    files: Arc<dyn Files>,
    /// The files of the old side, and what the unit was there: of a file that both have, one is read.
    before: Option<(Arc<dyn Files>, Arc<Unit<'static>>)>,
    items: OnceLock<Vec<Item<'static>>>,
}

impl Later {
    fn of(files: &Arc<dyn Files>) -> Later {
        Later { files: Arc::clone(files), before: None, items: OnceLock::new() }
    }

    fn items(&self, ledger: &Ledger) -> Vec<Item<'static>> {
        let mut items = items(&Reader::Shared(Arc::clone(&self.files)), ledger);
        let Some((files, unit)) = &self.before else { return items };
        let known: BTreeMap<&str, &Item<'_>> =
            unit.items().iter().map(|item| (item.path.as_str(), item)).collect();
        for item in &mut items {
            let same = |known: &&&Item<'_>| {
                known.digest == item.digest
                    && files.id(&item.path).is_some_and(|id| self.files.id(&item.path) == Some(id))
            };
            if let Some(known) = known.get(item.path.as_str()).filter(same) {
                item.read = Arc::clone(&known.read);
            }
        }
        items
    }
}

/// What is known of the objects of a unit without having them.
#[derive(Default)]
pub(super) struct Seen {
    /// How many there are.
    pub(super) objects: usize,
    /// Of who each current one is, a number: others have others, but for a rare chance.
    pub(super) identities: Vec<u64>,
    /// The same of what Kubernetes calls each.
    pub(super) names: Vec<u64>,
    /// The regions and namespaces in which they are.
    pub(super) places: Vec<(String, Option<String>)>,
}

/// A number for what names an object in a region: its kind, its namespace, and what it is called.
pub(super) fn number(region: &str, kind: &str, namespace: Option<&str>, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (region, kind, namespace, name).hash(&mut hasher);
    hasher.finish()
}

/// Region, kind and namespace of an object; its logical name and its name; whether it is current.
type Object<'o> = ((&'o str, &'o str, Option<&'o str>), (&'o str, &'o str), bool);

impl Seen {
    fn of<'o>(objects: impl Iterator<Item = Object<'o>>) -> Seen {
        let mut seen = Seen::default();
        let mut places = BTreeSet::new();
        for ((region, kind, namespace), (logical_name, name), is_current) in objects {
            seen.objects += 1;
            seen.names.push(number(region, kind, namespace, name));
            if is_current {
                seen.identities.push(number(region, kind, namespace, logical_name));
            }
            places.insert((region, namespace));
        }
        let owned = |(region, namespace): (&str, Option<&str>)| {
            (region.to_owned(), namespace.map(str::to_owned))
        };
        seen.places = places.into_iter().map(owned).collect();
        seen
    }

    fn of_entries(entries: &[Entry]) -> Seen {
        Seen::of(entries.iter().map(|entry| {
            let place = (&*entry.region, &*entry.kind, entry.namespace.as_deref());
            (place, (&*entry.logical_name, &*entry.name), entry.retained.is_none())
        }))
    }

    fn of_items(items: &[Item<'_>]) -> Seen {
        Seen::of(items.iter().map(|item| {
            let id = &item.identity;
            let place = (&*id.region, &*id.kind, id.namespace.as_deref());
            (place, (&*id.logical_name, &*item.name), item.retained.is_none())
        }))
    }
}

impl<'a> Unit<'a> {
    /// The unit that a ledger speaks of.
    pub(super) fn of(files: &'a dyn Files, ledger: Ledger) -> Unit<'a> {
        let items = items(&Reader::Borrowed(files), &ledger);
        Unit {
            name: ledger.unit().into(),
            seen: Seen::of_entries(ledger.objects()),
            ledger: OnceLock::from(Some(ledger)),
            promises: OnceLock::new(),
            items: Items::There(items),
            by_place: Order::default(),
            by_kind: Order::default(),
        }
    }

    /// The same, of which no object is looked at before somebody asks. `before` are the files of the old
    /// side, and what the unit was there.
    pub(super) fn later(
        files: &Arc<dyn Files>,
        ledger: Ledger,
        before: Option<(Arc<dyn Files>, Arc<Unit<'static>>)>,
    ) -> Unit<'a> {
        Unit {
            name: ledger.unit().into(),
            seen: Seen::of_entries(ledger.objects()),
            ledger: OnceLock::from(Some(ledger)),
            promises: OnceLock::new(),
            items: Items::Later(Box::new(Later { before, ..Later::of(files) })),
            by_place: Order::default(),
            by_kind: Order::default(),
        }
    }

    /// The same, of which nothing is kept but what was seen.
    pub(super) fn glanced(files: &Arc<dyn Files>, ledger: &Ledger) -> Unit<'a> {
        Unit {
            name: ledger.unit().into(),
            seen: Seen::of_entries(ledger.objects()),
            ledger: OnceLock::new(),
            promises: OnceLock::new(),
            items: Items::Later(Box::new(Later::of(files))),
            by_place: Order::default(),
            by_kind: Order::default(),
        }
    }

    /// One that no ledger speaks of.
    pub(in crate::diff) fn without_ledger(name: &str, items: Vec<Item<'a>>) -> Unit<'a> {
        let (seen, ledger) = (Seen::of_items(&items), OnceLock::from(None));
        Unit {
            name: name.into(),
            seen,
            ledger,
            promises: OnceLock::new(),
            items: Items::There(items),
            by_place: Order::default(),
            by_kind: Order::default(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its ledger.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.get_or_init(|| self.read_again()).as_ref()
    }

    /// What its ledger promises, by region.
    pub(super) fn promises(&self) -> &BTreeMap<String, Promise> {
        let read = || self.ledger().map(promise::all).unwrap_or_default();
        self.promises.get_or_init(read)
    }

    /// Its ledger, where it need not be read again.
    pub(super) fn ledger_if_kept(&self) -> Option<&Ledger> {
        self.ledger.get()?.as_ref()
    }

    /// Its objects, in the order of their paths.
    pub fn items(&self) -> &[Item<'a>] {
        match &self.items {
            Items::There(items) => items,
            Items::Later(later) => {
                let items = || self.ledger().map(|ledger| later.items(ledger)).unwrap_or_default();
                later.items.get_or_init(items)
            }
        }
    }

    /// Its objects in a namespace of a region, in the order of their paths.
    pub(in crate::diff) fn items_in(
        &self,
        region: &str,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &Item<'a>> {
        let sort = |a: &Item<'_>, b: &Item<'_>| place(a).cmp(&place(b));
        let beside = move |item: &Item<'_>| place(item).cmp(&(region, namespace));
        self.by_place.find(self.items(), sort, beside)
    }

    /// Its objects of a kind in a region, in the order of their paths.
    pub(in crate::diff) fn items_of(
        &self,
        region: &str,
        wanted: &str,
    ) -> impl Iterator<Item = &Item<'a>> {
        let sort = |a: &Item<'_>, b: &Item<'_>| kind(a).cmp(&kind(b));
        let beside = move |item: &Item<'_>| kind(item).cmp(&(region, wanted));
        self.by_kind.find(self.items(), sort, beside)
    }

    fn read_again(&self) -> Option<Ledger> {
        let Items::Later(later) = &self.items else { return None };
        // It could be read a moment ago.
        Ledger::read(&self.name, &later.files.read(&ledger::path(&self.name))?).ok()
    }

    /// The regions and namespaces in which its objects are.
    pub(super) fn places(&self) -> &[(String, Option<String>)] {
        &self.seen.places
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The regions in which its objects are.
    pub(in crate::diff) fn regions(&self) -> BTreeSet<&str> {
        self.seen.places.iter().map(|(region, _)| region.as_str()).collect()
    }
}

fn items<'a>(reader: &Reader<'a>, ledger: &Ledger) -> Vec<Item<'a>> {
    ledger.objects().iter().map(|entry| Item::of_entry(reader, ledger.unit(), entry)).collect()
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn an_order_finds_what_a_look_at_every_item_finds() {
        let items: Vec<(u32, u32)> = (0..200).map(|at| (at * at % 23, at)).collect();
        for count in [0, 1, 2, 200] {
            let (items, order) = (&items[..count], Order::default());
            for wanted in 0..24 {
                let found = order.find(items, |a, b| a.0.cmp(&b.0), |item| item.0.cmp(&wanted));
                let all = items.iter().filter(|item| item.0 == wanted);
                assert!(found.eq(all), "{wanted} of {count}");
            }
        }
    }
}
