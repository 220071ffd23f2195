//! `ninefold mcp`: the read-only commands for assistants, by the Model Context Protocol.
//!
//! A tool is a command, run as this very program with `--format json`: what an assistant gets is
//! what a person would be, in the same words and by the same contract. The folders are those that
//! this was started with; no tool takes another one, and none writes.
//!
//! The four methods of the protocol that matter here stand in this file. The SDK would bring 41
//! packages, an asynchronous runtime among them, and a fifth of the time that a clean build may take.

mod tools;

use super::args::Mcp;
use super::disk::Trouble;
use super::exit::Exit;
use super::rpc::{self, Framing, Incoming, Problem};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use tools::{Folder, Run, TOOLS, Tool};

const FRAMING: Framing = Framing::Lines;

/// The versions of the protocol that know what is used here; the newest first.
const VERSIONS: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

const INSTRUCTIONS: &str = "Ninefold compiles TOML specs of services (tier, regions, RPO, RTO) into Kubernetes manifests that keep the promise. Ask `check` what is wrong with the specs, `explain` why a number is what it is, `simulate` what a loss does, `diff` what a change will do, and `schema` what may be written. Nothing here writes a file.";

pub(super) fn run(arguments: &Mcp) -> Result<Exit, Trouble> {
    // An input that ends is how a session ends.
    for message in rpc::listen(FRAMING) {
        match message {
            Incoming::Request { id, method, params } => {
                rpc::answer(FRAMING, &id, answer(arguments, &method, &params));
            }
            Incoming::Notification { .. } | Incoming::Answer => {}
            Incoming::Broken(problem) => rpc::answer(FRAMING, &Value::Null, Err(problem)),
        }
    }
    Ok(Exit::Done)
}

fn answer(arguments: &Mcp, method: &str, params: &Value) -> Result<Value, Problem> {
    match method {
        "initialize" => {
            let asked = params.get("protocolVersion").and_then(Value::as_str);
            let version = VERSIONS.iter().find(|known| Some(**known) == asked);
            Ok(json!({
                "protocolVersion": version.unwrap_or(&VERSIONS[0]),
                "capabilities": { "tools": {} },
                "serverInfo": { "name": "ninefold", "version": env!("CARGO_PKG_VERSION") },
                "instructions": INSTRUCTIONS,
            }))
        }
        "ping" => Ok(json!({})),
        "tools/list" => {
            Ok(json!({ "tools": TOOLS.iter().map(Tool::declared).collect::<Vec<Value>>() }))
        }
        "tools/call" => {
            let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
            let Some(tool) = Tool::find(name) else {
                let help = crate::diag::did_you_mean(name, TOOLS.iter().map(|tool| tool.name));
                let message = format!("there is no tool `{name}`; {help}");
                return Err(Problem::new(rpc::WRONG_PARAMETERS, message));
            };
            let nothing = Map::new();
            let given = params.get("arguments").and_then(Value::as_object).unwrap_or(&nothing);
            Ok(match tool.run(given, |folder| named(arguments, folder)) {
                Ok(run) => call(tool, &run)?,
                Err(wrong) => failed(&wrong),
            })
        }
        _ => Err(Problem::new(rpc::NO_METHOD, format!("there is no method `{method}` here"))),
    }
}

/// A folder, as an argument of the commands.
fn named(arguments: &Mcp, folder: Folder) -> Vec<String> {
    let option = |name: &str, path: &std::path::Path| format!("--{name}={}", path.display());
    match folder {
        Folder::Specs => vec![option("specs", &arguments.inputs.specs)],
        Folder::Out => vec![option("out", &arguments.out)],
        Folder::Templates => {
            arguments.inputs.templates.iter().map(|path| option("templates", path)).collect()
        }
    }
}

/// Runs a command, and returns what it printed.
fn call(tool: &Tool, run: &Run) -> Result<Value, Problem> {
    let failed_to = |error: std::io::Error| {
        Problem::new(rpc::INTERNAL, format!("running `ninefold {}`: {error}", tool.name))
    };
    let program = std::env::current_exe().map_err(failed_to)?;
    let mut child = Command::new(program)
        .args(&run.arguments)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed_to)?;
    if let Some(mut input) = child.stdin.take() {
        // A command that reads nothing closes it.
        let _ = input.write_all(run.input.as_bytes());
    }
    let output = child.wait_with_output().map_err(failed_to)?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    // With findings, or a promise that breaks, there is an answer; it is not a good one.
    let answered = matches!(output.status.code(), Some(0 | 1));
    if tool.name == "check" && answered {
        let findings: Result<Vec<Value>, _> = printed.lines().map(serde_json::from_str).collect();
        let findings = json!({ "findings": findings.unwrap_or_default() });
        return Ok(json!({
            "content": [{ "type": "text", "text": findings.to_string() }],
            "structuredContent": findings,
            "isError": false,
        }));
    }
    if !answered || printed.is_empty() {
        return Ok(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    let mut result = json!({ "content": [{ "type": "text", "text": printed }], "isError": false });
    if let Ok(object @ Value::Object(_)) = serde_json::from_str(&printed) {
        result["structuredContent"] = object;
    }
    Ok(result)
}

/// The answer to an assistant where a command has none: it may ask again, and better.
fn failed(why: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": why.trim_end() }], "isError": true })
}
