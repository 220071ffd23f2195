#!/usr/bin/env python3
"""Holds every leaf of three public applications against what their specs compile to.

    .ci/applications.py ORIGINALS BUILT [--page docs/applications.md [--write]] [--verbose]

ORIGINALS has online-boutique.yaml, sock-shop.yaml and podinfo.yaml, as their makers deploy them. BUILT
has a tree for each of the three, made of tests/applications/<name>/specs. It reads YAML alone, and
shares nothing with the compiler.

A leaf is also each address of a Service that a workload is given: its pods may connect.
Of each leaf it says one of: `equal`; `improved`, and why; `waits`, for a field that specs do not have
yet; `missing`. A leaf that no rule knows is missing. With --page, what is improved stands between two
marks of that page, and must be current; --write renews it.
Needs: pip install pyyaml.  Exit status: 0 nothing is missing, 1 something is, 2 could not run.
"""
import argparse, collections, pathlib, re, sys
import yaml

APPLICATIONS = ["online-boutique", "sock-shop", "podinfo"]
WORKLOADS = ("Deployment", "StatefulSet", "CronJob")
EQUAL, IMPROVED, WAITS, MISSING = "equal", "improved", "waits", "missing"

# What is said in other words, and why that does the same.
ANEW = {
    ("loadgenerator", "frontend-check", "command"): "it waits as long, by `wget` alone",
}
# Services that lead to the pods of another.
BESIDE = {"frontend-external": "frontend"}
# Leaves that are left out on purpose: application, kind, name, path; and why.
LEFT_OUT = {
    ("podinfo", "Deployment", "frontend", r"ports\[9999\]"): "nothing listens on 9999: `--grpc-port` is not among its arguments",
    ("podinfo", "Deployment", "database-replica", r"serviceAccountName$"): "an account of its own, so that what the primary and the jobs may do, it may not",
    ("podinfo", "PersistentVolumeClaim", "database-primary", r"^metadata\.labels"): "labels by which it is found, and no others: nobody can change those of a set's volumes",
}
# What no field says yet: application, path; and what would say it.
WAITING = {}


def load(paths):
    for path in paths:
        yield from (d for d in yaml.safe_load_all(path.read_text()) if d)


def quantity(text):
    """A quantity as a number."""
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", str(text)).groups()
    return float(number) * {"": 1, "m": 1e-3, "k": 1e3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}[unit]


def key(item, parent):
    """By what an item of a list is told from the others."""
    if not isinstance(item, dict): return None
    names = ("mountPath",) if parent == "volumeMounts" else ("containerPort", "port") if parent == "ports" else ("name", "key")
    return next((str(item[n]) for n in names if n in item), None)


def leaves(value, path="", parent=""):
    """Every leaf with its path; a list of plain values is one."""
    if isinstance(value, dict) and value:
        for k, v in value.items():
            step = f"[{k}]" if re.search(r"[./]", str(k)) else (f".{k}" if path else str(k))
            yield from leaves(v, path + step, k)
    elif isinstance(value, list) and any(isinstance(i, dict) for i in value):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{key(item, parent) or index}]", parent)
    else:
        yield path, value


def at(value, path, default=None):
    """What stands at a path of keys, with `list/name` for an item of a list."""
    for step in path.split("/"):
        if isinstance(value, dict): value = value.get(step)
        elif isinstance(value, list): value = next((i for i in value if key(i, "") == step), None)
        else: return default
        if value is None: return default
    return value


def containers(spec):
    return spec["containers"] + spec.get("initContainers", [])


def pod_of(document):
    spec = document["spec"]
    if document["kind"] == "CronJob": spec = spec["jobTemplate"]["spec"]
    return spec["template"]


class Emitted:
    """A tree, asked in the words of the originals."""

    def __init__(self, folder):
        paths = sorted(p for p in folder.rglob("*.yaml") if p.relative_to(folder).parts[0] != "recovery")
        self.objects = list(load(paths))

    def of(self, kind, service=None):
        for d in self.objects:
            labels = d["metadata"].get("labels", {})
            if d["kind"] == kind and (service is None or labels.get("ninefold.dev/service") == service): yield d

    def named(self, kind, name):
        """An object of that name; its own may end with a hash, and a job's begins with its service's."""
        for d in self.of(kind):
            own = d["metadata"]["name"]
            if own == name or re.fullmatch(re.escape(name) + r"-[a-z0-9]{10}", own): return d
        return next((d for d in self.of(kind) if kind == "CronJob" and d["metadata"]["name"].endswith("-" + name)), None)

    def selected(self, service):
        """The workload whose pods a Service selects."""
        selector = service["spec"]["selector"].items()
        for kind in WORKLOADS[:2]:
            for d in self.of(kind):
                if selector <= pod_of(d)["metadata"]["labels"].items(): return d

    def variables(self, container):
        """The environment of a container, as its processes see it."""
        found = {}
        for source in container.get("envFrom", []):
            if "configMapRef" in source: found.update(self.named("ConfigMap", source["configMapRef"]["name"])["data"])
        for one in container.get("env", []): found[one["name"]] = one.get("value", one.get("valueFrom"))
        return found

    def monitored(self, service):
        """The numbers of the ports at which Prometheus reads metrics."""
        ports = {p["name"]: p["containerPort"] for d in self.workloads(service) for c in containers(pod_of(d)["spec"]) for p in c.get("ports", [])}
        return {ports[e["port"]] for m in self.of("PodMonitor", service) for e in m["spec"]["podMetricsEndpoints"]}

    def workloads(self, service):
        return [d for kind in WORKLOADS[:2] for d in self.of(kind, service)]


def fits(selector, labels):
    """Whether labels are what a selector asks for, as far as policies here ask."""
    for one in (selector or {}).get("matchExpressions", []):
        if one["operator"] == "DoesNotExist" and one["key"] in labels: return False
    return (selector or {}).get("matchLabels", {}).items() <= labels.items()


def opened(emitted, way, pods, others, port):
    """Whether the policies over `pods` let them through to `others`, or from them."""
    peers, side = ("to", "egress") if way == "Egress" else ("from", "ingress")
    over = [d["spec"] for d in emitted.of("NetworkPolicy") if fits(d["spec"]["podSelector"], pods) and way in d["spec"]["policyTypes"]]
    rules = [rule for spec in over for rule in spec.get(side, [])]
    return not over or any(
        any(p["port"] == port for p in rule.get("ports", [{"port": port}]))
        and any("podSelector" in peer and fits(peer["podSelector"], others) for peer in rule.get(peers, []))
        for rule in rules)


def addresses(old, maps):
    """The addresses that the pods of a workload are given, by variables, arguments and files."""
    spec = pod_of(old)["spec"]
    said = [str(c.get(k, "")) for c in containers(spec) for k in ("env", "command", "args")]
    said += [text for v in spec.get("volumes", []) if "configMap" in v for text in maps[v["configMap"]["name"]].values()]
    said = " ".join(said)
    usual = {(name, "80") for name in re.findall(r"http://([a-z-]+)(?![\w:-])", said)}
    return sorted(usual | set(re.findall(r"\b([a-z][a-z0-9-]+):(\d+)", said)))


def ways(emitted, originals):
    """Each address of a Service that a workload is given, and whether its pods may connect."""
    services = {d["metadata"]["name"] for d in originals if d["kind"] == "Service"}
    maps = {d["metadata"]["name"]: d["data"] for d in originals if d["kind"] == "ConfigMap"}
    for old in (d for d in originals if d["kind"] in WORKLOADS):
        kind, own = old["kind"], old["metadata"]["name"]
        mine = emitted.named(kind, own) if kind == "CronJob" else emitted.workloads(own)[0]
        for name, port in addresses(old, maps):
            if name not in services: continue
            service = emitted.named("Service", name)
            target = emitted.selected(service)
            wanted = next(p["targetPort"] for p in service["spec"]["ports"] if p["port"] == int(port))
            numbers = {p["name"]: p["containerPort"] for c in containers(pod_of(target)["spec"]) for p in c.get("ports", [])}
            number = numbers.get(wanted, wanted)
            here, there = (pod_of(d)["metadata"]["labels"] for d in (mine, target))
            through = opened(emitted, "Egress", here, there, number) and opened(emitted, "Ingress", there, here, number)
            where = f"{kind} {own}: reaches {name} = {port}"
            yield (EQUAL, "", where) if through else (MISSING, "a network policy stands in the way", where)


class Judge:
    """One object of an original, beside what is emitted for it."""

    def __init__(self, application, emitted, old):
        self.application, self.emitted, self.old = application, emitted, old
        self.kind, self.name = old["kind"], old["metadata"]["name"]
        self.service = BESIDE.get(self.name, self.name)
        self.new = self.find()

    def find(self):
        if self.kind == "PersistentVolumeClaim":
            owners = [d for d in self.emitted.of("StatefulSet", self.name)]
            return next((t for d in owners for t in d["spec"].get("volumeClaimTemplates", [])), None)
        if self.kind == "ConfigMap":
            # Kustomize's own hash goes.
            return self.emitted.named("ConfigMap", re.sub(r"-[a-z0-9]{10}$", "", self.name)) or self.holding()
        return self.emitted.named(self.kind, self.service)

    def holding(self):
        """The ConfigMap of a file of that name."""
        files = set(self.old["data"])
        for d in self.emitted.of("ConfigMap"):
            if files <= set(d.get("data", {})): return d

    def leaf(self, path, value):
        for (application, kind, name, pattern), why in LEFT_OUT.items():
            if (application, kind, name) == (self.application, self.kind, self.name) and re.search(pattern, path):
                return IMPROVED, why
        for (application, pattern), what in WAITING.items():
            if application == self.application and re.search(pattern, path): return WAITS, what
        if self.new is None: return MISSING, f"no {self.kind} is made for it"
        for pattern, rule in RULES:
            match = re.fullmatch(pattern, path)
            try:
                if match and (verdict := rule(self, value, *match.groups())) is not None: return verdict
            except (LookupError, AttributeError, TypeError, StopIteration) as problem:
                return MISSING, f"what it stands in is not emitted: {problem!r}"
        return MISSING, "no rule knows it, or what is emitted does not say it"

    # What rules ask -----------------------------------------------------------------------------

    def pod(self): return pod_of(self.new)["spec"]

    def container(self, name):
        everywhere = containers(self.pod())
        own = next((c for c in everywhere if c["name"] == name), None)
        first = name == pod_of(self.old)["spec"]["containers"][0]["name"]
        return own or (next(c for c in everywhere if c["name"] == "app") if first else None)

    def old_container(self, name):
        return next(c for c in containers(pod_of(self.old)["spec"]) if c["name"] == name)

    def ports(self):
        return {p["containerPort"]: p for c in containers(self.pod()) for p in c.get("ports", [])}

    def number(self, port, pod=None):
        """The number of a port that is told by its name."""
        named = {p.get("name"): p["containerPort"] for c in containers(pod or self.pod()) for p in c.get("ports", [])}
        return named.get(port, port)


def equal(yes): return (EQUAL, "") if yes else None
def improved(yes, why): return (IMPROVED, why) if yes else None
def least(new, old, why): return equal(new == old) or improved(new is not None and new > old, why)
def high(port): return port if port >= 1024 else port + 8000


# Rules --------------------------------------------------------------------------------------------

def same(judge, value, path):
    """The same value at the same path."""
    return equal(dict(leaves(judge.new)).get(path) == value)

def image(judge, value, name):
    def parts(text):
        text, _, digest = text.partition("@")
        tail = text.rsplit("/", 1)[-1]
        return tail.partition(":")[0], tail.partition(":")[2], digest
    (name, tag, digest), (new_name, new_tag, new_digest) = parts(value), parts(judge.container(name)["image"])
    return improved((name, tag) == (new_name, new_tag) and new_digest, "by digest, from a registry of one's own: a tag may mean something else tomorrow")

def words(judge, value, name, field):
    new = judge.container(name).get(field)
    why = ANEW.get((judge.name, name, field))
    return equal(new == value) or improved(new == [w.replace("=80", "=8080") for w in value], "it listens on a port that needs no privilege; callers go on using 80") or improved(new and why, why)

def env(judge, value, name, variable):
    new = judge.emitted.variables(judge.container(name)).get(variable)
    if isinstance(new, dict): return improved("secretKeyRef" in new and re.search("PASSWORD|SECRET|TOKEN", variable), "from a Secret: no password stands in a manifest")
    return equal(new == value)

def container_port(judge, value, name, number, field):
    number = int(number)
    new = judge.ports().get(high(number))
    if not new: return None
    if field == "containerPort":
        return equal(new["containerPort"] == number) or improved(True, "it listens on a port that needs no privilege; callers go on using 80")
    return equal(new.get(field) == value)

def probe(judge, value, name, which, rest):
    container, old = judge.container(name), judge.old_container(name)[which + "Probe"]
    new = container.get(which + "Probe")
    if new is None: return None
    def takes(p): return p.get("periodSeconds", 10) * p.get("failureThreshold", 3)
    if rest == "initialDelaySeconds":
        startup = container.get("startupProbe", {})
        return improved(takes(startup) >= value, "a startup probe waits as long at worst, and no longer than it must")
    if rest == "periodSeconds":
        return equal(new["periodSeconds"] == value) or improved(takes(new) <= takes(old), "what fails is found sooner")
    if rest == "timeoutSeconds": return least(new["timeoutSeconds"], value, "it is given longer")
    if rest == "exec.command": return equal(at(new, "exec/command") == value)
    if rest in ("grpc.port", "httpGet.port", "tcpSocket.port"):
        form = rest.split(".")[0]
        if form not in new: return None
        wanted, found = judge.number(value, pod_of(judge.old)["spec"]), judge.number(new[form]["port"])
        return equal(wanted == found) or improved(found == high(wanted), "it listens on a port that needs no privilege; callers go on using 80")
    if rest == "httpGet.path": return equal(at(new, "httpGet/path") == value)
    header = re.fullmatch(r"httpGet\.httpHeaders\[(.+)\]\.(name|value)", rest)
    return header and equal(at(new, f"httpGet/httpHeaders/{header[1]}/{header[2]}") == value)

def resources(judge, value, name, side, what):
    new = at(judge.container(name), f"resources/{side}/{what}")
    return equal(new is not None and quantity(new) == quantity(value))

def security(judge, value, name, field):
    new, pod = judge.container(name).get("securityContext", {}), judge.pod().get("securityContext", {})
    if field == "capabilities.drop": return equal([c.upper() for c in at(new, "capabilities/drop", [])] == [c.upper() for c in value])
    if field == "capabilities.add":
        root = new.get("runAsUser", pod.get("runAsUser")) == 0
        none = not root and pod.get("runAsNonRoot") and not at(new, "capabilities/add")
        return improved(none, "no capability: it is its user from the start, and its port needs none")
    found = new.get(field, pod.get(field))
    if field == "privileged": return equal(bool(found) == value)
    return equal(found == value)

def pod_security(judge, value, field): return equal(at(judge.pod(), f"securityContext/{field}") == value)

def mount(judge, value, name, path):
    return equal(any(path in (m["mountPath"], m["mountPath"].rsplit("/", 1)[0]) for m in judge.container(name).get("volumeMounts", [])))

def mounts_of(judge, volume):
    """Each volume that stands where this one stood, and the items that are mounted from it."""
    for c in containers(pod_of(judge.old)["spec"]):
        for m in (m for m in c.get("volumeMounts", []) if m["name"] == volume):
            for n in judge.container(c["name"])["volumeMounts"]:
                if m["mountPath"] in (n["mountPath"], n["mountPath"].rsplit("/", 1)[0]):
                    kept = judge.pod().get("volumes", []) + [{"name": t["metadata"]["name"], "claim": t} for t in judge.new["spec"].get("volumeClaimTemplates", [])]
                    yield next(v for v in kept if v["name"] == n["name"]), n

def volume(judge, value, name, field):
    found = list(mounts_of(judge, name))
    if field == "name": return equal(bool(found))
    if field.startswith("emptyDir"):
        folders = [v.get("emptyDir", {}) for v, _ in found]
        if not folders or not all("emptyDir" in v for v, _ in found): return None
        if field == "emptyDir.medium": return equal(all(f.get("medium") == value for f in folders))
        return improved(all("sizeLimit" in f for f in folders), "no more than a limit: it cannot fill its node")
    if field.startswith("configMap"):
        maps = [(judge.emitted.named("ConfigMap", v["configMap"]["name"]), v["configMap"], m) for v, m in found if "configMap" in v]
        if not maps: return None
        if field == "configMap.name": return improved(all(d["immutable"] for d, _, _ in maps), "by a name that follows from its content: a change makes new pods, and a revert finds the old ones")
        if field == "configMap.defaultMode": return equal(all(c.get("defaultMode") == value for _, c, _ in maps))
        item = re.fullmatch(r"configMap\.items\[(.+)\]\.(key|path)", field)
        return item and equal(any(m.get("subPath") == value or not m.get("subPath") for _, _, m in maps))
    if field == "persistentVolumeClaim.claimName": return improved(any("claim" in v for v, _ in found), "a volume of the set's own: a replica has the one that it had before")

def account(judge, value):
    return equal(judge.pod()["serviceAccountName"] == value and judge.emitted.named("ServiceAccount", value) is not None)

def grace(judge, value): return least(judge.pod()["terminationGracePeriodSeconds"], value, "the tier's: time to finish what is in flight, after traffic has stopped")

def nodes(judge, value, label):
    new = label.replace("beta.", "")
    return improved(at(judge.pod(), "nodeSelector", {}).get(new) == value, "by the label that Kubernetes has now")

def marked(judge, of_pods):
    return pod_of(judge.new)["metadata"] if of_pods else judge.new["metadata"]

def annotation(judge, value, of_pods, name):
    where = marked(judge, of_pods)
    if re.fullmatch(r"prometheus\.io[/.](scrape|port)", name):
        ports = judge.emitted.monitored(judge.service)
        if name.endswith("port"): return improved(int(value) in ports, MONITOR)
        if value == "true": return improved(bool(ports), MONITOR)
        # Of the pods of its own containers; what its Service says is another matter.
        return improved(not ports or beside(judge, ports), "nothing is read unless its port says so")
    return equal(where.get("annotations", {}).get(name) == value)

MONITOR = "a PodMonitor, and the network open for it: Prometheus reads every replica"

def beside(judge, ports):
    first = pod_of(judge.old)["spec"]["containers"][0]
    return not ports & {p["containerPort"] for p in first.get("ports", [])}

def label(judge, value, of_pods, name):
    labels = marked(judge, of_pods).get("labels", {})
    if labels.get(name) == value: return EQUAL, ""
    if name in ("app", "name", "app.kubernetes.io/name"):
        own = {labels.get("app.kubernetes.io/name"), labels.get("ninefold.dev/service")}
        return improved(BESIDE.get(value, value) in own, "`app.kubernetes.io/name`, which other tools know")

def selector(judge, value, _):
    if judge.kind == "Service":
        return improved(at(judge.emitted.selected(judge.new), "metadata/labels")["ninefold.dev/service"] == BESIDE.get(value, value), SELECTS)
    return improved(judge.new["spec"]["selector"]["matchLabels"].items() <= pod_of(judge.new)["metadata"]["labels"].items(), SELECTS)

SELECTS = "its own pods, and of one generation: two can stand side by side"

def replicas(judge, value, _):
    scaler = next(judge.emitted.of("HorizontalPodAutoscaler", judge.service), None)
    return least(scaler["spec"]["minReplicas"] if scaler else judge.new["spec"]["replicas"], value, "as many as are left when a node is lost")

def seconds(judge, value, _): return least(judge.new["spec"]["minReadySeconds"], value, "the tier's: a pod that falls over at once does not count")
def deadline(judge, value): return improved(judge.new["spec"]["progressDeadlineSeconds"] >= value, "it counts the longest start; the former generation serves meanwhile")
def history(judge, value): return improved(judge.new["spec"]["revisionHistoryLimit"] > 0, "former generations stay until they are retired")
def headless(judge, value):
    service = judge.emitted.named("Service", judge.new["spec"]["serviceName"])
    return improved(service["spec"]["clusterIP"] == "None", "a headless Service of its own, beside the address that callers use")

def service_port(judge, value, number, field):
    new = next((p for p in judge.new["spec"]["ports"] if p["port"] == int(number)), None)
    if new is None: return None
    if field == "nodePort": return improved(leads_in(judge), "a name, by the gateway of the region, in place of a port of every node")
    if field == "targetPort":
        pod = pod_of(judge.emitted.selected(judge.new))["spec"]
        old = next(d for d in judge.originals if d["kind"] in WORKLOADS[:2] and judge.old["spec"]["selector"].items() <= pod_of(d)["metadata"]["labels"].items())
        wanted, found = judge.number(value, pod_of(old)["spec"]), judge.number(new["targetPort"], pod)
        return equal(wanted == found) or improved(found == high(wanted), "it listens on a port that needs no privilege; callers go on using 80")
    if field == "name": return equal(new["name"] == value) or improved(bool(new["name"]), "the name of the port of its pods")
    return equal(new.get(field) == value)

def leads_in(judge):
    routes = [str(d["spec"]) for kind in ("HTTPRoute", "Ingress") for d in judge.emitted.of(kind, judge.service)]
    return any(f"'name': '{judge.service}'" in r for r in routes)

def service_type(judge, value):
    return equal(judge.new["spec"].get("type", "ClusterIP") == value) or improved(value in ("LoadBalancer", "NodePort") and leads_in(judge), "a name, by the gateway of the region, in place of an address or a port for each Service")

def cluster_ip(judge, value):
    beside = next((d for d in judge.emitted.of("Service", judge.service) if d["spec"].get("clusterIP") == value), None)
    return improved(beside is not None, "the name keeps its address when the pod changes; the headless one stands beside it")

def object_name(judge, value):
    return equal(judge.new["metadata"]["name"] == value) or improved(True, "a name that follows from its content, or that of the one beside it")

def namespace(judge, value): return equal(judge.new["metadata"].get("namespace", value) == value)

def scaled(judge, value, field):
    new = judge.new["spec"][field]
    return least(new, value, "one more, for the node that is lost")

def target(judge, value, field):
    workload = at(judge.emitted.workloads(judge.service)[0], "metadata/name")
    own = at(judge.new, f"spec/scaleTargetRef/{field}")
    return equal(own == (workload if field == "name" else value))

def metric(judge, value, rest):
    return equal(any(dict(leaves(m)).get(rest) == value for m in judge.new["spec"]["metrics"]))

def claim(judge, value, field):
    new = dict(leaves(judge.new["spec"]))[field]
    return equal(quantity(new) >= quantity(value) if "storage" in field else new == value)

def data(judge, value, file):
    new = judge.new.get("data", {}).get(file)
    if new is None: return None
    said = lambda text: sorted(l for l in text.splitlines() if l and not l.startswith("#"))
    if said(new) == said(value): return EQUAL, ""
    asked = lambda text: {*re.findall(r"\$\{([A-Z_]+):-", text), *re.findall(r"\b[a-z-]+:\d+/\w+|/api/\w+|/cache/", text), text.splitlines()[0]}
    return improved(asked(new) == asked(value), "written again: the same variables, addresses and ends")


POD = r"spec\.(?:jobTemplate\.spec\.)?template\.spec\."
CONTAINER = POD + r"(?:containers|initContainers)\[([\w-]+)\]\."
RULES = [
    (r"apiVersion|kind", lambda judge, value: equal(value in (judge.new.get("apiVersion"), judge.new.get("kind")))),
    (r"metadata\.name", object_name),
    (r"metadata\.namespace", namespace),
    (r"(spec\.(?:jobTemplate\.spec\.)?template\.)?metadata\.labels(?:\.|\[)([^\]]+)\]?", label),
    (r"(spec\.template\.)?metadata\.annotations(?:\.|\[)([^\]]+)\]?", annotation),
    (r"spec\.selector\.(?:matchLabels)?(.+)", selector),
    (r"spec\.selector(\[.+)", selector),
    (r"spec\.(replicas)", replicas),
    (r"spec\.(minReadySeconds)", seconds),
    (r"spec\.progressDeadlineSeconds", deadline),
    (r"spec\.revisionHistoryLimit", history),
    (r"spec\.serviceName", headless),
    (r"(spec\.strategy\..+)", same),
    (CONTAINER + r"name", lambda judge, value, name: equal(judge.container(name) is not None)),
    (CONTAINER + r"image", image),
    (CONTAINER + r"imagePullPolicy", lambda judge, value, name: equal(judge.container(name).get("imagePullPolicy", "IfNotPresent") == value)),
    (CONTAINER + r"(command|args)", words),
    (CONTAINER + r"env\[(\w+)\]\.name", lambda judge, value, name, variable: equal(variable in judge.emitted.variables(judge.container(name)))),
    (CONTAINER + r"env\[(\w+)\]\.value", env),
    (CONTAINER + r"ports\[(\d+)\]\.(\w+)", container_port),
    (CONTAINER + r"(readiness|liveness|startup)Probe\.(.+)", probe),
    (CONTAINER + r"resources\.(requests|limits)\.(\w+)", resources),
    (CONTAINER + r"securityContext\.(.+)", security),
    (CONTAINER + r"volumeMounts\[(.+)\]\.(?:mountPath|name)", mount),
    (POD + r"securityContext\.(\w+)", pod_security),
    (POD + r"volumes\[([\w-]+)\]\.(.+)", volume),
    (POD + r"serviceAccountName", account),
    (POD + r"terminationGracePeriodSeconds", grace),
    (POD + r"restartPolicy", lambda judge, value: equal(judge.pod().get("restartPolicy", "Always") == value)),
    (POD + r"nodeSelector\[(.+)\]", nodes),
    (r"spec\.ports\[(\d+)\]\.(\w+)", service_port),
    (r"spec\.type", service_type),
    (r"spec\.clusterIP", cluster_ip),
    (r"spec\.(minReplicas|maxReplicas)", scaled),
    (r"spec\.scaleTargetRef\.(\w+)", target),
    (r"spec\.metrics\[\d+\]\.(.+)", metric),
    (r"spec\.(accessModes|resources\.requests\.storage)", claim),
    (r"data(?:\.|\[)([^\]]+)\]?", data),
    (r"(spec\..+)", lambda judge, value, path: same(judge, value, path) if judge.kind == "CronJob" else None),
]


def judge(application, originals, folder):
    emitted = Emitted(folder)
    for old in originals:
        one = Judge(application, emitted, old)
        one.originals = originals
        for path, value in leaves(old):
            verdict, why = one.leaf(path, value)
            yield verdict, why, f"{old['kind']} {old['metadata']['name']}: {path} = {value!r}"
    yield from ways(emitted, originals)


def plain(where):
    """A path without what differs from object to object."""
    path = where.split(": ", 1)[1].split(" = ", 1)[0]
    path = re.sub(r"^spec\.(jobTemplate\.spec\.)?template\.", "", path)
    path = re.sub(r"^spec\.(initContainers|containers)\[[^\]]+\]\.", "", path)
    return re.sub(r"\[[^\]]+\]", "[]", path)


def table(found):
    """What is improved, a reason a row."""
    rows = collections.defaultdict(lambda: (set(), collections.Counter()))
    for application, verdict, why, where in found:
        if verdict in (IMPROVED, WAITS):
            paths, counts = rows[verdict, why]
            paths.add(plain(where))
            counts[application] += 1
    lines = ["| Of the originals | Here | " + " | ".join(APPLICATIONS) + " |", "|---|---|" + "---|" * len(APPLICATIONS)]
    for (verdict, why), (paths, counts) in sorted(rows.items(), key=lambda row: (row[0][0], -sum(row[1][1].values()), row[0][1])):
        said = ", ".join(f"`{p}`" for p in sorted(paths))
        lines.append(f"| {said} | {'waits for ' if verdict == WAITS else ''}{why} | " + " | ".join(str(counts[a] or "") for a in APPLICATIONS) + " |")
    totals = [collections.Counter(v for a, v, _, _ in found if a == application) for application in APPLICATIONS]
    lines.append("| everything else | equal | " + " | ".join(str(t[EQUAL]) for t in totals) + " |")
    return "\n".join(lines) + "\n"


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("originals", type=pathlib.Path); a.add_argument("built", type=pathlib.Path)
    a.add_argument("--page", type=pathlib.Path); a.add_argument("--write", action="store_true"); a.add_argument("--verbose", action="store_true")
    o = a.parse_args()
    found, failed = [], False
    for application in APPLICATIONS:
        originals, folder = o.originals / f"{application}.yaml", o.built / application
        if not originals.is_file() or not folder.is_dir():
            print(f"applications.py: {originals} or {folder} is not there", file=sys.stderr); return 2
        mine = list(judge(application, list(load([originals])), folder))
        found += [(application, *one) for one in mine]
        counts = collections.Counter(verdict for verdict, _, _ in mine)
        print(f"{application}: {len(mine)} leaves, " + ", ".join(f"{counts[v]} {v}" for v in (EQUAL, IMPROVED, WAITS, MISSING)))
        for verdict, why, where in mine:
            if verdict == MISSING or o.verbose: print(f"  {verdict}: {where}" + (f": {why}" if why else ""))
        failed |= counts[MISSING] > 0
    for what, why in {**LEFT_OUT, **WAITING}.items():
        if not any(why == said for _, _, said, _ in found): print(f"  nothing needs {what}: take it out"); failed = True
    if o.page:
        text = o.page.read_text()
        begin, end = "<!-- improved: .ci/applications.py --write -->\n", "<!-- end -->"
        before, rest = text.split(begin); old, after = rest.split(end, 1)
        if o.write: o.page.write_text(before + begin + table(found) + end + after)
        elif old != table(found): print(f"{o.page} is not current: run it with --write"); failed = True
    return 1 if failed else 0

if __name__ == "__main__": sys.exit(main())
