//! What a fleet calls its regions, tiers, services and ports, read from texts that may be half
//! written.

use super::Kind;
use crate::model;
use std::collections::{BTreeMap, BTreeSet};
use toml::de::{DeTable, DeValue};

/// The names that keys of specs refer to.
#[derive(Clone, Debug, Default)]
pub struct Names {
    regions: BTreeSet<String>,
    tiers: BTreeSet<String>,
    pools: BTreeSet<String>,
    classes: BTreeSet<String>,
    geographies: BTreeSet<String>,
    /// The names of the ports of each service.
    services: BTreeMap<String, BTreeSet<String>>,
    /// Of the text itself, what its own keys refer to.
    own: Own,
}

/// What one spec names in itself.
#[derive(Clone, Debug, Default)]
struct Own {
    service: Option<String>,
    ports: BTreeSet<String>,
    secrets: BTreeSet<String>,
    regions: BTreeSet<String>,
}

/// What a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Region,
    OwnRegion,
    Tier,
    Service,
    OwnPort,
    PortOfTheService,
    Pool,
    Class,
    Geography,
    Rule,
    Secret,
}

/// The keys that name something, by their paths; `*` is an item of a list, or any name.
const SERVICE: &[(&str, Of)] = &[
    ("tier", Of::Tier),
    ("regions.*", Of::Region),
    ("depends_on.*.service", Of::Service),
    ("depends_on.*.ports.*", Of::PortOfTheService),
    ("called_by.*.ports.*", Of::OwnPort),
    ("probes.port", Of::OwnPort),
    ("probes.*.port", Of::OwnPort),
    ("probes.*.grpc", Of::OwnPort),
    ("probes.*.tcp", Of::OwnPort),
    ("traffic.port", Of::OwnPort),
    ("traffic.routes.*.port", Of::OwnPort),
    ("traffic.weights", Of::OwnRegion),
    ("traffic.health_checks", Of::OwnRegion),
    ("data.postgresql.made_anew.*", Of::OwnRegion),
    ("manifests.*.regions.*", Of::OwnRegion),
    ("placement.pool", Of::Pool),
    ("volumes.*.class", Of::Class),
    ("data.postgresql.class", Of::Class),
    ("data.residency.*", Of::Geography),
    ("config.*.secret", Of::Secret),
    ("accept.*.rule", Of::Rule),
];

/// The same of the fleet.
const FLEET: &[(&str, Of)] = &[
    ("tiers.*.like", Of::Tier),
    ("measured.*.service", Of::Service),
    ("measured.*.region", Of::Region),
    ("manifests.*.regions.*", Of::Region),
    ("registries.*.stored_in.*", Of::Region),
    ("registries.*.mirrors", Of::Region),
];

impl Names {
    /// The names in these texts of a fleet: the fleet file, if there is one, and the specs.
    pub fn of<'a>(fleet: Option<&str>, specs: impl IntoIterator<Item = &'a str>) -> Names {
        let mut names =
            Names { tiers: model::built_in_tiers().into_iter().collect(), ..Names::default() };
        if let Some(text) = fleet {
            names.add_fleet(&DeTable::parse_recoverable(text).0.into_inner());
        }
        for text in specs {
            let own = Own::of(text);
            if let Some(name) = own.service {
                names.services.entry(name).or_default().extend(own.ports);
            }
        }
        names
    }

    fn add_fleet(&mut self, fleet: &DeTable<'_>) {
        self.tiers.extend(keys(fleet, "tiers"));
        self.regions.extend(keys(fleet, "regions"));
        let regions = table(fleet, "regions").into_iter().flat_map(DeTable::values);
        for region in regions.filter_map(|region| as_table(region.get_ref())) {
            self.pools.extend(names_in(region, "pools"));
            self.classes.extend(names_in(region, "storage"));
            self.geographies.extend(text(region, "geography"));
        }
    }

    /// The same names, asked from within this text.
    #[must_use]
    pub fn within(&self, text: &str) -> Names {
        Names { own: Own::of(text), ..self.clone() }
    }

    /// What the key at `path` may name; nothing when it names nothing.
    pub(super) fn at(&self, kind: Kind, path: &[String], text: &str) -> Vec<String> {
        let rows = match kind {
            Kind::Service => SERVICE,
            Kind::Fleet => FLEET,
        };
        // What differs in an environment is said as it is elsewhere.
        let (environment, path) = match (kind, path) {
            (Kind::Service, [first, name, rest @ ..]) if first == "environments" => {
                (Some(name.as_str()), rest)
            }
            _ => (None, path),
        };
        let Some((_, of)) = rows.iter().find(|(pattern, _)| fits(pattern, path)) else {
            return Vec::new();
        };
        let all = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<String>>();
        match of {
            Of::Region => all(&self.regions),
            Of::OwnRegion => all(&self.own.regions),
            Of::Tier => all(&self.tiers),
            Of::OwnPort => all(&self.own.ports),
            Of::Pool => all(&self.pools),
            Of::Class => all(&self.classes),
            Of::Geography => all(&self.geographies),
            Of::Secret => all(&self.own.secrets),
            Of::Rule => crate::diag::CODES
                .iter()
                .filter(|row| row.severity == crate::diag::Severity::Warning)
                .map(|row| row.name.to_owned())
                .collect(),
            Of::Service => {
                let others =
                    self.services.keys().filter(|name| Some(*name) != self.own.service.as_ref());
                others.cloned().collect()
            }
            Of::PortOfTheService => {
                let spec = DeTable::parse_recoverable(text).0.into_inner();
                let above = match environment {
                    Some(name) => table(&spec, "environments").and_then(|all| table(all, name)),
                    None => Some(&spec),
                };
                let service = above.and_then(|above| service_at(above, path));
                service.and_then(|name| self.services.get(&name)).map(all).unwrap_or_default()
            }
        }
    }
}

impl Own {
    fn of(spec: &str) -> Own {
        let spec = DeTable::parse_recoverable(spec).0.into_inner();
        let mut ports: BTreeSet<String> = names_in(&spec, "ports").collect();
        if !spec.contains_key("ports") {
            ports.insert("http".to_owned());
        }
        Own {
            service: text(&spec, "name"),
            ports,
            secrets: names_in(&spec, "secrets").collect(),
            regions: list(&spec, "regions").filter_map(as_text).collect(),
        }
    }
}

/// The service that the item of `depends_on` at `path` names.
fn service_at(spec: &DeTable<'_>, path: &[String]) -> Option<String> {
    let number: usize = path.get(1)?.parse().ok()?;
    text(as_table(list(spec, "depends_on").nth(number)?)?, "service")
}

fn fits(pattern: &str, path: &[String]) -> bool {
    let pattern: Vec<&str> = pattern.split('.').collect();
    pattern.len() == path.len()
        && pattern.iter().zip(path).all(|(wanted, is)| *wanted == "*" || wanted == is)
}

fn as_table<'a, 'b>(value: &'b DeValue<'a>) -> Option<&'b DeTable<'a>> {
    if let DeValue::Table(table) = value { Some(table) } else { None }
}

fn as_text(value: &DeValue<'_>) -> Option<String> {
    if let DeValue::String(text) = value { Some(text.to_string()) } else { None }
}

fn table<'a, 'b>(above: &'b DeTable<'a>, key: &str) -> Option<&'b DeTable<'a>> {
    as_table(above.get(key)?.get_ref())
}

fn text(above: &DeTable<'_>, key: &str) -> Option<String> {
    as_text(above.get(key)?.get_ref())
}

fn keys(above: &DeTable<'_>, key: &str) -> Vec<String> {
    let names = table(above, key).into_iter().flat_map(DeTable::keys);
    names.map(|name| name.get_ref().to_string()).collect()
}

fn list<'a, 'b>(above: &'b DeTable<'a>, key: &str) -> impl Iterator<Item = &'b DeValue<'a>> {
    let value = above.get(key).map(toml::Spanned::get_ref);
    let items = if let Some(DeValue::Array(items)) = value { Some(items) } else { None };
    items.into_iter().flat_map(|items| items.iter().map(toml::Spanned::get_ref))
}

/// The names of the tables in a list.
fn names_in(above: &DeTable<'_>, key: &str) -> impl Iterator<Item = String> {
    list(above, key).filter_map(as_table).filter_map(|item| text(item, "name"))
}

#[cfg(test)]
mod tests {
    use super::super::schema::Said;
    use super::*;

    #[test]
    fn every_key_that_names_something_is_there() {
        for (kind, table) in [(Kind::Service, SERVICE), (Kind::Fleet, FLEET)] {
            for (pattern, _) in table {
                let path: Vec<String> = pattern
                    .replace("probes.*", "probes.ready")
                    .replace('*', "0")
                    .split('.')
                    .map(str::to_owned)
                    .collect();
                assert!(!Said::at(kind.schema(), &path).is_empty(), "{pattern}");
            }
        }
    }
}
