#!/usr/bin/env python3
"""Random objects of every built-in kind, with the verdict of the schema that is published.

    pip install kubernetes-validate==1.37.0 kubernetes==37.0.2 jsonschema-rs
    .ci/schema/judge.py [OBJECTS-OF-A-KIND]

Each line is `{"version": …, "valid": …, "object": …}`. An object is made from the schema of one
version, may get a few faults (a field that does not exist, one that is missing, a value of another
type), and is judged by the strict schema of the same or another version. Kinds that a version does
not have are left out: what is asked is whether an object fits, not whether there is its kind.
`cargo test --test it schema:: -- --ignored` reads this and holds the table against it.

Where the table means to differ, no object is made:
  null             Kubernetes drops it, so what was written would be lost: the table refuses it.
  metadata         every object here has a name, so the table requires `metadata`.
  int32            the schema only names the format; the API server refuses what does not fit.
  bytes, time      the same: base64 and RFC 3339 are read by the API server.
  1.0              JSON Schema takes it for a whole number, Go does not.
  apiVersion, kind of an object in another, as in a StatefulSet's claims: the table has any text.
"""
import json, pathlib, random, sys
import jsonschema_rs, kubernetes_validate

VERSIONS = range(31, 38)
PREFIX = "/api/_definitions.json#/$defs/"
TEXTS = ["", "a", "web", "10m", "25%", "1"]
OTHERS = ["text", 7, -3, 1.5, True, [], {}, ["x"], [{}], {"a": 1}, {"a": "b"}]
FOLDER = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"


class Schemas:
    def __init__(self, minor):
        folder = FOLDER / f"v1.{minor}.0-local-strict"
        self.whole = json.loads((folder / "_definitions.json").read_text())
        self.objects = self.whole["$defs"]
        self.registry = jsonschema_rs.Registry([("file:///api/_definitions.json", self.whole)])
        self.kinds = {}
        for name, schema in self.objects.items():
            gvks = schema.get("x-kubernetes-group-version-kind", [])
            meta = schema.get("properties", {}).get("metadata", {}).get("$ref", "")
            if len(gvks) == 1 and meta.endswith(".ObjectMeta"):
                of = gvks[0]
                self.kinds[("/".join(filter(None, [of["group"], of["version"]])), of["kind"])] = name
        self.judges = {}

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.objects[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def valid(self, kind, value):
        if kind not in self.judges:
            schema = {"$ref": "file:///api/_definitions.json#/$defs/" + self.kinds[kind]}
            self.judges[kind] = jsonschema_rs.validator_for(schema, registry=self.registry)
        return self.judges[kind].is_valid(value)


class Maker:
    """One object, made from the schemas of a version."""

    def __init__(self, schemas, rng):
        self.schemas, self.rng, self.places = schemas, rng, []

    def value(self, schema, depth):
        rng = self.rng
        schema = self.schemas.resolve(schema)
        if "oneOf" in schema:
            return self.value(rng.choice(schema["oneOf"]), depth)
        kinds = schema.get("type")
        kind = next((k for k in kinds if k != "null"), None) if isinstance(kinds, list) else kinds
        if kind == "object" and "properties" in schema:
            return self.object(schema, depth)
        if kind == "object":
            if "additionalProperties" not in schema:
                return rng.choice([{}, {"a": 1}, {"a": {"b": [1.5]}}])
            of = schema["additionalProperties"]
            return {key: self.value(of, depth + 1) for key in rng.sample(["a", "b", "c"], rng.randint(0, 2))}
        if kind == "array":
            return [self.value(schema["items"], depth + 1) for _ in range(rng.randint(0, 2))]
        if kind == "string":
            if "enum" in schema:
                return rng.choice([one for one in schema["enum"] if one is not None])
            return {"byte": "aGkh", "date-time": "2026-01-31T12:00:00Z"}.get(schema.get("format")) or rng.choice(TEXTS)
        if kind == "integer":
            return rng.randint(-5, 70000)
        if kind == "number":
            return rng.choice([3, 2.5])
        if kind == "boolean":
            return rng.random() < 0.5
        return rng.choice(OTHERS)

    def object(self, schema, depth):
        properties, required = schema["properties"], schema.get("required", [])
        made = {}
        # Few fields of a wide object, so that deep ones are met as often as those at the top.
        chance = min(0.8, 2.5 / len(properties)) if depth < 9 else 0
        for name, field in properties.items():
            must = name in required or (depth == 0 and name in ("apiVersion", "kind", "metadata"))
            if must or (depth == 0 and name == "spec") or self.rng.random() < chance:
                made[name] = self.value(field, depth + 1)
        self.places.append((made, schema, depth))
        return made

    def fault(self):
        rng = self.rng
        made, schema, depth = rng.choice(self.places)
        kept = ("apiVersion", "kind", "metadata") if depth == 0 else ()
        names = [name for name in made if name not in kept]
        what = rng.random()
        if what < 0.3 or not names:
            made[rng.choice(["x", "nmae", "Name", "specs", "name", "image", "kind_"])] = rng.choice(OTHERS)
        elif what < 0.6:
            del made[rng.choice(names)]
        else:
            name = rng.choice(names)
            field = self.schemas.resolve(schema["properties"].get(name, {}))
            other = rng.choice(OTHERS)
            if isinstance(other, str) and ("format" in field or "enum" in field):
                return
            made[name] = other


def unsettled(schemas, schema, value):
    """Whether an unknown name became text in a field that reads bytes or a time."""
    schema = schemas.resolve(schema)
    if isinstance(value, str):
        return schema.get("format") in ("byte", "date-time") and value not in ("aGkh", "2026-01-31T12:00:00Z")
    if isinstance(value, dict):
        rest = schema.get("additionalProperties")
        of = lambda key: schema.get("properties", {}).get(key) or (rest if isinstance(rest, dict) else {})
        return any(unsettled(schemas, of(key), one) for key, one in value.items())
    if isinstance(value, list):
        return any(unsettled(schemas, schema.get("items", {}), one) for one in value)
    return False


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rng = random.Random(20261128)
    all_of = {minor: Schemas(minor) for minor in VERSIONS}
    kinds = sorted({kind for schemas in all_of.values() for kind in schemas.kinds})
    for kind in kinds:
        having = [minor for minor in VERSIONS if kind in all_of[minor].kinds]
        for _ in range(count):
            made_for, version = rng.choice(having), rng.choice(having)
            maker = Maker(all_of[made_for], rng)
            root = all_of[made_for].objects[all_of[made_for].kinds[kind]]
            value = maker.value(root, 0)
            if rng.random() < 0.6:
                for _ in range(rng.choice([1, 1, 2])):
                    maker.fault()
            judged = all_of[version]
            schema = judged.objects[judged.kinds[kind]]
            if unsettled(judged, schema, value):
                continue
            print(json.dumps({"version": version, "valid": judged.valid(kind, value), "object": value}))


main()
