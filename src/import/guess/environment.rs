//! Environment variables.

use super::Guessing;
use crate::credential::{self, Named};
use crate::import::made;
use crate::import::object;
use crate::import::rules::GENERATED;
use crate::import::toml::{Table, inline};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A variable that is read from a Secret, which somebody must make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Aside {
    /// The variable, which is the key of the Secret, too.
    pub(in crate::import) variable: String,
    /// The name of the Secret.
    pub(in crate::import) secret: String,
}

/// What a container sees, in the order of names.
type Variables = BTreeMap<String, toml::Value>;

/// The variables of a container that need others, and those that they need: `$(HOST)` is replaced only
/// in the list of a container, by what stands before it.
pub(in crate::import) fn referred_to(container: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for variable in object::items(container, "env") {
        let value = object::text(variable, &["value"]).unwrap_or_default();
        let mut rest = value;
        while let Some((_, after)) = rest.split_once("$(") {
            let Some((name, after)) = after.split_once(')') else { break };
            found.insert(name.to_owned());
            found.extend(object::text(variable, &["name"]).map(str::to_owned));
            rest = after;
        }
    }
    found
}

/// Whether a variable of this value would be refused as a credential.
pub(in crate::import) fn is_credential(name: &str, value: &str) -> bool {
    let by_name = credential::named(name) == Some(Named::Sure) && credential::is_literal(value);
    by_name || !credential::within(value).is_empty()
}

/// A value as a person writes it: whole numbers and booleans without quotes.
fn value(text: &str) -> toml::Value {
    match (text, text.parse::<i64>()) {
        ("true", _) => true.into(),
        ("false", _) => false.into(),
        (text, Ok(number)) if number.to_string() == text => number.into(),
        (text, _) => text.into(),
    }
}

impl Guessing<'_> {
    /// `[config]`, and the Secrets whose every key is a variable.
    pub(super) fn environment(&mut self) {
        let variables = self.variables(self.main);
        let table = self.document.table(&["config"]);
        for (name, value) in variables {
            table.set(&name, value);
        }
    }

    /// The variables of a container that a spec says.
    pub(super) fn variables(&mut self, container: &Value) -> Variables {
        let mut found = Variables::new();
        for source in object::items(container, "envFrom") {
            let prefix = object::text(source, &["prefix"]).unwrap_or_default();
            let Some(name) = object::text(source, &["configMapRef", "name"]) else { continue };
            let Some((at, map)) = self.config_map(name) else { continue };
            let entries = map.at(&["data"]).map(Value::entries).unwrap_or_default().to_vec();
            for (key, text) in entries {
                let name = format!("{prefix}{key}");
                if GENERATED.contains(&key.as_str()) {
                    self.written.insert((at, key));
                    continue;
                }
                if let Some(text) = text.as_str().filter(|_| is_variable(&name)) {
                    let by_region = made::by_region(self.context.objects, map, &key);
                    self.written.insert((at, key));
                    let value = match by_region {
                        Some(by_region) => toml::Value::Table(
                            by_region
                                .iter()
                                .map(|(region, text)| (region.clone(), value(text)))
                                .collect(),
                        ),
                        None => self.literal(&name, text),
                    };
                    found.insert(name, value);
                }
            }
        }
        let kept_apart = referred_to(container);
        for variable in object::items(container, "env") {
            let Some(name) = object::text(variable, &["name"]) else { continue };
            if kept_apart.contains(name) || !is_variable(name) {
                found.remove(name);
                continue;
            }
            let value = match variable.get("valueFrom") {
                None => {
                    let text = variable.get("value").and_then(object::scalar).unwrap_or_default();
                    Some(self.literal(name, &text))
                }
                Some(source) => self.source(name, source),
            };
            match value {
                Some(value) => drop(found.insert(name.to_owned(), value)),
                None => drop(found.remove(name)),
            }
        }
        found
    }

    /// A value that is written down, or the Secret that is to hold it.
    fn literal(&mut self, name: &str, text: &str) -> toml::Value {
        let known = (self.group.name.clone(), name.to_owned());
        if !is_credential(name, text) && !self.context.learned.credentials.contains(&known) {
            return value(text);
        }
        let secret = format!("{}-credentials", self.group.name);
        let aside = Aside { variable: name.to_owned(), secret: secret.clone() };
        if !self.asides.contains(&aside) {
            self.asides.push(aside);
        }
        inline([("secret", secret.into()), ("key", name.into())])
    }

    /// Where the cluster has a value; none where only a patch says it.
    fn source(&mut self, name: &str, source: &Value) -> Option<toml::Value> {
        let text = |path: &[&str]| object::text(source, path);
        if let Some(secret) = text(&["secretKeyRef", "name"]) {
            let key = text(&["secretKeyRef", "key"])?;
            let mut entries = vec![("secret", secret.into()), ("key", key.into())];
            if object::is(source.at(&["secretKeyRef", "optional"]), true) {
                entries.push(("optional", true.into()));
            }
            return Some(inline(entries));
        }
        if let Some(field) = text(&["fieldRef", "fieldPath"]) {
            return Some(inline([("field", field.into())]));
        }
        if let Some(resource) = text(&["resourceFieldRef", "resource"]) {
            let mut entries = vec![("resource", resource.into())];
            let divisor = source.at(&["resourceFieldRef", "divisor"]).and_then(object::scalar);
            let divisor = divisor.filter(|divisor| divisor != "0" && divisor != "1");
            entries.extend(divisor.map(|divisor| ("divisor", divisor.into())));
            return Some(inline(entries));
        }
        let (at, map) = self.config_map(text(&["configMapKeyRef", "name"])?)?;
        let key = text(&["configMapKeyRef", "key"])?;
        let found = map.text(&["data", key])?.to_owned();
        self.written.insert((at, key.to_owned()));
        Some(self.literal(name, &found))
    }

    /// The Secrets of which a container gets every key, as `[[secrets]]` has them.
    pub(super) fn env_secrets(&self) -> BTreeMap<String, Table> {
        let mut found = BTreeMap::new();
        for source in object::items(self.main, "envFrom") {
            let Some(name) = object::text(source, &["secretRef", "name"]) else { continue };
            let mut table = Table::default();
            table.set("name", name).set("env", true);
            if let Some(prefix) =
                object::text(source, &["prefix"]).filter(|prefix| !prefix.is_empty())
            {
                table.set("prefix", prefix);
            }
            if object::is(source.at(&["secretRef", "optional"]), true) {
                table.set("optional", true);
            }
            found.entry(name.to_owned()).or_insert(table);
        }
        found
    }
}

/// Whether `[config]` takes it for the name of a variable.
fn is_variable(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty()
        && name.chars().all(word)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !GENERATED.contains(&name)
}
