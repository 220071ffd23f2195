//! The keys that other tools have for a service.

use super::Ours::{self, Field, Needless, NoField};

/// The keys of a service, wherever they stand. The last words of a row are the answer to the others.
pub(super) const SERVICE: &[(&[&str], Ours)] = &[
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
