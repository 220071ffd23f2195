#!/usr/bin/env python3
"""Makes src/kube/schema/builtin.txt: the fields of every built-in kind of Kubernetes.

    pip install kubernetes-validate==1.37.0 kubernetes==37.0.2
    .ci/schema/table.py > src/kube/schema/builtin.txt

Fields, types and list keys are those of the OpenAPI definitions in kubernetes-validate, for each
version of Kubernetes. Which kinds stand in a namespace is read from the paths under which the
Kubernetes client makes them; a kind that no path makes (`Scale`, `Eviction`) is none that a
manifest can have, and is left out. How to read the table says its own head.
"""
import json, pathlib, re, sys
import kubernetes_validate, kubernetes

OLDEST, NEWEST = 31, 37
VERSIONS = range(OLDEST, NEWEST + 1)
SOURCES = "kubernetes-validate 1.37.0 and kubernetes 37.0.2"

# Kinds that the client no longer knows in any version, and whether they stand in a namespace.
SCOPES = {("resource.k8s.io", "PodSchedulingContext"): True}
# How another definition is named until all are known.
REFERENCE = re.compile(r"<([\w.-]+)>")
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
PLAIN = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
    META + "Time": "time",
    META + "MicroTime": "time",
    META + "FieldsV1": "{any}",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "{any}",
}
HEAD = f"""\
# Every built-in kind of Kubernetes 1.{OLDEST} to 1.{NEWEST}, field by field.
#
# Made by .ci/schema/table.py from {SOURCES}; not edited by hand.
#
# A line at the margin is a kind (`group/version Kind`, and `namespaced` or `cluster`) or an object
# that others refer to by its name; the lines below it are its fields: name, `!` when it must be
# written, type. Every kind has `apiVersion`, `kind` and `metadata` (an ObjectMeta) besides. `[T]`
# is a list of T, `{{T}}` a map to T. Behind a list stands what tells its items apart on the server
# (`by` fields, or `set`: the whole item) and to a strategic merge, where that differs (`merge`).
# What is not in all versions ends with those that have it: `1.33..` from then on, `..1.33` until then.
"""


def definitions(minor):
    folder = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    return json.loads((folder / f"v1.{minor}.0-local/_definitions.json").read_text())["$defs"]


def scopes():
    """(group, version, kind in small letters) -> namespaced."""
    found = {}
    for file in sorted((pathlib.Path(kubernetes.__file__).parent / "client/api").glob("*_api.py")):
        for function in re.split(r"\n    def ", file.read_text()):
            name = re.match(r"_create_\w+_serialize", function)
            path = re.search(r"resource_path='/(api|apis)/(.*?)'", function)
            if not (name and path):
                continue
            group, version, *rest = (["", *path[2].split("/")] if path[1] == "api" else path[2].split("/"))
            namespaced = rest[:2] == ["namespaces", "{namespace}"]
            rest = rest[2:] if namespaced else rest
            if len(rest) == 1:
                singular = name[0][len("_create_"):-len("_serialize")]
                singular = singular.removeprefix("namespaced_") if namespaced else singular
                found[(group, version, singular.replace("_", ""))] = namespaced
    return found


def type_of(schema):
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return PLAIN.get(name, f"<{name}>")
    kinds = schema.get("type", [])
    kind = next((k for k in ([kinds] if isinstance(kinds, str) else kinds) if k != "null"), None)
    form = schema.get("format")
    if kind == "array":
        return "[" + type_of(schema["items"]) + "]"
    if kind == "object":
        return "{" + (type_of(schema["additionalProperties"]) if "additionalProperties" in schema else "any") + "}"
    if kind == "string":
        return {"byte": "bytes", "date-time": "time"}.get(form, "string")
    if kind == "integer":
        return form or "int64"
    return {"number": "number", "boolean": "boolean", None: "any"}[kind]


def field_of(schema, required):
    text = ("! " if required else " ") + type_of(schema)
    keys = schema.get("x-kubernetes-list-map-keys") if schema.get("x-kubernetes-list-type") == "map" else None
    if keys:
        text += " by " + ",".join(keys)
    elif schema.get("x-kubernetes-list-type") == "set":
        text += " set"
    merge = schema.get("x-kubernetes-patch-merge-key")
    if merge and keys != [merge]:
        text += " merge " + merge
    return text


def span(has, within):
    """`has`, as it is written in an object or field that `within` has."""
    if has == within:
        return ""
    first = f"1.{min(has)}" if min(has) > min(within) else ""
    last = f"1.{max(has)}" if max(has) < max(within) else ""
    assert has == [v for v in within if min(has) <= v <= max(has)], (has, within)
    return f" {first}..{last}"


def runs(texts):
    """[(text, versions)] of what a field is in each version, in order."""
    out = []
    for minor, text in texts:
        if out and out[-1][0] == text and out[-1][1][-1] == minor - 1:
            out[-1][1].append(minor)
        else:
            out.append((text, [minor]))
    return out


def main():
    of = {minor: definitions(minor) for minor in VERSIONS}
    names = sorted({name for minor in VERSIONS for name in of[minor]})
    present = {name: [v for v in VERSIONS if name in of[v]] for name in names}
    bodies, kinds = {}, {}
    for name in names:
        gvks = {
            (g["group"], g["version"], g["kind"])
            for v in present[name] for g in of[v][name].get("x-kubernetes-group-version-kind", [])
        }
        properties = lambda v: of[v][name].get("properties", {})
        is_kind = len(gvks) == 1 and any(
            properties(v).get("metadata", {}).get("$ref") == f"#/$defs/{META}ObjectMeta" for v in present[name]
        )
        lines = []
        for field in sorted({f for v in present[name] for f in properties(v)}):
            if is_kind and field in ("apiVersion", "kind", "metadata"):
                continue
            texts = [
                (v, field_of(properties(v)[field], field in of[v][name].get("required", [])))
                for v in present[name] if field in properties(v)
            ]
            lines += [(field + text, span(has, present[name])) for text, has in runs(texts)]
        if is_kind:
            kinds[name] = next(iter(gvks))
        elif lines == [] and name not in PLAIN:
            # Nothing is said of its fields: `{}` and any JSON.
            typed = of[present[name][-1]][name].get("type")
            PLAIN[name] = "{any}" if typed else "any"
            continue
        bodies[name] = lines
    # What `type_of` could not know yet.
    settle = lambda text: REFERENCE.sub(lambda m: PLAIN.get(m[1], m[0]), text)
    bodies = {n: [(settle(t), s) for t, s in lines] for n, lines in bodies.items()}

    made = scopes()
    rows = {}
    for name, (group, version, kind) in kinds.items():
        exact = made.get((group, version, kind.lower()))
        same = [s for (g, _, k), s in made.items() if (g, k) == (group, kind.lower())]
        scope = exact if exact is not None else (same[0] if same else SCOPES.get((group, kind)))
        if scope is not None:
            rows[name] = (f"{group}/{version}" if group else version, kind, scope)
        else:
            print(f"left out: {group}/{version} {kind}", file=sys.stderr)

    # Objects that are used, those of the same name and content once.
    refs = lambda name: {m for text, _ in bodies[name] for m in REFERENCE.findall(text)}
    used, todo = set(), [META + "ObjectMeta", *rows]
    while todo:
        name = todo.pop()
        if name not in used:
            used.add(name)
            todo += refs(name)
    # A kind that others hold, as a StatefulSet does claims, is an object of theirs besides.
    held = {n for name in used for n in refs(name) if n in kinds}
    for name in held:
        own = [("apiVersion string", ""), ("kind string", ""), (f"metadata <{META}ObjectMeta>", "")]
        bodies[name + "."] = own + bodies[name]
    for name in used:
        bodies[name] = [(REFERENCE.sub(lambda m: f"<{m[1]}.>" if m[1] in held else m[0], t), s) for t, s in bodies[name]]
    objects = sorted(used - set(rows) | {name + "." for name in held})
    short = lambda name: name.rstrip(".").rsplit(".", 1)[1]
    alias = {name: name for name in objects}
    while True:
        seen = {}
        for name in objects:
            body = tuple((REFERENCE.sub(lambda m: f"<{alias[m[1]]}>", t), s) for t, s in bodies[name])
            seen.setdefault((short(name), body), []).append(name)
        merged = {name: group[0] for group in seen.values() for name in group}
        if merged == alias:
            break
        alias = merged
    kept = sorted(set(alias.values()))
    count = {}
    for name in kept:
        count.setdefault(short(name), []).append(name)
    shown = lambda name: short(name) if len(count[short(name)]) == 1 else ".".join(name.rstrip(".").split(".")[-3:])
    spell = lambda text: REFERENCE.sub(lambda m: shown(alias[m[1]]), text)
    print(HEAD)
    for name in sorted(rows, key=lambda n: (rows[n][0].rpartition("/")[0], rows[n][1], rows[n][0])):
        api_version, kind, namespaced = rows[name]
        whole = span(present[name], list(VERSIONS))
        print(f"{api_version} {kind} {'namespaced' if namespaced else 'cluster'}{whole}")
        for text, has in bodies[name]:
            print(f"  {spell(text)}{has}")
    for name in sorted(kept, key=shown):
        print(shown(name))
        for text, has in bodies[name]:
            print(f"  {spell(text)}{has}")


main()
