//! The script itself, with a `kubectl` that asks the cluster of the test.

use super::cluster::{Cluster, Key, is_failing_job, key, text};
use super::engine::REGION;
use crate::workbench::{Files, write};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Command;

/// Writes down what it is asked, and answers what it is told to. A history calls it thousands of times,
/// so it is a function of the shell that runs the script, and starts no process that it can do without.
const KUBECTL: &str = r#"
kubectl() {
  last=
  for argument in "$@"; do
    if [ "$last $argument" = "-f -" ]; then cat > "$STATE/stdin"; fi
    last=$argument
  done
  printf '%s\n' "$@" > "$STATE/asked"
  echo asks > "$STATE/ask"
  read -r code says < "$STATE/answer"
  if [ "$says" = something ]; then cat "$STATE/output"; fi
  return "$code"
}
. "$0"
"#;

/// A folder in which the stand-in for `kubectl` and the test meet.
pub(super) struct Script {
    state: tempfile::TempDir,
    /// The sets that there are: their names, and what marks their objects.
    sets: BTreeMap<String, String>,
}

/// What a call comes to.
struct Answer {
    code: u8,
    output: String,
}

const DONE: Answer = Answer { code: 0, output: String::new() };

impl Script {
    pub(super) fn new() -> Script {
        let state = crate::workbench::folder();
        for pipe in ["ask", "answer"] {
            let made = Command::new("mkfifo").arg(state.path().join(pipe)).status().unwrap();
            assert!(made.success());
        }
        Script { state, sets: BTreeMap::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.state.path().join(name)
    }

    /// Runs the script of a tree; `kubectl` fails from the call `until` on, as when somebody ends it.
    pub(super) fn deliver(&mut self, cluster: &mut Cluster, tree: &Files, until: u64) {
        let folder = self.path("a tree");
        let _ = fs::remove_dir_all(&folder);
        write(&folder, tree);
        let mut script = Command::new("sh");
        script.args(["-c", KUBECTL]).arg(folder.join(REGION).join("delivery/apply.sh"));
        script.args(["--context", "here"]).env("STATE", self.state.path());
        script.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        // Both ends stay open: a process that another test starts holds each end that is open at that
        // instant, and would take what is written to it along when the other end is opened anew.
        let both = |pipe: &str| {
            fs::OpenOptions::new().read(true).write(true).open(self.path(pipe)).unwrap()
        };
        let (ask, mut answers) = (both("ask"), both("answer"));
        let mut asks = BufReader::new(ask.try_clone().unwrap());
        let child = script.spawn().unwrap();
        let waits = std::thread::spawn(move || {
            let output = child.wait_with_output().unwrap();
            writeln!(&ask, "ends").unwrap();
            output
        });
        let mut calls = 0;
        let mut line = String::new();
        while asks.read_line(&mut line).unwrap() > 0 && line == "asks\n" {
            line.clear();
            calls += 1;
            let asked = fs::read_to_string(self.path("asked")).unwrap();
            let asked: Vec<&str> = asked.lines().collect();
            let answer = match calls > until {
                false => self.answer(cluster, &asked),
                true => Answer { code: 1, output: String::new() },
            };
            let says = if answer.output.is_empty() { "nothing" } else { "something" };
            fs::write(self.path("output"), answer.output).unwrap();
            writeln!(answers, "{} {says}", answer.code).unwrap();
        }
        let output = waits.join().unwrap();
        assert!(calls > until.min(3), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn answer(&mut self, cluster: &mut Cluster, asked: &[&str]) -> Answer {
        assert_eq!(asked[..2], ["--context", "here"]);
        let after = |flag: &str| {
            let at = asked.iter().position(|argument| *argument == flag)?;
            asked.get(at + 1).copied()
        };
        let file = match after("-f") {
            Some("-") => Some(self.path("stdin")),
            Some(path) => Some(PathBuf::from(path)),
            None => None,
        };
        let given = file.map(|file| documents(&fs::read_to_string(file).unwrap()));
        let given = given.unwrap_or_default();
        let flag = |name: &str| asked.iter().find_map(|argument| argument.strip_prefix(name));
        match asked[2] {
            "wait" => DONE,
            "get" if asked.contains(&"name") => Answer {
                code: 0,
                output: self
                    .sets
                    .keys()
                    .map(|name| format!("applyset.delivery.ninefold.dev/{name}\n"))
                    .collect(),
            },
            "get" if asked[3] == "job" => {
                let (namespace, name) = (after("-n").unwrap(), asked[4]);
                let job = ("Job".to_owned(), namespace.to_owned(), name.to_owned());
                let job = cluster.get(&job).expect("the script has applied it");
                let state = if is_failing_job(job) { "Failed" } else { "Complete" };
                Answer { code: 0, output: state.to_owned() }
            }
            "get" => DONE,
            "label" => {
                let (label, id) = asked
                    .iter()
                    .find_map(|it| it.split_once('=').filter(|(label, _)| label.contains('/')))
                    .unwrap();
                let mut output = String::new();
                for mut object in given {
                    object["metadata"]["labels"][label] = id.into();
                    output += &object.to_string();
                    output.push('\n');
                }
                Answer { code: 0, output }
            }
            "rollout" => {
                cluster.settle();
                let (kind, name) = asked[4].split_once('/').unwrap();
                let key = (kind.to_owned(), after("-n").unwrap().to_owned(), name.to_owned());
                Answer { code: u8::from(!cluster.is_healthy(&key)), output: String::new() }
            }
            "apply" => {
                let set = flag("--applyset=").map(|set| set.rsplit('/').next().unwrap());
                if asked.contains(&"--prune") {
                    self.prune(cluster, set.unwrap(), &given);
                } else {
                    self.apply(cluster, &given);
                }
                DONE
            }
            other => panic!("`kubectl {other}`: {asked:?}"),
        }
    }

    fn apply(&mut self, cluster: &mut Cluster, given: &[Value]) {
        for object in given {
            match text(object, "/kind") {
                "CustomResourceDefinition" => {}
                "ApplySet" => {
                    let id = &object["metadata"]["labels"]["applyset.kubernetes.io/id"];
                    let name = text(object, "/metadata/name").to_owned();
                    self.sets.insert(name, id.as_str().unwrap().to_owned());
                }
                _ => {
                    let mut object = object.clone();
                    let labels = object["metadata"]["labels"].as_object_mut().unwrap();
                    let owner = labels.remove("applyset.kubernetes.io/part-of");
                    let owner = owner.as_ref().and_then(Value::as_str).unwrap_or_default();
                    cluster.apply(owner, &object);
                }
            }
        }
    }

    /// Applies what is given as a set, and deletes what else has its mark (KEP-3659).
    fn prune(&mut self, cluster: &mut Cluster, set: &str, given: &[Value]) {
        let id = self.sets.get(set).expect("the set was made").clone();
        for object in given {
            cluster.apply(&id, object);
        }
        let now: Vec<Key> = given.iter().map(key).collect();
        for former in cluster.of(&id).into_iter().filter(|former| !now.contains(former)) {
            cluster.delete(&former);
        }
    }
}

/// The documents of a file: YAML, or JSON values one after the other.
fn documents(text: &str) -> Vec<Value> {
    if text.starts_with('{') {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        return values.map(Result::unwrap).collect();
    }
    let documents = serde_yaml::Deserializer::from_str(text).map(Value::deserialize);
    documents.map(Result::unwrap).filter(|document| !document.is_null()).collect()
}
