//! Values that differ and mean the same.

use crate::import::group::Fate;
use crate::import::guess::ports_of;
use crate::import::locate::Finder;
use crate::import::object;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

impl Finder<'_> {
    /// Whether two values that differ mean the same, or the new one only adds to the old one.
    pub(super) fn alike(
        &self,
        at: usize,
        general: &str,
        (old, new): (&Value, &Value),
        emitted: usize,
    ) -> bool {
        let empty = |value: &Value| matches!(value, Value::Map(entries) if entries.is_empty());
        if empty(old) && matches!(new, Value::Map(_)) {
            return true;
        }
        let amounts = ["resources.", "sizeLimit", "averageValue", "target.value"];
        if amounts.iter().any(|amount| general.contains(amount)) {
            let amounts = (Quantity::of(old), Quantity::of(new));
            return matches!(amounts, (Some(old), Some(new)) if old == new);
        }
        if general.ends_with("Probe.httpGet.port")
            || general.ends_with("Probe.tcpSocket.port")
            || general.ends_with("Probe.grpc.port")
            || general.ends_with("ports[].targetPort")
        {
            return self.same_port(at, (old, new), emitted);
        }
        let scalars = (object::scalar(old), object::scalar(new));
        if general.ends_with("volumeMounts[].mountPath") {
            let plain = |path: Option<&str>| path.map(|path| path.trim_end_matches('/').to_owned());
            return plain(scalars.0.as_deref()) == plain(scalars.1.as_deref());
        }
        matches!(scalars, (Some(old), Some(new)) if old == new && general.contains(".env[].value"))
    }

    /// Whether a port by name or number is the same port of the container.
    fn same_port(&self, at: usize, (old, new): (&Value, &Value), emitted: usize) -> bool {
        let Fate::Service(group) = self.context.groups.fates[at] else { return false };
        let listened = ports_of(self.context, group);
        let source = object::pod(&self.context.objects[self.context.groups.groups[group].workload]);
        let number = |pod: Option<&Value>, port: &Value| {
            let by_name =
                pod.into_iter().flat_map(object::containers).find_map(|(_, container)| {
                    let named =
                        |one: &&Value| one.get("name").is_some() && one.get("name") == Some(port);
                    object::number(
                        object::items(container, "ports").iter().find(named)?.get("containerPort"),
                    )
                });
            object::number(Some(port)).or(by_name)
        };
        let workload = match self.emitted[emitted].value.at(&["spec", "template", "spec"]) {
            Some(_) => Some(emitted),
            None => self.workload_of(group),
        };
        let there =
            workload.and_then(|at| self.emitted[at].value.at(&["spec", "template", "spec"]));
        let (old, new) = (number(source, old), number(there, new));
        old.is_some()
            && old == new
            && listened.iter().any(|port| Some(i64::from(port.number)) == old)
    }
}
