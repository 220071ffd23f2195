//! The Pod Security Standards: what the API server lets pods of a namespace be.
//!
//! Source: `k8s.io/pod-security-admission`, `policy/check_*.go`; what it says of pods for Windows is
//! left out, as none are made here.

use crate::yaml::Value;

/// The level that the pods of a namespace are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// As little as a container can do with.
    Restricted,
    /// Nothing that is known to lead out of a container.
    Baseline,
    /// Anything.
    Privileged,
}

impl Level {
    /// That of a namespace in which pods run as `root`, or in which none do.
    pub fn of(root: bool) -> Level {
        if root { Level::Baseline } else { Level::Restricted }
    }

    /// As the label of a namespace has it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Restricted => "restricted",
            Level::Baseline => "baseline",
            Level::Privileged => "privileged",
        }
    }
}

/// What the level refuses of a pod, or of one of its containers.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where it stands, from the `spec` of the pod: as far as there is something.
    pub path: Vec<String>,
    /// The name of the container; none where it is the pod's.
    pub container: Option<String>,
    /// What is wrong: `hostNetwork: true`.
    pub what: String,
    /// What to write instead, or to leave out.
    pub instead: String,
}

/// Capabilities that `baseline` lets a container add.
const ADDED: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Volumes that `restricted` lets a pod have, by the field that says what they are.
const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Settings of a pod's own kernel namespaces that touch no other pod; all levels let them pass.
pub const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// The strictest level that takes the `spec` of a pod.
pub fn needed(pod: &Value) -> Level {
    let takes = |level: &Level| refused(*level, pod).is_empty();
    [Level::Restricted, Level::Baseline].into_iter().find(takes).unwrap_or(Level::Privileged)
}

/// Everything that a level refuses of the `spec` of a pod.
pub fn refused(level: Level, pod: &Value) -> Vec<Refused> {
    let mut found = Vec::new();
    if level == Level::Privileged {
        return found;
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if is(pod.get(field), true) {
            found.push(of_pod(&[field], format!("`{field}: true`"), "leave it out"));
        }
    }
    let pods = pod.get("securityContext");
    for (index, volume) in items(pod, "volumes").iter().enumerate() {
        let kinds = volume.entries().iter().map(|(key, _)| key.as_str());
        let refused = kinds.filter(|kind| match level {
            Level::Baseline | Level::Privileged => *kind == "hostPath",
            Level::Restricted => *kind != "name" && !VOLUMES.contains(kind),
        });
        for kind in refused {
            let path = ["volumes", &index.to_string(), kind];
            let instead = "use an `emptyDir`, or a claim";
            found.push(of_pod(&path, format!("a volume of `{kind}`"), instead));
        }
    }
    let sysctls = pods.map(|context| items(context, "sysctls")).unwrap_or_default();
    for (index, sysctl) in sysctls.iter().enumerate() {
        let name = sysctl.get("name").and_then(Value::as_str).unwrap_or_default();
        if !SYSCTLS.contains(&name) {
            let path = ["securityContext", "sysctls", &index.to_string(), "name"];
            found.push(of_pod(
                &path,
                format!("the setting `{name}` of the kernel"),
                "leave it out",
            ));
        }
    }
    seccomp(pods, &mut |what, instead| {
        found.push(of_pod(&["securityContext", "seccompProfile", "type"], what, instead));
    });
    if level == Level::Restricted && is_root(pods) {
        let path = ["securityContext", "runAsUser"];
        found.push(of_pod(&path, "`runAsUser: 0`".to_owned(), "`runAsUser: 10001`"));
    }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for (index, container) in items(pod, list).iter().enumerate() {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            let mut report = |path: &[&str], what: String, instead: &str| {
                let whole = [list.to_owned(), index.to_string()].into_iter();
                found.push(Refused {
                    path: whole.chain(path.iter().map(|step| (*step).to_owned())).collect(),
                    container: Some(name.to_owned()),
                    what,
                    instead: instead.to_owned(),
                });
            };
            of_container(level, container, pods, &mut report);
        }
    }
    found
}

type Report<'a> = dyn FnMut(&[&str], String, &str) + 'a;

fn of_container(level: Level, container: &Value, pods: Option<&Value>, report: &mut Report<'_>) {
    let own = container.get("securityContext");
    let context_field = |field: &str| own.and_then(|own| own.get(field));
    let inherited = |field: &str| context_field(field).or_else(|| pods?.get(field));
    if is(context_field("privileged"), true) {
        let path = ["securityContext", "privileged"];
        report(&path, "`privileged: true`".to_owned(), "`privileged: false`");
    }
    for (index, port) in items(container, "ports").iter().enumerate() {
        let none = [Value::Int(0), Value::Null];
        if port.get("hostPort").is_some_and(|port| !none.contains(port)) {
            let path = ["ports", &index.to_string(), "hostPort"];
            report(&path, "a port of its node".to_owned(), "leave `hostPort` out");
        }
    }
    let names = |field: &str| -> Vec<&str> {
        let list = context_field("capabilities").and_then(|capabilities| capabilities.get(field));
        list.map(Value::items).unwrap_or_default().iter().filter_map(Value::as_str).collect()
    };
    for name in names("add") {
        let allowed = match level {
            Level::Baseline | Level::Privileged => ADDED.contains(&name),
            Level::Restricted => name == "NET_BIND_SERVICE",
        };
        if !allowed {
            let path = ["securityContext", "capabilities", "add"];
            report(&path, format!("the capability `{name}`"), "leave the capability out");
        }
    }
    seccomp(own, &mut |what, instead| {
        report(&["securityContext", "seccompProfile", "type"], what, instead);
    });
    if level != Level::Restricted {
        return;
    }
    if !is(context_field("allowPrivilegeEscalation"), false) {
        let path = ["securityContext", "allowPrivilegeEscalation"];
        let instead = "`allowPrivilegeEscalation: false`";
        report(&path, "a way to more privileges".to_owned(), instead);
    }
    if !names("drop").contains(&"ALL") {
        let path = ["securityContext", "capabilities", "drop"];
        let instead = "`capabilities: { drop: [\"ALL\"] }`";
        report(&path, "capabilities that are not dropped".to_owned(), instead);
    }
    if !is(inherited("runAsNonRoot"), true) {
        let path = ["securityContext", "runAsNonRoot"];
        report(&path, "a user that may be root".to_owned(), "`runAsNonRoot: true`");
    }
    if is_root(own) {
        let path = ["securityContext", "runAsUser"];
        report(&path, "`runAsUser: 0`".to_owned(), "`runAsUser: 10001`");
    }
    if inherited("seccompProfile").is_none() {
        let path = ["securityContext", "seccompProfile"];
        let instead = "`seccompProfile: { type: \"RuntimeDefault\" }`";
        report(&path, "no seccomp profile".to_owned(), instead);
    }
}

fn of_pod(path: &[&str], what: String, instead: &str) -> Refused {
    let path = path.iter().map(|step| (*step).to_owned()).collect();
    Refused { path, container: None, what, instead: instead.to_owned() }
}

/// Calls `report` for a seccomp profile that no level lets pass.
fn seccomp(context: Option<&Value>, report: &mut dyn FnMut(String, &str)) {
    let context_field = context.and_then(|context| context.at(&["seccompProfile", "type"]));
    if context_field.and_then(Value::as_str) == Some("Unconfined") {
        report(
            "an unconfined seccomp profile".to_owned(),
            "`seccompProfile: { type: \"RuntimeDefault\" }`",
        );
    }
}

fn is(value: Option<&Value>, wanted: bool) -> bool {
    value == Some(&Value::Bool(wanted))
}

fn is_root(context: Option<&Value>) -> bool {
    context.and_then(|context| context.get("runAsUser")) == Some(&Value::Int(0))
}

fn items<'a>(value: &'a Value, list: &str) -> &'a [Value] {
    value.get(list).map(Value::items).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Level, refused};
    use crate::yaml::read;

    const GOOD: &str = "
securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
volumes: [{name: a, emptyDir: {}}]
containers:
- name: app
  ports: [{containerPort: 80}]
  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}
";

    /// One change of a pod that passes, and which levels refuse what it makes.
    const CASES: &[(&str, &str, &[Level])] = &[
        ("volumes:", "hostNetwork: true\nvolumes:", BOTH),
        ("volumes:", "hostPID: true\nvolumes:", BOTH),
        ("emptyDir: {}", "hostPath: {path: /}", BOTH),
        ("emptyDir: {}", "nfs: {server: a, path: /}", RESTRICTED),
        ("RuntimeDefault", "Unconfined", BOTH),
        (", seccompProfile: {type: RuntimeDefault}", "", RESTRICTED),
        ("runAsNonRoot: true", "runAsNonRoot: false", RESTRICTED),
        ("runAsNonRoot: true", "runAsNonRoot: true, runAsUser: 0", RESTRICTED),
        ("containerPort: 80", "containerPort: 80, hostPort: 80", BOTH),
        ("allowPrivilegeEscalation: false", "privileged: false", RESTRICTED),
        (
            "allowPrivilegeEscalation: false",
            "privileged: true, allowPrivilegeEscalation: false",
            BOTH,
        ),
        ("drop: [ALL]", "drop: [KILL]", RESTRICTED),
        (
            "runAsNonRoot: true",
            "runAsNonRoot: true, sysctls: [{name: kernel.msgmax, value: '1'}]",
            BOTH,
        ),
        (
            "runAsNonRoot: true",
            "runAsNonRoot: true, sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]",
            &[],
        ),
        ("NET_BIND_SERVICE", "CHOWN", RESTRICTED),
        ("NET_BIND_SERVICE", "SYS_ADMIN", BOTH),
    ];

    const BOTH: &[Level] = &[Level::Baseline, Level::Restricted];
    const RESTRICTED: &[Level] = &[Level::Restricted];

    #[test]
    fn every_level_refuses_what_it_must() {
        let found = |level: Level, text: &str| {
            refused(level, &read::document(text).expect("it is YAML")).len()
        };
        for level in BOTH {
            assert_eq!(found(*level, GOOD), 0);
            let none = "containers: [{name: app}]";
            assert_eq!(found(*level, none), if *level == Level::Baseline { 0 } else { 4 });
        }
        for (from, to, levels) in CASES {
            assert!(GOOD.contains(from), "{from}");
            let changed = GOOD.replace(from, to);
            for level in BOTH {
                let expected = usize::from(levels.contains(level));
                assert_eq!(found(*level, &changed), expected, "{level:?}: {to}");
            }
        }
    }
}
