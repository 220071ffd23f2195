//! `ninefold mcp`, as an assistant talks to it.

use crate::fits::misfits;
use crate::talk::{Framing, Talk};
use crate::workbench::{Workbench, repository};
use serde_json::{Value, json};

fn schema(name: &str) -> Value {
    let path = repository("specs/schema").join(format!("{name}.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn call(talk: &mut Talk, tool: &str, arguments: Value) -> Value {
    talk.ask("tools/call", json!({ "name": tool, "arguments": arguments }))
}

/// The answer, which fits its schema.
fn answer(talk: &mut Talk, tool: &str, arguments: Value, of: &str) -> Value {
    let result = call(talk, tool, arguments);
    assert_eq!(result["isError"], false, "{result:#}");
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(result["structuredContent"], text);
    let wrong = misfits(&text, &schema(of));
    assert!(wrong.is_empty(), "{tool}: {wrong:#?}");
    text
}

#[test]
fn a_session_of_an_assistant() {
    let bench = Workbench::committed();
    let before = bench.git(&["status", "--porcelain", "--ignored"]);
    let mut talk = Talk::with(bench.command(&["mcp"]), Framing::Lines);
    let params = json!({
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let begun = talk.ask("initialize", params);
    assert_eq!(begun["protocolVersion"], "2025-06-18");
    assert!(begun["capabilities"]["tools"].is_object());
    talk.tell("notifications/initialized", json!({}));
    assert_eq!(talk.ask("ping", json!({})), json!({}));

    let tools = talk.ask("tools/list", json!({}));
    let tools = tools["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "check", "explain", "simulate", "diff", "drill", "evidence", "calendar", "report",
            "schema"
        ]
    );
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["inputSchema"]["type"], "object");
        assert!(tool["description"].as_str().unwrap().len() > 20);
    }

    let fine = call(&mut talk, "check", json!({}));
    assert_eq!(fine["structuredContent"], json!({ "findings": [] }));
    let page = answer(&mut talk, "explain", json!({ "name": "hello" }), "explain");
    assert_eq!(page["service"], "hello");
    let field = json!({ "name": "hello", "field": "rto" });
    let part = answer(&mut talk, "explain", field, "explain");
    let claims = part["regions"][0]["claims"].as_array().unwrap();
    assert!(!claims.is_empty() && claims.iter().all(|claim| claim["objective"] == "rto"));
    answer(&mut talk, "explain", json!({ "name": "no-fleet" }), "explain");
    let report = answer(&mut talk, "simulate", json!({ "lose": "node" }), "simulate");
    assert_eq!(report["holds"], true);
    answer(&mut talk, "calendar", json!({ "today": "2026-11-22" }), "calendar");
    let fleet = answer(&mut talk, "report", json!({ "today": "2026-11-22" }), "report");
    assert_eq!(fleet["services"][0]["name"], "hello");
    // A record is sent, as text or as it is, and never read from a path.
    let record = std::fs::read_to_string(repository("tests/bad-evidence/good.json")).unwrap();
    let of_another = answer(&mut talk, "evidence", json!({ "record": record }), "evidence-answer");
    assert_eq!(of_another["findings"][0]["place"]["file"], "-");
    let record: Value = serde_json::from_str(&record).unwrap();
    answer(&mut talk, "evidence", json!({ "record": record }), "evidence-answer");
    let text = call(&mut talk, "explain", json!({ "name": "hello", "form": "text" }));
    assert!(text["content"][0]["text"].as_str().unwrap().starts_with("hello · "));
    assert_eq!(text.get("structuredContent"), None);

    // An edit, what it does, and what is wrong with the next one.
    bench.edit("specs/hello.toml", "@sha256:0", "@sha256:1");
    let diff = answer(&mut talk, "diff", json!({ "from": "main" }), "diff");
    assert_eq!(diff["status"], "changed");
    bench.edit("specs/hello.toml", "tier ", "teir ");
    let found = call(&mut talk, "check", json!({}));
    let found = found["structuredContent"]["findings"].as_array().unwrap();
    assert!(found.iter().any(|finding| finding["code"] == "unknown-key"), "{found:?}");
    let refused = call(&mut talk, "diff", json!({}));
    assert_eq!(refused["isError"], true);
    assert!(refused["content"][0]["text"].as_str().unwrap().contains("did you mean `tier`?"));

    bench.edit("specs/hello.toml", "teir ", "tier ");
    // What is wrong with the question is said, and what is no tool's to choose is not chosen.
    for (tool, arguments, expected) in [
        ("simulate", json!({}), "`lose` is missing: What is lost"),
        ("simulate", json!({ "lose": "zones" }), "did you mean `zone`?"),
        ("explain", json!({ "nmae": "hello" }), "did you mean `name`?"),
        ("explain", json!({ "name": 3 }), "`name` is not text"),
        ("explain", json!({ "name": "--specs=/etc" }), "there is no"),
        ("check", json!({ "specs": "/etc" }), "`check` has no parameter `specs`"),
        ("diff", json!({ "from": "/etc" }), "/etc"),
        ("drill", json!({ "service": "hello", "region": "--write=x" }), "error"),
    ] {
        let result = call(&mut talk, tool, arguments);
        assert_eq!(result["isError"], true, "{tool}: {result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(expected), "{tool}: {text}");
    }
    let unknown = call(&mut talk, "chekc", json!({}));
    assert_eq!(unknown["code"], -32602);
    assert!(unknown["message"].as_str().unwrap().contains("did you mean `check`?"));
    assert_eq!(talk.ask("resources/list", json!({}))["code"], -32601);
    talk.send(b"{]\n\xff\xff\n[]\n\n");
    assert_eq!(talk.next()["error"]["code"], -32700);
    assert_eq!(talk.next()["error"]["code"], -32700);
    assert_eq!(talk.next()["error"]["code"], -32600);
    assert_eq!(talk.ask("ping", json!({})), json!({}));
    assert_eq!(talk.end(), (Some(0), String::new()));

    bench.git(&["checkout", "-q", "specs"]);
    assert_eq!(bench.git(&["status", "--porcelain", "--ignored"]), before, "something was written");
}
