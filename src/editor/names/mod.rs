//! What a fleet calls its regions, tiers, services and ports, read from texts that may be half
//! written.

mod table; // which keys name what

use super::Kind;
use crate::model;
use std::collections::{BTreeMap, BTreeSet};
use table::{FLEET, KEYS_OF_FLEET, KEYS_OF_SERVICE, Of, SERVICE};
use toml::de::{DeTable, DeValue};

/// The names that keys of specs refer to.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// With the environment of each; none for the default one.
    regions: BTreeMap<String, Option<String>>,
    /// By region.
    zones: BTreeMap<String, BTreeSet<String>>,
    /// Of the regions, and of the specs.
    environments: BTreeSet<String>,
    tiers: BTreeSet<String>,
    pools: BTreeSet<String>,
    classes: BTreeSet<String>,
    geographies: BTreeSet<String>,
    priorities: BTreeSet<String>,
    registries: BTreeSet<String>,
    teams: BTreeSet<String>,
    namespaces: BTreeSet<String>,
    /// The names of the ports of each service, with those of its sidecars.
    services: BTreeMap<String, BTreeSet<String>>,
    /// Of the text itself, what its own keys refer to.
    own: Own,
}

/// What one spec names in itself.
#[derive(Clone, Debug, Default)]
struct Own {
    service: Option<String>,
    /// Of its own container, which its probes ask.
    ports: BTreeSet<String>,
    /// Of its sidecars, which callers and users reach as well.
    beside: BTreeSet<String>,
    secrets: BTreeSet<String>,
    /// Where volumes, files and Secrets are.
    paths: BTreeSet<String>,
    regions: BTreeSet<String>,
}

/// Whose port a value names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of the service itself, or of its sidecars.
    Own,
    /// Of the service that `depends_on` names.
    Called,
}

/// Whose port the value at `path` of a spec names; none when it names something else.
pub(super) fn port(path: &[String]) -> Option<Whose> {
    let (_, of) = SERVICE.iter().find(|(pattern, _)| fits(pattern, path))?;
    let is_own = matches!(of, Of::OwnPort | Of::AnyOwnPort | Of::PortOfTheSidecar);
    let whose = if is_own { Whose::Own } else { Whose::Called };
    (is_own || *of == Of::PortOfTheService).then_some(whose)
}

impl Names {
    /// The names in these texts of a fleet: the fleet file, if there is one, and the specs.
    pub fn of<'a>(fleet: Option<&str>, specs: impl IntoIterator<Item = &'a str>) -> Names {
        let mut names =
            Names { tiers: model::built_in_tiers().into_iter().collect(), ..Names::default() };
        if let Some(text) = fleet {
            names.add_fleet(&DeTable::parse_recoverable(text).0.into_inner());
        }
        for text in specs {
            names.add_spec(text);
        }
        names
    }

    fn add_fleet(&mut self, fleet: &DeTable<'_>) {
        self.tiers.extend(keys(fleet, "tiers"));
        self.priorities.extend(keys(fleet, "priority_classes"));
        self.registries.extend(keys(fleet, "registries"));
        for (name, region) in table(fleet, "regions").into_iter().flatten() {
            let Some(region) = as_table(region.get_ref()) else { continue };
            let name = name.get_ref().to_string();
            let environment = text(region, "environment");
            self.environments.extend(environment.clone());
            self.zones.insert(name.clone(), names_in(region, "zones").collect());
            self.regions.insert(name, environment);
            self.pools.extend(names_in(region, "pools"));
            self.classes.extend(names_in(region, "storage"));
            self.geographies.extend(text(region, "geography"));
        }
    }

    fn add_spec(&mut self, spec: &str) {
        let own = Own::of(spec);
        if let Some(name) = own.service {
            let ports = self.services.entry(name).or_default();
            ports.extend(own.ports);
            ports.extend(own.beside);
        }
        let spec = DeTable::parse_recoverable(spec).0.into_inner();
        self.environments.extend(keys(&spec, "environments"));
        self.teams.extend(text(&spec, "team"));
        self.namespaces.extend(text(&spec, "namespace").or_else(|| text(&spec, "name")));
    }

    /// The same names, asked from within this text.
    #[must_use]
    pub fn within(&self, text: &str) -> Names {
        Names { own: Own::of(text), ..self.clone() }
    }

    /// What the value at `path` may name; none when it is no name.
    pub(super) fn values(&self, kind: Kind, path: &[String], text: &str) -> Option<Vec<String>> {
        match kind {
            Kind::Service => self.rows(SERVICE, path, text),
            Kind::Fleet => self.rows(FLEET, path, text),
        }
    }

    /// What a key of the table at `path` may name.
    pub(super) fn keys(&self, kind: Kind, path: &[String], text: &str) -> Vec<String> {
        let named = match kind {
            Kind::Service => self.rows(KEYS_OF_SERVICE, path, text),
            Kind::Fleet => self.rows(KEYS_OF_FLEET, path, text),
        };
        named.unwrap_or_default()
    }

    fn rows(&self, rows: &[(&str, Of)], path: &[String], text: &str) -> Option<Vec<String>> {
        // What differs in an environment is said as it is elsewhere.
        let (environment, path) = match path {
            [first, name, rest @ ..] if first == "environments" => (Some(name.as_str()), rest),
            _ => (None, path),
        };
        let (_, of) = rows.iter().find(|(pattern, _)| fits(pattern, path))?;
        let all = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<String>>();
        let spec = DeTable::parse_recoverable(text).0.into_inner();
        let above = || match environment {
            Some(name) => table(&spec, "environments").and_then(|all| table(all, name)),
            None => Some(&spec),
        };
        Some(match of {
            Of::Region => self.regions.keys().cloned().collect(),
            Of::RegionOfEnvironment => {
                let here = |(_, of): &(&String, &Option<String>)| of.as_deref() == environment;
                self.regions.iter().filter(here).map(|(name, _)| name.clone()).collect()
            }
            Of::OwnRegion => all(&self.own.regions),
            Of::OwnRegionOrDefault => {
                let default = std::iter::once("default".to_owned());
                default.chain(self.own.regions.iter().cloned()).collect()
            }
            Of::Zone => {
                let region = path.get(1).and_then(|region| self.zones.get(region));
                region.map(all).unwrap_or_default()
            }
            Of::Environment => all(&self.environments),
            Of::Priority => all(&self.priorities),
            Of::Registry => all(&self.registries),
            Of::Team => all(&self.teams),
            Of::Namespace => all(&self.namespaces),
            Of::OwnPath => all(&self.own.paths),
            Of::Tier => all(&self.tiers),
            Of::OwnPort => all(&self.own.ports),
            Of::AnyOwnPort => self.own.ports.union(&self.own.beside).cloned().collect(),
            Of::PortOfTheSidecar => {
                let sidecar = above().and_then(|above| item_at(above, "sidecars", path));
                sidecar.map(|one| names_in(one, "ports").collect()).unwrap_or_default()
            }
            Of::Pool => all(&self.pools),
            Of::Class => all(&self.classes),
            Of::Geography => all(&self.geographies),
            Of::Secret => all(&self.own.secrets),
            Of::Rule => crate::diag::CODES
                .iter()
                .filter(|row| row.severity == crate::diag::Severity::Warning)
                .map(|row| row.name.to_owned())
                .collect(),
            Of::Effect => {
                let effects = crate::diag::CODES.iter().filter(|row| row.effect);
                effects.map(|row| row.name.to_owned()).collect()
            }
            Of::ServiceOrFleet => {
                let fleet = std::iter::once("fleet".to_owned());
                self.services.keys().cloned().chain(fleet).collect()
            }
            Of::Service => {
                let others =
                    self.services.keys().filter(|name| Some(*name) != self.own.service.as_ref());
                others.cloned().collect()
            }
            Of::PortOfTheService => {
                let called = above().and_then(|above| item_at(above, "depends_on", path));
                let service = called.and_then(|one| self::text(one, "service"));
                service.and_then(|name| self.services.get(&name)).map(all).unwrap_or_default()
            }
        })
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
            beside: list(&spec, "sidecars")
                .filter_map(as_table)
                .flat_map(|sidecar| names_in(sidecar, "ports"))
                .collect(),
            secrets: names_in(&spec, "secrets").collect(),
            paths: ["volumes", "scratch", "files", "secrets"]
                .into_iter()
                .flat_map(|many| list(&spec, many).filter_map(as_table))
                .filter_map(|one| text(one, "path").or_else(|| text(one, "mount")))
                .collect(),
            regions: list(&spec, "regions").filter_map(as_text).collect(),
        }
    }
}

/// The item of the list under `key` that `path` is in.
fn item_at<'a, 'b>(spec: &'b DeTable<'a>, key: &str, path: &[String]) -> Option<&'b DeTable<'a>> {
    let number: usize = path.get(1)?.parse().ok()?;
    as_table(list(spec, key).nth(number)?)
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
    use super::super::schema::Schemas;
    use super::*;

    #[test]
    fn a_probe_asks_a_port_of_its_container_and_callers_reach_all() {
        let text = "name = \"web\"\nports = [{ name = \"http\", port = 8080 }]\n\
            [[sidecars]]\nname = \"log\"\n\
            [[sidecars]]\nname = \"proxy\"\nports = [{ name = \"tls\", port = 8443 }]\n\
            probes = { ready = { tcp = \"\" } }\n";
        let names = Names::of(None, [text]).within(text);
        let at = |path: &str| {
            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
            names.values(Kind::Service, &path, text).unwrap()
        };
        assert_eq!(at("sidecars.1.probes.ready.tcp"), ["tls"]);
        assert_eq!(at("sidecars.0.probes.port"), [""; 0]);
        assert_eq!(at("probes.ready.tcp"), ["http"]);
        assert_eq!(at("traffic.port"), ["http", "tls"]);
        let caller = "[[depends_on]]\nservice = \"web\"\nports = [\"\"]\n";
        let path = ["depends_on", "0", "ports", "0"].map(str::to_owned);
        let offered = names.within(caller).values(Kind::Service, &path, caller).unwrap();
        assert_eq!(offered, ["http", "tls"]);
    }

    #[test]
    fn every_key_that_names_something_is_there() {
        let tables =
            [(Kind::Service, [SERVICE, KEYS_OF_SERVICE]), (Kind::Fleet, [FLEET, KEYS_OF_FLEET])];
        for (kind, tables) in tables {
            for (pattern, _) in tables.into_iter().flatten() {
                let path: Vec<String> = pattern
                    .replace("probes.*", "probes.ready")
                    .replace('*', "0")
                    .split('.')
                    .map(str::to_owned)
                    .collect();
                assert!(!Schemas::at(kind.schema(), &path).is_empty(), "{pattern}");
            }
        }
    }
}
