#!/usr/bin/env python3
"""Holds the account of `ninefold import` against what was imported and what was built of it.

    .ci/import.py ACCOUNT OUT SOURCE…

ACCOUNT is what `--account` wrote, OUT the tree that `ninefold build` made of the specs, SOURCE the files
that were imported. It reads YAML and JSON alone, and shares nothing with the product: every leaf of
every object stands in the account once; what is in the columns `field`, `patch` and `manifest` stands in
the tree as it stood in the source; what else the account says is emitted is there, too.
Needs: pip install pyyaml.  Exit status: 0 all of it holds, 1 something does not, 2 could not run.
"""
import collections, json, pathlib, sys
import yaml

EQUAL = ("field", "patch", "manifest")


class Kubernetes(yaml.SafeLoader):
    """Times and `=` stay texts, as the API has them."""


Kubernetes.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def objects(document):
    """The objects of a document, those of lists among them."""
    if isinstance(document, list) or (isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document):
        for item in document if isinstance(document, list) else document["items"]: yield from objects(item)
    elif isinstance(document, dict): yield document


def leaves(value, path=""):
    """Every leaf with its JSON pointer; an empty map or list is one."""
    if isinstance(value, dict) and value:
        for key, below in value.items(): yield from leaves(below, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value): yield from leaves(item, f"{path}/{index}")
    else: yield path, value


def at(value, pointer):
    """What stands at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def main():
    if len(sys.argv) < 4: print(__doc__, file=sys.stderr); return 2
    account, out, sources = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]), sys.argv[3:]
    said = collections.defaultdict(list)
    for leaf in account["leaves"]: said[leaf["object"], leaf["path"]].append(leaf)
    tree, wrong, counts = {}, [], collections.Counter()
    for source in sources:
        for document in yaml.load_all(pathlib.Path(source).read_text(), Loader=Kubernetes):
            for one in objects(document):
                meta = one["metadata"]
                name = f"{one['kind']}/{meta.get('namespace') or ''}/{meta['name']}"
                for path, value in leaves(one):
                    found = said.pop((name, path), [])
                    if len(found) != 1: wrong.append(f"{name} {path}: it stands in {len(found)} rows"); continue
                    leaf = found[0]; counts[leaf["column"]] += 1
                    hidden = leaf["value"] == "‹hidden›" and leaf["column"] not in EQUAL
                    if leaf["value"] != value and not hidden: wrong.append(f"{name} {path}: {value!r} is said to be {leaf['value']!r}")
                    if leaf["column"] not in EQUAL and not leaf.get("why"): wrong.append(f"{name} {path}: nobody says why")
                    seen = leaf.get("emitted")
                    if seen is None:
                        if leaf["column"] in EQUAL: wrong.append(f"{name} {path}: nobody says where it is")
                        continue
                    if seen["file"] not in tree: tree[seen["file"]] = yaml.load((out / seen["file"]).read_text(), Loader=Kubernetes)
                    try: there = at(tree[seen["file"]], seen["path"])
                    except (LookupError, TypeError): wrong.append(f"{name} {path}: {seen['file']} has no {seen['path']}"); continue
                    if there != seen["value"]: wrong.append(f"{name} {path}: {seen['path']} of {seen['file']} is {there!r}")
                    if leaf["column"] in EQUAL and there != value: wrong.append(f"{name} {path}: {value!r} became {there!r}")
    wrong += [f"{name} {path}: it is in no source" for name, path in said]
    print(", ".join(f"{counts[column]} {column}" for column in (*EQUAL, "improved", "dropped")))
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__": sys.exit(main())
