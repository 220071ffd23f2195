//! What objects of one unit say of each other: selectors that find no pod, ports that are not there,
//! pods that two objects claim, and what a container is given of ConfigMaps.
//!
//! A unit sees its own objects alone. So nothing is said to be missing in a namespace that others
//! share, nor beside a custom kind that may make pods.

use super::judge::{self, Judged};
use super::{Context, Problem, room};
use crate::diag::{Code, Sink};
use crate::kube::limits::{LONGEST_STRING, STRINGS};
use crate::kube::read::selector::{Labels, Selector};
use crate::kube::schema::KNOWN;
use crate::kube::{Kind, Namespace, RegionName, custom_references, references};
use crate::plan::Unit;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A problem, and the place of its object in the list.
type Found = (usize, Problem);

/// Reports what is found about the objects of a unit.
pub(super) fn check(sink: &mut Sink, unit: &Unit, objects: &[Judged<'_>], context: Context<'_>) {
    // Sets for recovery and drills are applied by hand, one after the other.
    if matches!(unit, Unit::Service(_)) && context.patched.is_none() {
        return;
    }
    let mut places: BTreeMap<(&RegionName, &Namespace), Place<'_>> = BTreeMap::new();
    for (at, judged) in objects.iter().enumerate() {
        let Some(namespace) = &judged.0.id.namespace else { continue };
        let place = places.entry((&judged.0.id.region, namespace)).or_default();
        place.objects.push((at, *judged));
        place.pods.extend(Pods::of(at, *judged));
        place.blind |= may_make_pods(&judged.0.id.kind);
    }
    let mut found: Vec<Found> = Vec::new();
    for ((region, namespace), mut place) in places {
        let of_services = context.levels.contains_key(&(region.clone(), namespace.clone()));
        place.whole = match context.patched {
            Some(service) => service.alone && service.namespace == *namespace,
            None => !of_services && !place.pods.is_empty(),
        };
        place.blind |= !place.whole;
        place.selectors(context, &mut found);
        place.ports(&mut found);
        place.twice(&mut found);
        place.given(&mut found);
    }
    for (at, judged) in objects.iter().enumerate() {
        if judge::is_users(*judged, context) {
            found.extend(room::problem(judged.0, context).map(|problem| (at, problem)));
        }
    }
    judge::report(sink, objects, found, context);
}

/// Whether objects of a kind may make pods that nobody here sees.
fn may_make_pods(kind: &Kind) -> bool {
    let Kind::Custom(custom) = kind else { return false };
    let known = KNOWN.kind(&custom.api_version, &custom.kind).is_some();
    !known && custom_references::find(&custom.api_version, &custom.kind).is_none()
}

/// The objects of one namespace of a region.
#[derive(Default)]
struct Place<'a> {
    objects: Vec<(usize, Judged<'a>)>,
    pods: Vec<Pods<'a>>,
    /// Whether nobody else has objects there.
    whole: bool,
    /// Whether there may be other pods.
    blind: bool,
}

/// The pods that an object makes, or is.
struct Pods<'a> {
    at: usize,
    judged: Judged<'a>,
    labels: Labels,
    /// Their `spec`, and the path to it.
    spec: &'a Value,
    path: Vec<&'static str>,
}

impl<'a> Pods<'a> {
    fn of(at: usize, judged: Judged<'a>) -> Option<Pods<'a>> {
        let (object, _) = judged;
        let path = references::pods(&object.id.kind)?;
        let spec = object.value.at(&path)?;
        let mut labels = path.clone();
        labels.pop();
        labels.extend(["metadata", "labels"]);
        let entries = object.value.at(&labels).map(Value::entries).unwrap_or_default().iter();
        let labels = entries
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        Some(Pods { at, judged, labels, spec, path })
    }

    /// Whether they run until they are told to end.
    fn stay(&self) -> bool {
        let kind = &self.judged.0.id.kind;
        !kind.row().is_some_and(|row| row.pods.end)
    }

    fn containers(&self) -> impl Iterator<Item = (&'static str, usize, &'a Value)> {
        ["containers", "initContainers"].into_iter().flat_map(|list| {
            let items = self.spec.get(list).map(Value::items).unwrap_or_default();
            items.iter().enumerate().map(move |(index, item)| (list, index, item))
        })
    }

    fn has_port(&self, name: &str) -> bool {
        self.containers().any(|(_, _, container)| {
            let ports = container.get("ports").map(Value::items).unwrap_or_default();
            ports.iter().any(|port| text(port, "name") == name)
        })
    }

    fn path_of(&self, below: &[&str]) -> Vec<String> {
        self.path.iter().chain(below).map(|step| (*step).to_owned()).collect()
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn path(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

/// The kinds that select pods by their labels, where they say so, and whether a plain map of labels.
const SELECTORS: &[(&str, &[&str], bool)] = &[
    ("Service", &["spec", "selector"], true),
    ("PodDisruptionBudget", &["spec", "selector"], false),
    ("NetworkPolicy", &["spec", "podSelector"], false),
    ("PodMonitor", &["spec", "selector"], false),
];

/// The domains of labels that operators give to pods of their own.
const OF_OPERATORS: &[&str] = &["cnpg.io/", "app.kubernetes.io/managed-by", "volsync.backube/"];

/// The selector of pods of an object, with its place; none where it selects all of them, or none.
fn selector(judged: Judged<'_>) -> Option<(&'static [&'static str], Selector)> {
    let (object, _) = judged;
    let kind = object.id.kind.name();
    let (_, path, plain) = SELECTORS.iter().find(|(name, ..)| *name == kind)?;
    let value = object.value.at(path)?;
    let selector = match plain {
        true => Selector::of(&crate::kube::read::selector::read_labels("", value).ok()?),
        false => Selector::read(value).ok()?,
    };
    selector.keys().next()?;
    Some((path, selector))
}

impl<'a> Place<'a> {
    fn selected(&self, selector: &Selector) -> Vec<&Pods<'a>> {
        self.pods.iter().filter(|pods| selector.selects(&pods.labels)).collect()
    }

    /// The objects of a kind.
    fn of_kind(&self, name: &str) -> impl Iterator<Item = (usize, Judged<'a>)> {
        let is = move |(_, (object, _)): &(usize, Judged<'a>)| object.id.kind.name() == name;
        self.objects.iter().copied().filter(is)
    }

    /// Selectors that find nothing.
    fn selectors(&self, context: Context<'_>, found: &mut Vec<Found>) {
        if self.blind {
            return;
        }
        for (at, judged) in &self.objects {
            if !judge::is_users(*judged, context) {
                continue;
            }
            let kind = judged.0.id.kind.name();
            if kind == "ServiceMonitor" {
                found.extend(self.monitors_nothing(judged).map(|problem| (*at, problem)));
            }
            let Some((place, selector)) = selector(*judged) else { continue };
            let operator = |key: &str| OF_OPERATORS.iter().any(|own| key.starts_with(own));
            if selector.keys().any(operator) || !self.selected(&selector).is_empty() {
                continue;
            }
            let message = format!("{kind} `{}` selects no pod", judged.0.id.name);
            let note = match kind {
                "Service" => "whoever calls it finds nobody",
                "PodDisruptionBudget" => "it keeps no pod from being evicted",
                "NetworkPolicy" => "it opens and closes nothing",
                _ => "nothing is read",
            };
            let problem = Problem::new(Code::SELECTS_NO_POD, message);
            found.push((
                *at,
                Problem {
                    path: path(place),
                    note: Some(note.to_owned()),
                    help: Some(self.labels()),
                    ..problem
                },
            ));
        }
    }

    /// The labels that pods have here.
    fn labels(&self) -> String {
        let labels: BTreeSet<String> = (self.pods.iter())
            .flat_map(|pods| &pods.labels)
            .map(|(key, value)| format!("`{key}: {value}`"))
            .collect();
        match labels.is_empty() {
            true => "no pod of this namespace has a label".to_owned(),
            false => format!(
                "pods of this namespace have {}",
                labels.into_iter().collect::<Vec<String>>().join(", ")
            ),
        }
    }

    /// A `ServiceMonitor` that finds no Service, or not the port of one.
    fn monitors_nothing(&self, (object, _): &Judged<'_>) -> Option<Problem> {
        if object.value.at(&["spec", "namespaceSelector"]).is_some() {
            return None;
        }
        let selector = Selector::read(object.value.at(&["spec", "selector"])?).ok()?;
        selector.keys().next()?;
        let labels = |service: &Value| -> Labels {
            let entries =
                service.at(&["metadata", "labels"]).map(Value::entries).unwrap_or_default();
            let entry =
                |(key, value): &(String, Value)| Some((key.clone(), value.as_str()?.to_owned()));
            entries.iter().filter_map(entry).collect()
        };
        let services: Vec<&Value> =
            self.of_kind("Service").map(|(_, (service, _))| &service.value).collect();
        let selected: Vec<&&Value> =
            services.iter().filter(|service| selector.selects(&labels(service))).collect();
        if selected.is_empty() {
            let message = format!("ServiceMonitor `{}` selects no Service", object.id.name);
            let problem = Problem::new(Code::SELECTS_NO_POD, message).at(["spec", "selector"]);
            let note = Some("nothing is read".to_owned());
            return Some(Problem { note, ..problem });
        }
        let endpoints =
            object.value.at(&["spec", "endpoints"]).map(Value::items).unwrap_or_default();
        let names: BTreeSet<&str> = (selected.iter())
            .flat_map(|service| {
                service.at(&["spec", "ports"]).map(Value::items).unwrap_or_default()
            })
            .map(|port| text(port, "name"))
            .collect();
        let wrong = |endpoint: &&Value| {
            !text(endpoint, "port").is_empty() && !names.contains(text(endpoint, "port"))
        };
        let at = endpoints.iter().position(|endpoint| wrong(&endpoint))?;
        let name = text(&endpoints[at], "port");
        let message = format!(
            "no Service that ServiceMonitor `{}` selects has a port `{name}`",
            object.id.name
        );
        let problem = Problem::new(Code::PORT_UNKNOWN, message);
        let help = crate::diag::did_you_mean(name, names.iter().copied());
        let path = path(&["spec", "endpoints", &at.to_string(), "port"]);
        Some(Problem { path, help: Some(help), ..problem })
    }

    /// Ports that are named, and that no pod or Service there has.
    fn ports(&self, found: &mut Vec<Found>) {
        for (at, judged) in self.of_kind("Service").chain(self.of_kind("PodMonitor")) {
            let Some((_, selector)) = selector(judged) else { continue };
            let pods = self.selected(&selector);
            if pods.is_empty() {
                continue;
            }
            let (list, key) = match judged.0.id.kind.name() {
                "Service" => ("ports", "targetPort"),
                _ => ("podMetricsEndpoints", "port"),
            };
            let items = judged.0.value.at(&["spec", list]).map(Value::items).unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                let name = text(item, key);
                let number = name.bytes().all(|byte| byte.is_ascii_digit());
                if number || pods.iter().any(|pods| pods.has_port(name)) {
                    continue;
                }
                let kind = judged.0.id.kind.name();
                let message = format!(
                    "no pod that {kind} `{}` selects has a port `{name}`",
                    judged.0.id.name
                );
                let problem = Problem::new(Code::PORT_UNKNOWN, message);
                let help = Some(self.known_ports(&pods, name));
                let path = path(&["spec", list, &index.to_string(), key]);
                found.push((at, Problem { path, help, ..problem }));
            }
        }
        for (at, (object, _)) in self.of_kind("Ingress") {
            self.led_to(at, &mut vec!["spec".to_owned()], object.value.get("spec"), found);
        }
        for (at, (object, _)) in self.of_kind("HTTPRoute").chain(self.of_kind("GRPCRoute")) {
            let rules = object.value.at(&["spec", "rules"]).map(Value::items).unwrap_or_default();
            for (rule, entry) in rules.iter().enumerate() {
                let backends = entry.get("backendRefs").map(Value::items).unwrap_or_default();
                for (index, backend) in backends.iter().enumerate() {
                    let to_service = ["", "Service"].contains(&text(backend, "kind"));
                    if !to_service || !text(backend, "namespace").is_empty() {
                        continue;
                    }
                    let place = path(&[
                        "spec",
                        "rules",
                        &rule.to_string(),
                        "backendRefs",
                        &index.to_string(),
                    ]);
                    self.led_to_port(at, text(backend, "name"), backend.get("port"), place, found);
                }
            }
        }
    }

    fn known_ports(&self, pods: &[&Pods<'_>], wrong: &str) -> String {
        let names: BTreeSet<&str> = (pods.iter())
            .flat_map(|pods| pods.containers())
            .flat_map(|(_, _, container)| {
                container.get("ports").map(Value::items).unwrap_or_default()
            })
            .map(|port| text(port, "name"))
            .filter(|name| !name.is_empty())
            .collect();
        match names.is_empty() {
            true => "name the port in the container, or write its number".to_owned(),
            false => crate::diag::did_you_mean(wrong, names.iter().copied()),
        }
    }

    /// Every backend below a value of an Ingress.
    fn led_to(
        &self,
        at: usize,
        steps: &mut Vec<String>,
        value: Option<&Value>,
        found: &mut Vec<Found>,
    ) {
        let Some(value) = value else { return };
        if let Some(service) = value.get("service").filter(|service| service.get("port").is_some())
        {
            let port = service.at(&["port", "number"]).or(service.at(&["port", "name"]));
            let place = steps.iter().cloned().chain(["service".to_owned()]).collect();
            self.led_to_port(at, text(service, "name"), port, place, found);
            return;
        }
        for (key, field) in value.entries() {
            steps.push(key.clone());
            self.led_to(at, steps, Some(field), found);
            steps.pop();
        }
        for (index, item) in value.items().iter().enumerate() {
            steps.push(index.to_string());
            self.led_to(at, steps, Some(item), found);
            steps.pop();
        }
    }

    /// A port of a Service that is among the objects.
    fn led_to_port(
        &self,
        at: usize,
        name: &str,
        port: Option<&Value>,
        mut place: Vec<String>,
        found: &mut Vec<Found>,
    ) {
        let mut services = self.of_kind("Service").map(|(_, (service, _))| service);
        let Some(service) = services.find(|service| service.id.name.as_str() == name) else {
            return;
        };
        let ports = service.value.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
        let (key, shown) = match port {
            Some(Value::Int(number)) => ("port", number.to_string()),
            Some(Value::String(name)) => ("name", name.clone()),
            _ => return,
        };
        if ports.is_empty() || ports.iter().any(|known| known.get(key) == port) {
            return;
        }
        let message = format!("Service `{name}` has no port `{shown}`");
        let known: Vec<String> = (ports.iter())
            .filter_map(|port| port.get(key))
            .map(|known| {
                known
                    .as_str()
                    .map_or_else(|| serde_json::Value::from(known).to_string(), str::to_owned)
            })
            .collect();
        let help = crate::diag::did_you_mean(&shown, known.iter().map(String::as_str));
        place.push("port".to_owned());
        let problem = Problem::new(Code::PORT_UNKNOWN, message);
        found.push((at, Problem { path: place, help: Some(help), ..problem }));
    }

    /// Pods that two objects claim, and workloads that two autoscalers scale.
    fn twice(&self, found: &mut Vec<Found>) {
        for (at, judged) in self.of_kind("Service") {
            let Some((place, selector)) = selector(judged) else { continue };
            let pods: Vec<&Pods<'_>> =
                self.selected(&selector).into_iter().filter(|pods| pods.stay()).collect();
            let [first, second, ..] = pods.as_slice() else { continue };
            let called =
                |pods: &Pods<'_>| format!("{} `{}`", pods.judged.0.id.kind, pods.judged.0.id.name);
            let message = format!(
                "pods of {} and of {} answer Service `{}`",
                called(first),
                called(second),
                judged.0.id.name
            );
            let problem = Problem::new(Code::ANSWERED_BY_TWO, message);
            let note =
                "a caller may get either of them; while one is not ready, the other gets all";
            let help = "let the Service ask for a label that the pods of one workload have";
            // Whoever came second is to blame: our own Services ask for what only ours have.
            let blamed =
                if judged.0.own { (at, path(place)) } else { (second.at, second.path_of(&[])) };
            found.push((
                blamed.0,
                Problem {
                    path: blamed.1,
                    note: Some(note.to_owned()),
                    help: Some(help.to_owned()),
                    ..problem
                },
            ));
        }
        self.two_budgets(found);
        self.two_autoscalers(found);
    }

    fn two_budgets(&self, found: &mut Vec<Found>) {
        let budgets: Vec<(usize, Judged<'_>, Selector)> = self
            .of_kind("PodDisruptionBudget")
            .filter_map(|(at, judged)| Some((at, judged, selector(judged)?.1)))
            .collect();
        let mut told = BTreeSet::new();
        for pods in &self.pods {
            let mut over: Vec<_> =
                budgets.iter().filter(|(.., selector)| selector.selects(&pods.labels)).collect();
            // That of the user's last.
            over.sort_by_key(|(at, judged, _)| (judged.0.own, *at));
            let [(_, first, _), .., (at, last, _)] = over.as_slice() else { continue };
            if !told.insert(*at) {
                continue;
            }
            let message = format!(
                "`{}` and `{}` are two disruption budgets over the same pods",
                first.0.id.name, last.0.id.name
            );
            let note =
                "the API server evicts no pod that has two: every drain of its node waits for ever";
            found.push((
                *at,
                governed(
                    message,
                    &["spec", "selector"],
                    note,
                    "keep one of them; `[patch.pod-disruption-budget]` changes that of the service",
                ),
            ));
        }
    }

    fn two_autoscalers(&self, found: &mut Vec<Found>) {
        let mut over: BTreeMap<(&str, &str), Vec<(usize, Judged<'_>)>> = BTreeMap::new();
        let scalers = self.of_kind("HorizontalPodAutoscaler").chain(self.of_kind("ScaledObject"));
        for (at, judged) in scalers {
            let Some(target) = judged.0.value.at(&["spec", "scaleTargetRef"]) else { continue };
            let kind = match text(target, "kind") {
                "" => "Deployment",
                kind => kind,
            };
            over.entry((kind, text(target, "name"))).or_default().push((at, judged));
        }
        for ((kind, name), mut scalers) in over {
            scalers.sort_by_key(|(at, judged)| (judged.0.own, *at));
            let [(_, first), .., (at, last)] = scalers.as_slice() else { continue };
            let message = format!(
                "{} `{}` and {} `{}` scale one {kind}, `{name}`",
                first.0.id.kind, first.0.id.name, last.0.id.kind, last.0.id.name
            );
            let note = "each undoes what the other one does";
            found.push((
                *at,
                governed(
                    message,
                    &["spec", "scaleTargetRef"],
                    note,
                    "keep one of them; `[capacity] autoscale` takes several metrics",
                ),
            ));
        }
    }

    /// What containers are given of the ConfigMaps that are among the objects.
    fn given(&self, found: &mut Vec<Found>) {
        let maps: BTreeMap<&str, (usize, Judged<'_>)> = self
            .of_kind("ConfigMap")
            .map(|(at, judged)| (judged.0.id.name.as_str(), (at, judged)))
            .collect();
        if maps.is_empty() {
            return;
        }
        for pods in &self.pods {
            for (list, index, container) in pods.containers() {
                let place = [list.to_owned(), index.to_string()];
                keys(pods, &maps, container, &place, found);
                environment(pods, &maps, container, &place, found);
            }
            let volumes = pods.spec.get("volumes").map(Value::items).unwrap_or_default();
            for (index, volume) in volumes.iter().enumerate() {
                let Some(map) = volume.get("configMap") else { continue };
                let items = map.get("items").map(Value::items).unwrap_or_default();
                for (item, entry) in items.iter().enumerate() {
                    let steps = [
                        "volumes",
                        &index.to_string(),
                        "configMap",
                        "items",
                        &item.to_string(),
                        "key",
                    ];
                    let place = pods.path_of(&steps);
                    missing_key(pods.at, &maps, (text(map, "name"), entry, map), place, found);
                }
            }
        }
    }
}

fn governed(message: String, place: &[&str], note: &str, help: &str) -> Problem {
    let problem = Problem::new(Code::GOVERNED_TWICE, message);
    Problem {
        path: path(place),
        note: Some(note.to_owned()),
        help: Some(help.to_owned()),
        unless_accepted: true,
        ..problem
    }
}

type Maps<'a> = BTreeMap<&'a str, (usize, Judged<'a>)>;

/// Keys of ConfigMaps that are not there.
fn keys(
    pods: &Pods<'_>,
    maps: &Maps<'_>,
    container: &Value,
    place: &[String; 2],
    found: &mut Vec<Found>,
) {
    let variables = container.get("env").map(Value::items).unwrap_or_default();
    for (index, variable) in variables.iter().enumerate() {
        let Some(from) = variable.at(&["valueFrom", "configMapKeyRef"]) else { continue };
        let steps = [
            &place[0],
            &place[1],
            "env",
            &index.to_string(),
            "valueFrom",
            "configMapKeyRef",
            "key",
        ];
        let place = pods.path_of(&steps);
        missing_key(pods.at, maps, (text(from, "name"), from, from), place, found);
    }
}

/// `of` has the name of a map, what has the key, and what says whether it is optional.
fn missing_key(
    at: usize,
    maps: &Maps<'_>,
    (name, entry, of): (&str, &Value, &Value),
    path: Vec<String>,
    found: &mut Vec<Found>,
) {
    let Some((_, (map, _))) = maps.get(name) else { return };
    let key = text(entry, "key");
    let all = || {
        ["data", "binaryData"]
            .into_iter()
            .flat_map(|list| map.value.get(list).map(Value::entries).unwrap_or_default())
    };
    if of.get("optional") == Some(&Value::Bool(true)) || all().any(|(known, _)| known == key) {
        return;
    }
    let message = format!("ConfigMap `{name}` has no key `{key}`");
    let known: Vec<&str> = all().map(|(key, _)| key.as_str()).collect();
    let problem = Problem::new(Code::POD_NEVER_STARTS, message);
    found.push((
        at,
        Problem {
            path,
            note: Some("the kubelet starts no container before it has it".to_owned()),
            help: Some(crate::diag::did_you_mean(key, known.iter().copied())),
            ..problem
        },
    ));
}

/// What the kernel is given of ConfigMaps.
fn environment(
    pods: &Pods<'_>,
    maps: &Maps<'_>,
    container: &Value,
    place: &[String; 2],
    found: &mut Vec<Found>,
) {
    let mut all = 0;
    for from in container.get("envFrom").map(Value::items).unwrap_or_default() {
        let name = from.at(&["configMapRef", "name"]).and_then(Value::as_str).unwrap_or_default();
        let Some((at, (map, _))) = maps.get(name) else { continue };
        for (key, value) in map.value.get("data").map(Value::entries).unwrap_or_default() {
            let bytes =
                text(from, "prefix").len() + key.len() + 1 + value.as_str().map_or(0, str::len);
            all += bytes + 1 + 8;
            if bytes + 1 > LONGEST_STRING {
                let message = format!(
                    "`{key}` with its value has {bytes} bytes, {} are the most of a variable",
                    LONGEST_STRING - 1
                );
                found.push((*at, too_long(message, path(&["data", key]))));
            }
        }
    }
    let own = ["command", "args", "env"]
        .into_iter()
        .flat_map(|list| container.get(list).map(Value::items).unwrap_or_default());
    let own: usize = own
        .map(|item| {
            item.as_str()
                .map_or_else(|| text(item, "name").len() + text(item, "value").len() + 1, str::len)
                + 9
        })
        .sum();
    if all > 0 && all + own > STRINGS {
        let message = format!(
            "a container is given {} bytes of arguments and environment, {STRINGS} are the most",
            all + own
        );
        found.push((pods.at, too_long(message, pods.path_of(&[&place[0], &place[1], "envFrom"]))));
    }
}

fn too_long(message: String, path: Vec<String>) -> Problem {
    let problem = Problem::new(Code::ARGUMENTS_TOO_LONG, message);
    Problem {
        path,
        note: Some("the kernel starts no process with more: the container ends with `argument list too long`".to_owned()),
        help: Some("mount the ConfigMap as files".to_owned()),
        ..problem
    }
}
