//! What other tools call things, and how they are written here.
//!
//! A row is for every spelling of its words: `minReplicas`, `min-replicas` and `min_replicas` are
//! one. The words are those of Kubernetes, Helm charts, Compose and Score.

/// How it is written here.
enum Ours {
    /// A field, as a sentence.
    Field(&'static str),
    /// No field says it.
    NoField,
    /// No field says it, and none is needed: why.
    Needless(&'static str),
}

use Ours::{Field, Needless, NoField};

/// What is answered to a need that no field says.
const OTHERWISE: &str = "no field says it; of an object that is there, a patch can \
    (`[patch.deployment.spec.template.spec]`), and an object of its own is one of `[[manifests]]`";

/// The keys of a service, wherever they stand. The last words of a row are the answer to the others.
const SERVICE: &[(&[&str], Ours)] = &[
    // how large
    (
        &["replicas", "replicacount", "replicascount", "numreplicas", "instances"],
        Field(
            "write how many replicas carry the peak: `peak = 3` in `[capacity]`; the tier adds those that a loss takes",
        ),
    ),
    (
        &[
            "resources",
            "requests",
            "limits",
            "reservations",
            "cpurequest",
            "memoryrequest",
            "cpulimit",
            "memorylimit",
            "mem",
            "memlimit",
        ],
        Field(
            "write what a replica needs: `cpu = \"500m\"` and `memory = \"512Mi\"` in `[capacity]`; what it may use is `cpu_limit` and `memory_limit`",
        ),
    ),
    (
        &["cpu", "cpus", "memory"],
        Field("write it in `[capacity]`: `capacity = { cpu = \"500m\", memory = \"512Mi\" }`"),
    ),
    (
        &["minreplicas"],
        Field("write `min` in `capacity.autoscale`: `autoscale = { min = 3, max = 12 }`"),
    ),
    (&["maxreplicas"], Field("write `max` in `capacity.autoscale`: `autoscale = { max = 12 }`")),
    (
        &["autoscaling", "autoscaler", "autoscale", "hpa", "horizontalpodautoscaler", "scaling"],
        Field("write `autoscale = { max = 12 }` in `[capacity]`"),
    ),
    (
        &["targetcpu", "targetcpuutilizationpercentage", "averageutilization"],
        Field("write `cpu = 70` in `capacity.autoscale`"),
    ),
    // what it is given
    (
        &["env", "envs", "envvars", "environmentvariables", "variables", "vars"],
        Field("write environment variables in `[config]`: `LOG_LEVEL = \"info\"`"),
    ),
    (
        &["environment"],
        Field(
            "write environment variables in `[config]`: `LOG_LEVEL = \"info\"`; what differs in another environment, in `[environments.staging]`",
        ),
    ),
    (
        &["profile", "profiles", "stage", "stages"],
        Field("write what differs in another environment in `[environments.staging]`"),
    ),
    (
        &["fieldref", "fieldpath", "downwardapi", "valuefrom"],
        Field("write it in `[config]`: `POD_IP = { field = \"status.podIP\" }`"),
    ),
    (
        &["resourcefieldref"],
        Field("write it in `[config]`: `GOMEMLIMIT = { resource = \"limits.memory\" }`"),
    ),
    (
        &["configmap", "configmaps", "configmapref", "envfrom", "envfile", "configs"],
        Field(
            "write environment variables in `[config]`, and files as `[[files]]`; their ConfigMaps are made",
        ),
    ),
    (
        &[
            "secret",
            "secretref",
            "secretkeyref",
            "externalsecret",
            "externalsecrets",
            "secretmounts",
        ],
        Field(
            "name a Secret of the cluster: `[[secrets]]`, `name = \"…\"`, and `mount = \"/etc/secrets/…\"` or `env = true`; for one key, in `[config]`, `PASSWORD = { secret = \"…\", key = \"…\" }`",
        ),
    ),
    (
        &["file", "configfiles", "mountedfiles"],
        Field("write `[[files]]` with `name`, `path` and `content`"),
    ),
    (&["entrypoint"], Field("write `command = [\"…\"]`")),
    (&["cmd", "arguments"], Field("write `args = [\"…\"]`")),
    (
        &["tag", "imagetag", "digest", "build"],
        Field("write it in `image`, by digest: `registry.example.com/shop/checkout@sha256:…`"),
    ),
    (
        &["imagepullpolicy", "pullpolicy"],
        Needless("an image by digest is the same wherever it is pulled"),
    ),
    // what it keeps
    (
        &["volumemounts", "volumesmounts", "mounts", "mountpath"],
        Field(
            "write `path` beside the volume, file or Secret that appears there: `[[volumes]]`, `[[files]]`, `[[secrets]]`, `[[scratch]]`",
        ),
    ),
    (
        &[
            "volumeclaimtemplates",
            "persistence",
            "persistentvolumeclaim",
            "persistentvolumeclaims",
            "pvc",
            "storage",
            "disk",
            "disks",
        ],
        Field("write `kind = \"stateful\"`, and `[[volumes]]` with `name`, `path` and `size`"),
    ),
    (
        &["storageclass", "storageclassname"],
        Field("write `class` in `[[volumes]]`; the fleet's `storage` has the classes"),
    ),
    (&["emptydir", "tmpfs", "tmp", "cache"], Field("write `[[scratch]]` with `path` and `size`")),
    (
        &["database", "postgres", "postgresql", "db"],
        Field("write `[data.postgresql]` with `image` and `size`"),
    ),
    (
        &["backups", "velero", "snapshots", "snapshotschedule"],
        Field("write `[backup]`: its `every` and `keep` follow from RPO and tier"),
    ),
    // who reaches it, and what it calls
    (
        &[
            "ingress",
            "ingresses",
            "host",
            "hosts",
            "hostname",
            "hostnames",
            "domain",
            "domains",
            "route",
            "routes",
            "httproute",
            "virtualservice",
            "gateway",
        ],
        Field("write `[traffic]` with `hosts = [\"shop.example.com\"]`"),
    ),
    (
        &["tls", "certificate", "certificates", "tlssecret"],
        Field("write `certificate` in `[traffic]`"),
    ),
    (
        &["containerport", "containerports", "expose", "targetport", "port", "service"],
        Field("write `[[ports]]` with `name = \"http\"` and `port = 8080`"),
    ),
    (
        &[
            "networkpolicy",
            "networkpolicies",
            "egress",
            "dependencies",
            "requires",
            "links",
            "networks",
        ],
        Field(
            "write what it calls: `[[depends_on]]` with `service`, or with `host`, `cidr` or `namespace` and `tcp`; and who calls it: `[[called_by]]` with `namespace`; everything else is closed",
        ),
    ),
    // how one sees that it works
    (
        &["readinessprobe", "readiness"],
        Field("write `ready = \"/ready\"` in `[probes]`, or a command: `ready = [\"…\"]`"),
    ),
    (
        &["livenessprobe", "liveness"],
        Field("write `live = \"/alive\"` in `[probes]`, or a command: `live = [\"…\"]`"),
    ),
    (
        &["startupprobe", "initialdelayseconds", "startperiod"],
        Field(
            "write `start_within = \"2m\"` in `[probes]`, and `start` where it is asked another way",
        ),
    ),
    (
        &["periodseconds"],
        Field("write `every = \"10s\"` in `[probes]`, the time between two checks"),
    ),
    (
        &["timeoutseconds"],
        Field("write `timeout = \"5s\"` in `[probes]`, after which a check has failed"),
    ),
    (
        &["healthcheck", "healthchecks", "health", "probe"],
        Field(
            "write `[probes]` with `ready` and `live`: a path, a command, `{ grpc = \"grpc\" }` or `{ tcp = \"http\" }`",
        ),
    ),
    // how it ends, ships and gets back
    (
        &[
            "terminationgraceperiodseconds",
            "terminationgraceperiod",
            "stopgraceperiod",
            "gracefulshutdown",
            "shutdown",
            "prestop",
            "lifecycle",
        ],
        Field("write how long work in flight may take: `drain = \"30s\"`"),
    ),
    (
        &["strategy", "updatestrategy", "deploymentstrategy", "rollingupdate", "deploy"],
        Field(
            "write how a change ships in `rollout`, and how it gets back after the loss of a region in `recovery`",
        ),
    ),
    (&["slo", "sla", "availability", "criticality"], Field("write `tier`, `rpo` and `rto`")),
    (&["owner", "owners", "maintainer", "maintainers", "squad"], Field("write `team = \"…\"`")),
    (
        &["az", "azs", "zones", "availabilityzones"],
        Field(
            "the fleet has the zones of each region, and the tier says what must survive: write `regions` and `tier`",
        ),
    ),
    (
        &["pdb", "poddisruptionbudget", "disruptionbudget"],
        Needless("each service has a disruption budget, which follows from its tier"),
    ),
    (
        &["topologyspreadconstraints", "podantiaffinity", "antiaffinity"],
        Needless("replicas are spread over zones and nodes as the tier says"),
    ),
    (
        &["minreadyseconds", "maxsurge", "maxunavailable"],
        Needless("the tier says how a rollout goes on; the fleet may change it in `[tiers]`"),
    ),
    (
        &["priorityclass", "priorityclassname"],
        Field("the tier says it: `priority_class` in `[tiers.…]` of the fleet"),
    ),
    (&["restart", "restartpolicy"], Needless("a replica that ends is started again")),
    (
        &["revisionhistorylimit"],
        Needless("former generations stay in the tree until `ninefold retire`"),
    ),
    (
        &[
            "securitycontext",
            "podsecuritycontext",
            "containersecuritycontext",
            "privileged",
            "runasnonroot",
            "capabilities",
            "capadd",
            "capdrop",
        ],
        Needless("every pod fits the Pod Security level `restricted`"),
    ),
    (
        &["serviceaccount", "serviceaccountname"],
        Field(
            "each service has a ServiceAccount of its own name; another one is `service_account` in `[pod]`, and that of another service or of a manifest with `shared_account = true`",
        ),
    ),
    (
        &["automountserviceaccounttoken", "rbac"],
        Field("write `token = true` in `[pod]`, for a token of the API server and a way to it"),
    ),
    (
        &["runasuser", "runasgroup", "fsgroup", "user"],
        Field("write `user`, `group` or `fs_group` in `[pod]`"),
    ),
    (&["readonlyrootfilesystem"], Field("write `read_only_root = false` in `[pod]`")),
    (&["apiversion", "spec"], Needless("a spec says what is wanted, the manifests are made")),
    (
        &["cronjob", "cronjobs", "cron", "schedule", "job"],
        Field("write `[[jobs]]`, with `name`, `schedule = \"0 3 * * *\"` and `command`"),
    ),
    (
        &["initcontainers", "initcontainer"],
        Field("write `[[init]]`, with `name` and `command`: what ends before it starts"),
    ),
    (
        &["sidecar", "extracontainers", "containers", "container"],
        Field("write `[[sidecars]]`, with `name` and `image`: what runs beside it"),
    ),
    // what no field says
    (
        &["imagepullsecrets", "imagepullsecret", "pullsecrets"],
        Field(
            "the fleet says it for each registry: `registries = [{ host = \"…\", pull_secret = \"…\" }]` in its region",
        ),
    ),
    (
        &["labels", "annotations", "podlabels", "podannotations", "commonlabels"],
        Field(
            "write `[metadata.pod]`, `[metadata.service]` or `[metadata.all]`, with `labels` and `annotations`",
        ),
    ),
    (
        &[
            "nodeselector",
            "tolerations",
            "affinity",
            "nodeaffinity",
            "nodepool",
            "nodegroup",
            "pool",
        ],
        Field(
            "write `pool = \"…\"` in `[placement]`; the fleet declares the `pools` of a region, with their labels and taints",
        ),
    ),
    (&["runtimeclassname"], NoField),
    (
        &[
            "hostaliases",
            "extrahosts",
            "dnspolicy",
            "dnsconfig",
            "hostnetwork",
            "hostport",
            "nodeport",
            "hostpid",
            "hostipc",
            "shareprocessnamespace",
            "schedulername",
            "terminationmessagepath",
            "poststart",
            "ulimits",
            "devices",
            "sessionaffinity",
            "externaltrafficpolicy",
            "loadbalancerip",
        ],
        NoField,
    ),
    (
        &["clusterip", "headlessservice"],
        Field("write `headless = true` at the top, for a Kubernetes Service without an address"),
    ),
    (
        &["sysctls", "sysctl", "netbindservice"],
        Field(
            "write `low_ports = true` in `[pod]`, to listen below 1024; others, a patch can say: `[patch.deployment.spec.template.spec.securityContext]`",
        ),
    ),
    (
        &["servicemonitor", "podmonitor", "metrics", "monitoring", "prometheus"],
        Field("write `scrape = true` at the port that has the metrics, in `[[ports]]`"),
    ),
    (
        &["extraobjects", "extramanifests", "rawresources"],
        Field(
            "write the objects into a file and name it: `[[manifests]]`, `path = \"manifests/own.yaml\"`",
        ),
    ),
    (
        &["patches", "overlays", "overrides"],
        Field("name the object by its file in the tree: `[patch.deployment.spec.template.spec]`"),
    ),
    (
        &["keda", "triggers", "scaledobject", "scaledobjects"],
        Field("write `triggers = [{ type = \"…\", metadata = { … } }]` in `capacity.autoscale`"),
    ),
];

/// What is said of a key that nobody knows, at the top of a service.
pub(super) const UNKNOWN: &str = "what no field says, a patch of an object can \
    (`[patch.deployment.spec.template.spec]`), or an object in a file of `[[manifests]]`";

/// The keys of one table of a service, where they mean something else than at the top.
const TABLES: &[(&str, &[&str], &str)] = &[
    (
        "depends_on",
        &["name", "url", "address", "hostname", "ip"],
        "name a service of the fleet: `service = \"…\"`; or, with `tcp = [443]`, what no spec describes: `host`, `cidr`, or `namespace` and `labels`",
    ),
    (
        "traffic",
        &["path", "paths", "rules", "backend", "backends"],
        "write `routes = [{ path = \"/api\", port = \"api\" }]`",
    ),
    ("traffic", &["host"], "write `hosts = [\"shop.example.com\"]`"),
    (
        "routes",
        &["pathtype", "prefix", "pathprefix", "match", "matches"],
        "write the beginning in `path`: it leads here with everything below it",
    ),
    (
        "routes",
        &["hosts", "hostname", "hostnames"],
        "write one `host`; without it, the route is for all of `hosts`",
    ),
    (
        "routes",
        &["service", "backend", "targetport", "containerport"],
        "write the name of a port of this service in `port`",
    ),
    ("routes", &["tls", "secret", "secretname", "tlssecret"], "write the Secret in `certificate`"),
    ("routes", &["annotations"], "write them for all routes of the service: `[metadata.route]`"),
    (
        "called_by",
        &["service", "name", "host", "cidr", "tcp", "port"],
        "for pods that no spec describes, write their `namespace` and `labels`, and the names of ports; a service writes in its own spec what it calls: `[[depends_on]]`",
    ),
    (
        "ports",
        &["metrics", "prometheus", "monitor"],
        "write `scrape = true`, or the path of the metrics",
    ),
    (
        "ports",
        &["containerport", "targetport", "number"],
        "write `port`, and `service` for the port of the Service if it is another",
    ),
    (
        "jobs",
        &["cron", "every", "interval"],
        "write the five fields of cron: `schedule = \"0 3 * * *\"`",
    ),
    (
        "jobs",
        &["concurrencypolicy", "concurrency"],
        "write `overlap`: `forbid`, `allow` or `replace`",
    ),
    (
        "jobs",
        &["activedeadlineseconds", "timeout"],
        "write the longest that it may take: `deadline = \"1h\"`",
    ),
    ("jobs", &["backofflimit"], "write how often it is tried again: `retries = 2`"),
    (
        "jobs",
        &["ttlsecondsafterfinished", "ttl"],
        "write how long a run that has ended stays: `keep = \"1d\"`",
    ),
    (
        "jobs",
        &["successfuljobshistorylimit", "failedjobshistorylimit"],
        "write how many runs that have ended stay: `history = 3`",
    ),
    (
        "jobs",
        &["resources", "limits", "requests"],
        "write `cpu` and `memory`, and what it may use in `cpu_limit` and `memory_limit`",
    ),
    ("jobs", &["restartpolicy"], "write `restart`: `never` or `on-failure`"),
    (
        "jobs",
        &["initcontainers", "initcontainer", "before"],
        "write `[[jobs.init]]`, with `name` and `command`: what ends before it starts",
    ),
    ("jobs", &["env", "environment"], "write `config`"),
    (
        "jobs",
        &["labels", "annotations", "metadata"],
        "write them for all jobs of the service: `[metadata.job]`",
    ),
    ("jobs", &["suspend", "region", "regions"], "write `where`: `primary` or `everywhere`"),
    (
        "init",
        &["volumemounts", "volumes"],
        "write `mounts`, with paths of the service's own mounts",
    ),
    ("init", &["env", "environment"], "write `config`"),
    ("init", &["resources"], "write `cpu` and `memory`"),
    (
        "sidecars",
        &["volumemounts", "volumes"],
        "write `mounts`, with paths of the service's own mounts",
    ),
    ("sidecars", &["env", "environment"], "write `config`"),
    ("sidecars", &["resources"], "write `cpu` and `memory`"),
    ("sidecars", &["restartpolicy"], "leave it out: a sidecar stays, what is in `[[init]]` ends"),
    ("volumes", &["mountpath", "mount", "target"], "write where it appears in `path`"),
    ("volumes", &["storageclass", "storageclassname"], "write its storage class in `class`"),
    ("volumes", &["storage", "capacity", "requests"], "write `size = \"10Gi\"`"),
    ("files", &["mountpath", "mount", "target"], "write where it appears in `path`"),
    (
        "files",
        &["defaultmode", "permissions", "chmod", "executable"],
        "write who may read and run it in `mode`: `\"0755\"`",
    ),
    (
        "secrets",
        &["defaultmode", "permissions", "chmod"],
        "write who may read them in `mode`: `\"0400\"`",
    ),
    ("scratch", &["emptydir", "sizelimit", "limit"], "write the most that fits in `size`"),
    ("scratch", &["inmemory", "ram", "tmpfs"], "write `medium = \"memory\"`"),
    ("files", &["data", "text", "source", "from"], "write what is in it in `content`"),
    (
        "secrets",
        &["path", "mountpath", "target"],
        "write the folder in which its keys appear in `mount`",
    ),
    ("scratch", &["mountpath", "mount"], "write where it appears in `path`"),
    ("autoscale", &["minreplicas"], "write `min`"),
    ("autoscale", &["maxreplicas"], "write `max`"),
    (
        "autoscale",
        &["targetcpu", "targetcpuutilizationpercentage", "averageutilization"],
        "write `cpu = 70`, in percent",
    ),
    (
        "autoscale",
        &["targetmemory", "targetmemoryutilizationpercentage"],
        "write `memory = 70`, in percent",
    ),
    ("autoscale", &["behaviour"], "write `behavior`"),
    ("behavior", &["scaleup", "scaledown"], "write `up` and `down`"),
    ("up", &["stabilizationwindowseconds"], "write `stabilize = \"1m\"`"),
    ("down", &["stabilizationwindowseconds"], "write `stabilize = \"5m\"`"),
    (
        "metrics",
        &["type", "name", "metric"],
        "write the name of the metric in `external`, `pods` or `object`",
    ),
    ("metrics", &["value", "averagevalue", "threshold"], "write it in `target`"),
    (
        "triggers",
        &["authenticationref"],
        "write the name of the TriggerAuthentication in `authentication`",
    ),
    (
        "probes",
        &["path", "http", "httpget", "exec"],
        "write `ready` and `live`: a path such as `\"/ready\"`, or a command",
    ),
    (
        "backup",
        &["schedule", "cron", "interval"],
        "write the time between backups: `every = \"1h\"`",
    ),
    ("backup", &["retention", "ttl"], "write how long a backup is kept: `keep = \"30d\"`"),
];

/// The keys of the fleet.
const FLEET: &[(&[&str], Ours)] = &[
    (
        &["env", "stage"],
        Field("write `environment = \"staging\"` in `[regions.…]`; specs say the rest"),
    ),
    (&["clusters", "locations"], Field("write `[regions.…]`, one for each cluster")),
    (
        &["k8sversion", "kubernetesversion", "clusterversion", "version"],
        Field("write `kubernetes = \"1.34\"`"),
    ),
    (
        &["cloud", "cloudprovider", "platform"],
        Field("write `provider`: azure, aws, google or other"),
    ),
    (
        &["nodepools", "nodegroups", "nodepool"],
        Field(
            "write `pools = [{ name = \"gpu\", nodes = 2, cpu = \"60\", memory = \"240Gi\", labels = { pool = \"gpu\" }, taints = [\"gpu:NoSchedule\"] }]`; and `zones` for the nodes that every service may use",
        ),
    ),
    (
        &["availabilityzones", "azs", "nodes"],
        Field("write `zones = [{ name = \"…\", nodes = 3, cpu = \"24\", memory = \"96Gi\" }]`"),
    ),
    (
        &["storageclasses", "storageclass", "volumes"],
        Field(
            "write `storage = [{ name = \"…\", topology = \"zone\", binding = \"wait-for-first-consumer\" }]`",
        ),
    ),
    (
        &["velero", "backups", "backuplocations", "backupstoragelocation"],
        Field("write `[regions.….backup]` with `locations`"),
    ),
    (
        &["ingress", "ingressclass", "ingressclassname", "gatewayclass", "loadbalancer"],
        Field(
            "write `entry = { gateway = \"…\" }`, or `entry = { class = \"…\" }` for an IngressClass",
        ),
    ),
    (&["jurisdiction", "country", "continent"], Field("write `geography`")),
    (&["gitops", "engine", "argocd", "flux"], Field("write `delivery`: argo-cd, flux or kubectl")),
];

/// Which table a document is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::spec) enum Subject {
    /// A service.
    Service,
    /// The fleet.
    Fleet,
    /// The record of a drill, which no other tool writes.
    Record,
}

/// What to write instead of a key that other tools have.
pub(super) fn answer(subject: Subject, key: &str) -> Option<String> {
    let rows = match subject {
        Subject::Service => SERVICE,
        Subject::Fleet => FLEET,
        Subject::Record => return None,
    };
    let plain = plain(key);
    let (_, ours) = rows.iter().find(|(theirs, _)| theirs.contains(&plain.as_str()))?;
    Some(match ours {
        Field(sentence) => (*sentence).to_owned(),
        NoField => OTHERWISE.to_owned(),
        Needless(why) => format!("remove it: {why}"),
    })
}

/// The same for a key in the table `above`, where that has an answer of its own.
pub(super) fn answer_in(subject: Subject, above: &str, key: &str) -> Option<String> {
    let plain = plain(key);
    let row = TABLES.iter().find(|(table, theirs, _)| {
        *table == above && theirs.contains(&plain.as_str()) && subject == Subject::Service
    });
    row.map(|(.., ours)| (*ours).to_owned())
}

/// The key of `known` that is `key` in another spelling: `dependsOn` for `depends_on`.
pub(super) fn respelled<'a>(
    key: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = plain(key);
    known.into_iter().find(|known| plain(known) == wanted)
}

/// A key without its spelling.
fn plain(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::schema;

    #[test]
    fn keys_of_other_tools_are_answered_in_every_spelling() {
        let service = |key| answer(Subject::Service, key).unwrap_or_default();
        for (key, ours) in [
            ("replicas", "`peak = 3` in `[capacity]`"),
            ("replicaCount", "`peak = 3` in `[capacity]`"),
            ("replicas_count", "`peak = 3` in `[capacity]`"),
            ("env", "`[config]`"),
            ("environment", "`[environments.staging]`"),
            ("profiles", "`[environments.staging]`"),
            ("resources", "`[capacity]`"),
            ("minReplicas", "`capacity.autoscale`"),
            ("max-replicas", "`capacity.autoscale`"),
            ("readiness_probe", "`[probes]`"),
            ("livenessProbe", "`[probes]`"),
            ("host", "`[traffic]`"),
            ("volume_mounts", "`[[volumes]]`"),
            ("volumes_mounts", "`[[volumes]]`"),
            ("configMap", "`[[files]]`"),
            ("security_context", "`restricted`"),
            ("image_pull_secrets", "`registries = [{ host = \"…\", pull_secret = \"…\" }]`"),
            ("cronjob", "`[[jobs]]`"),
            ("initContainers", "`[[init]]`"),
            ("extraContainers", "`[[sidecars]]`"),
            ("nodeSelector", "`pool = \"…\"` in `[placement]`"),
        ] {
            assert!(service(key).contains(ours), "{key}: {}", service(key));
        }
        assert_eq!(answer(Subject::Service, "flavour"), None);
        assert!(answer(Subject::Fleet, "nodePools").is_some_and(|ours| ours.contains("zones")));
        assert_eq!(respelled("dependsOn", ["depends_on", "data"]), Some("depends_on"));
    }

    /// A row with two answers, or about a key that is ours at the top, would never be read.
    #[test]
    fn every_word_has_one_answer_and_is_none_of_our_own_keys() {
        for (rows, schema) in [(SERVICE, &schema::SERVICE), (FLEET, &schema::FLEET)] {
            let mut words: Vec<&str> =
                rows.iter().flat_map(|(theirs, _)| *theirs).copied().collect();
            let ours = schema.pointer("/properties").and_then(|keys| keys.as_object());
            for word in &words {
                assert_eq!(*word, plain(word));
                assert!(!ours.is_some_and(|ours| ours.contains_key(*word)), "{word} is ours");
            }
            let all = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all);
        }
    }
}
