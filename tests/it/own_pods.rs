//! Pods of the fleet's own manifests take the room that services are promised.

use crate::workbench::Workbench;

const IMAGE: &str = "registry.example.com/agent@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A fleet whose zones have 24 cores on three nodes, and an object of its own with such pods.
fn fleet(kind: &str, count: &str, cpu: u32, pod: &str) -> Workbench {
    let bench = Workbench::initialised();
    let fleet = bench.read("specs/fleet.toml");
    bench.write("specs/fleet.toml", &format!("{fleet}\n[[manifests]]\npath = \"agents.yaml\"\n"));
    let text = format!(
        "apiVersion: apps/v1
kind: {kind}
metadata: {{name: agent, namespace: agents}}
spec:
  {count}
  selector: {{matchLabels: {{app: agent}}}}
  template:
    metadata: {{labels: {{app: agent}}}}
    spec:
      {pod}
      containers:
      - name: agent
        image: {IMAGE}
        resources: {{requests: {{cpu: {cpu}, memory: 64Mi}}}}
---
apiVersion: v1
kind: Namespace
metadata:
  name: agents
  labels: {{pod-security.kubernetes.io/enforce: privileged}}
"
    );
    bench.write("specs/agents.yaml", &text);
    bench
}

fn told(bench: &Workbench, code: i32) -> String {
    bench.run(&["check"]).code(code).stderr
}

#[test]
fn a_deployment_of_the_fleet_is_in_the_sums_of_room() {
    // Each zone has three of nine: 21 of its 24 cores.
    let bench = fleet("Deployment", "replicas: 9", 7, "restartPolicy: Always");
    assert_eq!(told(&bench, 0), "");
    bench.run(&["build"]).code(0);
    let answer = bench.run(&["simulate", "--lose", "node", "eastus2-1"]);
    assert!(!answer.stdout.contains("no room, before"), "{}", answer.stdout);

    let bench = fleet("Deployment", "replicas: 9", 8, "restartPolicy: Always");
    let told = told(&bench, 1);
    assert!(told.contains("error[zone-too-small]"), "{told}");
    assert!(told.contains("`[[manifests]]` of the fleet ask for 24 cores of each zone"), "{told}");
    assert!(told.contains("has 24 cores"), "{told}");
}

#[test]
fn a_daemon_set_is_on_each_node() {
    assert_eq!(told(&fleet("DaemonSet", "", 7, ""), 0), "");
    let told = told(&fleet("DaemonSet", "", 8, ""), 1);
    assert!(told.contains("error[zone-too-small]"), "{told}");
    assert!(told.contains("`[[manifests]]` of the fleet ask for 8 cores of each node"), "{told}");
    assert!(told.contains("has 0 cores beside what is on each node"), "{told}");
}

#[test]
fn pods_on_other_nodes_take_no_room_here() {
    let elsewhere = "nodeSelector: {example.com/pool: platform}";
    assert_eq!(told(&fleet("Deployment", "replicas: 60", 7, elsewhere), 0), "");
}
