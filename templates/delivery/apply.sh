#!/bin/sh
# Applies everything of {{ region }}: what services share first, then each service; waits until the
# workloads are up; only then removes what left the tree, and only where they are. It may be run
# again at any time.
set -eu

usage() {
  cat <<'END'
usage: sh apply.sh --context CONTEXT [--timeout TIME]

  --context CONTEXT  the context of the cluster of {{ region }} in the kubeconfig
  --timeout TIME     how long each workload may take to come up (default: 10m)

Needs kubectl 1.27 or newer.
END
}

context=
timeout=10m
while [ "$#" -gt 0 ]; do
  case $1 in
    --context=*) context=${1#*=} ;;
    --timeout=*) timeout=${1#*=} ;;
    --context | --timeout)
      if [ "$#" -lt 2 ]; then
        usage >&2
        exit 2
      fi
      if [ "$1" = --context ]; then context=$2; else timeout=$2; fi
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done
# Never the current context: it may be that of another region.
if [ -z "$context" ]; then
  usage >&2
  exit 2
fi

tree=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A set for each folder: its name is what a set of kubectl follows from (KEP-3659).
cat > "$work/folders" <<'END'
{% for set in sets -%}
{{ set.folder }} {{ set.id }}
{% endfor -%}
END

export KUBECTL_APPLYSET=true
sets={{ plural }}.{{ group }}

kube() {
  kubectl --context "$context" "$@"
}

# As Argo CD and Flux do it: the tree decides over what was changed by hand, and no annotation has to
# hold the last state of an object.
apply() {
  kube apply --server-side --force-conflicts --field-manager=ninefold "$@"
}

fail() {
  printf '%s\n' "$2" >&2
  failures="$failures
$1"
}

# Whether a line of the first text is the second.
has_line() {
  case "
$1
" in
    *"
$2
"*) return 0 ;;
  esac
  return 1
}

# Sorts the files of a folder: what a set may remove, what no set may, as data goes with it, the
# workloads of the current generation, and the jobs that come before it. Every file holds one document,
# spelled by Ninefold. Where there are such jobs, what waits for them stands apart.
sort_out() {
  : > "$work/$1.set.yaml"
  : > "$work/$1.first.yaml"
  : > "$work/$1.kept.yaml"
  : > "$work/$1.late.yaml"
  : > "$work/$1.jobs"
  : > "$work/$1.workloads"
  find "$tree/$1" -type f -name '*.yaml' | LC_ALL=C sort > "$work/$1.files"
  FOLDER=$tree/$1 OUT=$work/$1 KEPT='{% for kind in kept %} {{ kind }}{% endfor %} ' \
    LATE='{% for kind in late %} {{ kind }}{% endfor %} ' awk '
    {
      file = $0; text = "---\n"; part = kind = name = space = ""; job = 0
      while ((got = (getline line < file)) > 0) {
        text = text line "\n"
        if (line ~ /^[A-Za-z]/) part = line
        if (line ~ /^kind: /) kind = substr(line, 7)
        if (part == "metadata:" && line ~ /^  name: /) name = substr(line, 9)
        if (part == "metadata:" && line ~ /^  namespace: /) space = substr(line, 14)
        if (part == "metadata:" && line ~ /^    ninefold.dev\/before: /) job = 1
      }
      close(file)
      if (got < 0) { print "cannot read " file > "/dev/stderr"; exit 1 }
      kept = index(ENVIRON["KEPT"], " " kind " ")
      late = !job && index(ENVIRON["LATE"], " " kind " ")
      if (kept) printf "%s", text >> (ENVIRON["OUT"] (late ? ".late.yaml" : ".kept.yaml"))
      else {
        printf "%s", text >> (ENVIRON["OUT"] ".set.yaml")
        if (!late) printf "%s", text >> (ENVIRON["OUT"] ".first.yaml")
      }
      gsub(/"/, "", name); gsub(/"/, "", space)
      current = index(file, ENVIRON["FOLDER"] "/retained/") != 1
      if (current && (kind == "Deployment" || kind == "StatefulSet"))
        print kind, space, name >> (ENVIRON["OUT"] ".workloads")
      if (job && current) print space, name >> (ENVIRON["OUT"] ".jobs")
    }
  ' "$work/$1.files"
}

# Applies what is in a file of a set, with the label of the set, as what is applied without it would
# leave the set.
apply_set() {
  if [ -s "$1.yaml" ]; then
    kube label --local -f "$1.yaml" "applyset.kubernetes.io/part-of=$2" -o json > "$1.json" &&
      apply -f "$1.json"
  fi
}

# Waits until a Job has ended, which it does, as it has a deadline.
ended() {
  while :; do
    state=$(kube get job "$2" -n "$1" -o 'jsonpath={.status.conditions[?(@.status=="True")].type}') ||
      return 1
    case " $state " in
      *" Complete "*) return 0 ;;
      *" Failed "*) return 1 ;;
    esac
    sleep 2
  done
}

# Applies everything but what waits for the jobs of a release, and waits for these.
prepare() {
  apply_set "$work/$1.first" "$2" || return 1
  while read -r space name <&5; do
    if ! ended "$space" "$name"; then
      printf '%s\n' "$1: the job $name failed; what serves goes on, and nothing else is applied" >&2
      printf '%s\n' "to try it again: kubectl --context $context -n $space delete job $name" >&2
      return 1
    fi
  done 5< "$work/$1.jobs"
}

# What kubectl keeps of each set. Sets span namespaces, so they stand in none.
apply -f - <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {{ plural }}.{{ group }}
  labels:
    applyset.kubernetes.io/is-parent-type: "true"
spec:
  group: {{ group }}
  scope: Cluster
  names:
    kind: {{ kind }}
    listKind: {{ kind }}List
    plural: {{ plural }}
    singular: {{ singular }}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
END
kube wait --for=condition=Established --timeout=60s "customresourcedefinition/$sets"
known=$(kube get "$sets" -o name)
failures=
here=

while read -r folder id <&3; do
  set={{ region }}-$folder
  here="$here
$set"
  if ! has_line "$known" "{{ singular }}.{{ group }}/$set"; then
    # As the manager that kubectl itself is of it, or it warns of a conflict with itself.
    kube apply --server-side --field-manager=kubectl-applyset -f - <<END
apiVersion: {{ group }}/v1
kind: {{ kind }}
metadata:
  name: $set
  labels:
    applyset.kubernetes.io/id: $id
  annotations:
    applyset.kubernetes.io/tooling: kubectl/v1.27
    applyset.kubernetes.io/contains-group-kinds: ""
END
  fi
  sort_out "$folder"
  if [ -s "$work/$folder.kept.yaml" ]; then
    apply -f "$work/$folder.kept.yaml" || fail "$folder" "$folder: not all of it was applied"
  fi
  if [ -s "$work/$folder.jobs" ] && ! prepare "$folder" "$id"; then
    fail "$folder" "$folder: the release does not begin"
    continue
  fi
  if [ -s "$work/$folder.late.yaml" ]; then
    apply -f "$work/$folder.late.yaml" || fail "$folder" "$folder: not all of it was applied"
  fi
  apply_set "$work/$folder.set" "$id" || fail "$folder" "$folder: not all of it was applied"
done 3< "$work/folders"

while read -r folder id <&3; do
  # What was not applied cannot come up.
  if [ -s "$work/$folder.jobs" ] && has_line "$failures" "$folder"; then continue; fi
  while read -r kind space name <&4; do
    kube rollout status "$kind/$name" -n "$space" --timeout="$timeout" ||
      fail "$folder" "$folder: $kind $name is not up"
  done 4< "$work/$folder.workloads"
done 3< "$work/folders"

while read -r folder id <&3; do
  if has_line "$failures" "$folder"; then
    printf '%s\n' "$folder: nothing is removed" >&2
  elif [ -s "$work/$folder.set.yaml" ]; then
    apply --prune --applyset="$sets/{{ region }}-$folder" -f "$work/$folder.set.yaml" ||
      fail "$folder" "$folder: not all of what left the tree was removed"
  fi
done 3< "$work/folders"

# A folder that is gone takes nothing away with it.
for set in $known; do
  set=${set##*/}
  if ! has_line "$here" "$set"; then
    printf '%s\n' "the tree has no folder of $set any more; what it applied is still there, labelled" >&2
    kube get "$sets" "$set" \
      -o 'jsonpath=applyset.kubernetes.io/part-of={.metadata.labels.applyset\.kubernetes\.io/id}{"\n"}' >&2
  fi
done

if [ -n "$failures" ]; then
  exit 1
fi
