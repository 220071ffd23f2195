# Cards read it, in `bash`. `kubectl`, 1.31 or later, whose contexts are named like regions.
on() { kubectl --context "${1:?}" ${NAMESPACE:+-n "$NAMESPACE"} "${@:2}"; }
here() { on "$REGION" "$@"; }
to() { on "$TO" "$@"; }
from() { on "$FROM" "$@"; }
rolled() { for EACH in "$@"; do on "$EACH" rollout status -f "$EACH/$SERVICE/$MANIFEST" --timeout=10m; done; }
answers() { for HOST in ${HOSTS?}; do dig +short "$HOST"; curl -sS -o /dev/null -w '%{http_code}\n' --max-time 5 "https://$HOST/"; done; }
backups() { "$1" -n "${VELERO:?}" get backups.velero.io -l "$LABEL,ninefold.dev/region=$2" --sort-by=.status.startTimestamp -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,BEGUN:.status.startTimestamp; }
release_claims() { for PV in $("$1" get pvc -l "$VOLUMES" -o jsonpath='{.items[*].spec.volumeName}'); do "$1" patch pv "$PV" -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'; done; "$1" get pv | grep "$NAMESPACE/"; "$1" delete pvc -l "$VOLUMES"; }
# Is a region ready? `there` says whether the rest of its line is so.
there() { "$@" > /dev/null 2>&1 && echo "yes  $*" || echo "NO   $*"; }
is() { to "$@" --timeout=10s; }
nodes() { [ "$(to get nodes -l "topology.kubernetes.io/zone=$1" --no-headers | grep -cw Ready)" -ge "$2" ]; }
stores() { to -n "$1" wait "backupstoragelocations.velero.io/$2" --for='jsonpath={.status.phase}=Available' --timeout=10s; }
server() { ARGS=$(to -n "$1" get deployments -o 'jsonpath={..args}'); case $ARGS in ''|*--restore-only*|*--disable-controllers*|*--global-backup-volume-policies-configmap*|*--default-resource-modifier-configmap*) return 1;; *"--concurrent-backups=$2\""*) ;; *--concurrent-backups*) return 1;; *) [ "$2" = 1 ];; esac; }
delivered() { kubectl --context "${TO:?}" diff -R -f "$TO/${SERVICE:?}" -f "$TO/fleet/namespace-${NAMESPACE:?}.yaml"; }
pods() { ready "${NAMESPACE:?}" "${LABEL:?}"; }
room() { to describe resourcequota; }
ready() { to -n "$1" wait pods -l "$2" --for=condition=Ready --timeout=10s; }
serves() { for KIND in "${@:2}"; do to explain "$KIND" --api-version="$1" || return; done; }
tls() { curl -sS --max-time 10 --connect-to "$1:443:$2:443" "https://$1/"; }
same() { A=$(kubectl --context "$1" -n "$2" get secret "$3" -o jsonpath='{.data}') && B=$(to -n "$4" get secret "$3" -o jsonpath='{.data}') && [ -n "$A" ] && [ "$A" = "$B" ]; }
pulls() { for IMAGE in $(find "$TO/${SERVICE:?}" -name '*.yaml' -not -path '*/retained/*' -exec sed -nE 's/^[ -]*image(Name)?: "?([^"]+)"?$/\2/p' {} + | sort -u); do
  printf '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s-pull"},"spec":{"restartPolicy":"Never","serviceAccountName":"%s","automountServiceAccountToken":false,"securityContext":{"runAsNonRoot":true,"runAsUser":10001,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"pull","image":"%s","imagePullPolicy":"Always","command":["/this-is-not-run"],"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}' "$SERVICE" "${1:-$SERVICE}" "$IMAGE" | to create -f -
  sleep 60; to events --for "pod/$SERVICE-pull"; to delete pod "$SERVICE-pull"
done; }
