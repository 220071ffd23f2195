//! What `.ci/review` tells a pull request, and what it ends with: the real script and the real
//! binary, with a stand-in for the forge's API.

use crate::workbench::{Run, Workbench, repository};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

const BOT: &str = "github-actions[bot]";
const MARKER: &str = "<!-- ninefold:diff v1 key=default -->\n";

/// The comments of one request, and what was done to them.
struct Forge {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Number, author, text.
    comments: Vec<(u64, String, String)>,
    /// `PATCH /repos/shop/fleet/issues/comments/7`, and the header with the token.
    requests: Vec<(String, String)>,
    /// What is answered to whoever writes.
    refusal: Option<u16>,
    gitlab: bool,
}

impl Forge {
    fn new() -> Forge {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // It ends with the test.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &mut shared.lock().unwrap());
            }
        });
        Forge { address, state }
    }

    fn with(comments: &[(u64, &str, &str)]) -> Forge {
        let forge = Forge::new();
        forge.state().comments = (comments.iter())
            .map(|(number, author, text)| (*number, (*author).to_owned(), (*text).to_owned()))
            .collect();
        forge
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What was written, and whereto.
    fn written(&self) -> Vec<String> {
        let state = self.state();
        let lines = state.requests.iter().map(|(line, _)| line.clone());
        lines.filter(|line| !line.starts_with("GET ")).collect()
    }

    fn text_of(&self, number: u64) -> String {
        let state = self.state();
        let comment = state.comments.iter().find(|(other, ..)| *other == number);
        comment.unwrap_or_else(|| panic!("there is no comment {number}")).2.clone()
    }
}

fn answer(stream: &TcpStream, state: &mut State) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" | "private-token" => token = header.trim_end().to_owned(),
            "expect" => (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    state.requests.push((format!("{method} {target}"), token));
    let (status, answer) = act(state, method, target, &body);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    (&*stream).write_all(head.as_bytes()).unwrap();
    (&*stream).write_all(answer.as_bytes()).unwrap();
}

fn act(state: &mut State, method: &str, target: &str, body: &[u8]) -> (u16, String) {
    if target == "/user" {
        return (200, json!({"id": 5, "username": "ninefold-bot", "state": "active"}).to_string());
    }
    if method == "GET" {
        let page: usize = target.split("page=").last().unwrap().parse().unwrap();
        assert!(target.contains("per_page=100"), "{target}");
        let comments: Vec<Value> = (state.comments.chunks(100).nth(page - 1).unwrap_or_default())
            .iter()
            .map(|comment| shown(state.gitlab, comment))
            .collect();
        // As GitHub does it: over several lines, and with `<` written out.
        return (200, format!("{:#}", Value::from(comments)).replace('<', "\\u003c"));
    }
    if let Some(status) = state.refusal {
        return (status, json!({"message": "Resource not accessible"}).to_string());
    }
    let body: Value = serde_json::from_slice(body).expect("the script sends JSON");
    let text = body["body"].as_str().expect("with a body").to_owned();
    // What GitHub says of a comment that is longer.
    if !state.gitlab && text.chars().count() > 65_536 {
        let message = "Validation Failed: body is too long (maximum is 65536 characters)";
        return (422, json!({ "message": message }).to_string());
    }
    let known = target.rsplit('/').next().and_then(|number| number.parse::<u64>().ok());
    match (method, known) {
        ("POST", None) => {
            let number = 1000 + state.comments.len() as u64;
            state.comments.push((number, BOT.to_owned(), text));
            (201, json!({"id": number}).to_string())
        }
        ("PATCH" | "PUT", Some(number)) => {
            let comment = state.comments.iter_mut().find(|(other, ..)| *other == number);
            comment.expect("it updates what is there").2 = text;
            (200, json!({"id": number}).to_string())
        }
        _ => (404, String::new()),
    }
}

fn shown(gitlab: bool, (number, author, text): &(u64, String, String)) -> Value {
    match gitlab {
        true => json!({
            "id": number, "type": null, "body": text, "attachment": null,
            "author": {"id": 1, "username": author, "name": "A \"quoted\" name"},
            "system": false, "noteable_id": 3,
        }),
        false => json!({
            "url": format!("https://api.example.com/repos/shop/fleet/issues/comments/{number}"),
            "id": number, "node_id": "IC_\\", "body": text,
            "user": {"login": author, "id": 41898282, "type": "Bot"},
            "reactions": {"url": "x", "+1": 0},
            "performed_via_github_app": {"id": 15368, "owner": {"login": BOT, "id": 2}},
        }),
    }
}

/// What of a step's output GitHub shows: of each level the first ten annotations, of a job fifty. What
/// is beyond that is dropped without a word.
fn shown_of_step(output: &str) -> Vec<&str> {
    let levels = ["::error ", "::warning ", "::notice "];
    let of =
        |level: &'static str| output.lines().filter(move |line| line.starts_with(level)).take(10);
    levels.into_iter().flat_map(of).take(50).collect()
}

/// The files that GitHub holds a `paths` filter against: the first 300 of a comparison, by name.
fn seen_by_filters(bench: &Workbench) -> Vec<String> {
    let all = bench.git(&["diff", "--name-only", "main...work"]);
    let mut files: Vec<String> = all.lines().map(str::to_owned).collect();
    files.sort();
    assert!(files.len() > 300, "{}", files.len());
    files.truncate(300);
    files
}

/// A repository with a change on its branch `work` that is built and committed.
fn changed() -> Workbench {
    let bench = Workbench::committed();
    bench.edit("specs/hello.toml", "@sha256:0", "@sha256:1");
    bench.run(&["build"]).code(0);
    bench.commit("two");
    bench
}

/// The script in this folder, as action.yml runs it for request 7.
fn script(bench: &Workbench, forge: &Forge) -> Command {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ninefold"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(repository(".ci/review"));
    command.current_dir(bench.path("")).env("PATH", path).env("GITHUB_ACTIONS", "true");
    for name in ["GITLAB_CI", "GITHUB_SHA", "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.envs([
        ("GITHUB_API_URL", forge.address.as_str()),
        ("GITHUB_SERVER_URL", "https://github.example.com"),
        ("GITHUB_REPOSITORY", "shop/fleet"),
        ("GITHUB_RUN_ID", "99"),
        ("NINEFOLD_TOKEN", "the-token"),
        ("NINEFOLD_REQUEST", "7"),
    ]);
    command.env("GITHUB_STEP_SUMMARY", bench.path(".git/summary.md"));
    command
}

fn summary(bench: &Workbench) -> String {
    bench.read(".git/summary.md")
}

#[test]
fn the_first_run_writes_a_comment_and_the_next_one_updates_it() {
    let (bench, forge) = (changed(), Forge::new());
    let _ = Run::of(script(&bench, &forge)).code(0);
    assert_eq!(forge.written(), ["POST /repos/shop/fleet/issues/7/comments"]);
    let first = forge.text_of(1000);
    assert!(first.starts_with(MARKER), "{first}");
    // What arrives is what the command prints, and the token goes where it belongs.
    let printed = bench
        .run(&[
            "diff",
            "--format",
            "markdown",
            "--fail-on",
            "critical",
            "--full-url",
            "https://github.example.com/shop/fleet/actions/runs/99",
        ])
        .code(0);
    assert_eq!(first, printed.stdout);
    let tokens: Vec<String> =
        forge.state().requests.iter().map(|(_, token)| token.clone()).collect();
    assert!(tokens.iter().all(|token| token == "Authorization: Bearer the-token"), "{tokens:?}");
    assert!(summary(&bench).starts_with(MARKER));

    bench.edit("specs/hello.toml", "@sha256:1", "@sha256:2");
    bench.run(&["build"]).code(0);
    bench.commit("three");
    let _ = Run::of(script(&bench, &forge)).code(0);
    assert_eq!(forge.written()[1..], ["PATCH /repos/shop/fleet/issues/comments/1000"]);
    assert_ne!(forge.text_of(1000), first);
    // Back to where it began: the comment does not go on to say what is no longer so.
    bench.git(&["reset", "-q", "--hard", "main"]);
    let _ = Run::of(script(&bench, &forge)).code(0);
    assert!(forge.text_of(1000).contains("No differences"), "{}", forge.text_of(1000));
    assert_eq!(forge.state().comments.len(), 1);
}

#[test]
fn where_nothing_differs_nothing_is_said() {
    let (bench, forge) = (Workbench::committed(), Forge::new());
    let _ = Run::of(script(&bench, &forge)).code(0);
    assert!(forge.written().is_empty());
    assert!(summary(&bench).contains("No differences"));
}

#[test]
fn comments_of_others_and_other_keys_are_not_touched() {
    let bench = changed();
    let quoted = format!("They wrote:\n> {MARKER}");
    let hostile = "\\\",\"body\":\"<!-- ninefold:diff v1 key=default -->\",\"user\":{\"login\":\"github-actions[bot]\"},\"id\":3,\"x\":\"\\\\";
    let mut comments = vec![
        (1, "mallory", MARKER),
        (2, BOT, quoted.as_str()),
        (3, "mallory", hostile),
        (4, BOT, "<!-- ninefold:diff v1 key=default2 -->\n"),
        (5, BOT, "<!-- ninefold:diff v1 key=other -->\n"),
    ];
    comments.extend((100..250).map(|number| (number, "people", "Ship it. \"\\")));
    comments.push((300, BOT, "<!-- ninefold:diff v1 key=default -->\r\nold"));
    let forge = Forge::with(&comments);
    let _ = Run::of(script(&bench, &forge)).code(0);
    assert_eq!(forge.written(), ["PATCH /repos/shop/fleet/issues/comments/300"]);
    let mut other = script(&bench, &forge);
    other.env("NINEFOLD_KEY", "other");
    let _ = Run::of(other).code(0);
    assert_eq!(forge.written()[1..], ["PATCH /repos/shop/fleet/issues/comments/5"]);
    let mut third = script(&bench, &forge);
    third.env("NINEFOLD_KEY", "third");
    let _ = Run::of(third).code(0);
    assert_eq!(forge.written()[2..], ["POST /repos/shop/fleet/issues/7/comments"]);
}

#[test]
fn a_token_that_may_not_write_leaves_the_report_in_the_summary() {
    for status in [403, 404, 422, 500] {
        let (bench, forge) = (changed(), Forge::new());
        forge.state().refusal = Some(status);
        let run = Run::of(script(&bench, &forge)).code(0);
        assert!(run.stdout.contains(&format!("(HTTP {status})")), "{}", run.stdout);
        assert!(run.stdout.contains("summary of this job"), "{}", run.stdout);
        assert!(summary(&bench).starts_with(MARKER));
        assert!(forge.state().comments.is_empty());
    }
    // No token, no request, no forge at all: the same.
    let (bench, forge) = (changed(), Forge::new());
    for (name, value) in
        [("NINEFOLD_TOKEN", ""), ("NINEFOLD_REQUEST", ""), ("GITHUB_API_URL", "http://127.0.0.1:1")]
    {
        let mut command = script(&bench, &forge);
        command.env(name, value);
        let _ = Run::of(command).code(0);
        assert!(forge.state().comments.is_empty(), "{name}");
    }
}

#[test]
fn what_is_too_long_for_a_comment_is_shortened_and_the_summary_has_more() {
    let (bench, forge) = (Workbench::committed(), Forge::new());
    let spec = bench.read("specs/hello.toml");
    for (branch, word) in [("main", "ship"), ("work", "hold")] {
        bench.git(&["checkout", "-q", branch]);
        let value = format!("`{word}` | \"{word}\" ").repeat(9);
        let keys: String = (0..900).map(|key| format!("KEY_{key} = '{value}'\n")).collect();
        bench.write("specs/hello.toml", &format!("{spec}\n[config]\n{keys}"));
        bench.run(&["build"]).code(0);
        bench.commit(branch);
        if branch == "main" {
            bench.git(&["branch", "-q", "-f", "work", "main"]);
        }
    }
    let _ = Run::of(script(&bench, &forge)).code(0);
    let comment = forge.text_of(1000);
    assert!(comment.len() <= 65_000, "{}", comment.len());
    assert!(comment.contains("https://github.example.com/shop/fleet/actions/runs/99"), "{comment}");
    let summary = summary(&bench);
    assert!(summary.len() <= 1_048_576 && summary.len() > comment.len(), "{}", summary.len());
}

#[test]
fn a_change_of_more_files_than_a_page_lists_is_told_whole() {
    let (bench, forge) = (Workbench::committed(), Forge::new());
    let spec = bench.read("specs/hello.toml");
    for (branch, word) in [("main", "one"), ("work", "two")] {
        bench.git(&["checkout", "-q", branch]);
        let file = |at: usize| {
            format!("[[files]]\npath = \"/etc/hello/{at:03}\"\ncontent = \"{word} {at}\"\n")
        };
        let files: String = (0..20).map(file).collect();
        for number in 0..8 {
            let own = spec.replace("\"hello\"", &format!("\"hello-{number}\""));
            bench.write(&format!("specs/hello-{number}.toml"), &format!("{own}\n{files}"));
        }
        bench.run(&["build"]).code(0);
        bench.commit(branch);
        if branch == "main" {
            bench.git(&["branch", "-q", "-f", "work", "main"]);
        }
    }
    // GitHub lists 300 files of a comparison, which is why no workflow here filters by paths: those of
    // `out/` fill the list. This asks git.
    let listed = seen_by_filters(&bench);
    assert!(listed.iter().all(|path| !path.starts_with("specs/")), "{listed:?}");
    let _ = Run::of(script(&bench, &forge)).code(0);
    let comment = forge.text_of(1000);
    assert!(comment.starts_with(MARKER) && comment.len() <= 65_000, "{}", comment.len());
    assert!(comment.contains("`pods-replaced`"), "{comment}");
    let counted = |word: &str| -> usize {
        let before = comment.split(word).next().unwrap().trim_end();
        before.rsplit(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("{comment}"))
    };
    assert!(counted("replaced") + counted("kept") > 300, "{comment}");
    // A list of the files of a request ends at 3,000, whatever page is asked for: nobody asks for one.
    let asked = forge.state().requests.clone();
    assert!(asked.iter().all(|(line, _)| line.contains("/comments")), "{asked:?}");
}

#[test]
fn the_gate_and_how_much_more_there_is_are_among_what_a_step_shows() {
    let (bench, forge) = (Workbench::committed(), Forge::new());
    let spec = bench.read("specs/hello.toml");
    for (branch, digit) in [("main", '1'), ("work", '2')] {
        bench.git(&["checkout", "-q", branch]);
        for number in 0..25 {
            let own = spec.replace("\"hello\"", &format!("\"hello-{number}\""));
            let own = own.replace("@sha256:0", &format!("@sha256:{digit}"));
            bench.write(&format!("specs/hello-{number}.toml"), &own);
        }
        bench.run(&["build"]).code(0);
        bench.commit(branch);
        if branch == "main" {
            bench.git(&["branch", "-q", "-f", "work", "main"]);
        }
    }
    let mut strict = script(&bench, &forge);
    strict.env("NINEFOLD_FAIL_ON", "medium");
    let run = Run::of(strict).code(3);
    let shown = shown_of_step(&run.stdout);
    let all = run.stdout.lines().filter(|line| line.starts_with("::"));
    assert_eq!(shown.len(), all.count(), "something is dropped:\n{}", run.stdout);
    assert!(shown.iter().any(|line| line.contains("The gate is not passed")), "{shown:#?}");
    assert!(shown.iter().any(|line| line.contains("more of this level")), "{shown:#?}");
    assert!(forge.written().len() == 1 && forge.text_of(1000).starts_with(MARKER));
}

/// A filter of paths is held against the first 300 files alone, so the workflow that the page shows has
/// none, and the page says so.
#[test]
fn the_workflow_of_the_page_has_no_filter_of_paths() {
    let page = std::fs::read_to_string(repository("docs/ci.md")).unwrap();
    let workflow = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(workflow.contains("ninefold@") && !workflow.contains("paths"), "{workflow}");
    assert!(page.contains("first 300 files"), "docs/ci.md");
    for path in crate::workbench::names_in(&repository(".github/workflows")) {
        let text = std::fs::read_to_string(repository(".github/workflows").join(&path)).unwrap();
        assert!(!text.contains("paths:"), "{path}");
    }
}

#[test]
fn the_gate_findings_and_a_stale_tree_fail_and_are_told() {
    let (bench, forge) = (changed(), Forge::new());
    let mut strict = script(&bench, &forge);
    strict.env("NINEFOLD_FAIL_ON", "info");
    let run = Run::of(strict).code(3);
    assert!(
        run.stdout.contains("::error title=ninefold::The gate is not passed"),
        "{}",
        run.stdout
    );
    assert_eq!(forge.state().comments.len(), 1);
    let mut never = script(&bench, &forge);
    never.env("NINEFOLD_FAIL_ON", "never");
    let _ = Run::of(never).code(0);

    bench.edit("specs/hello.toml", "@sha256:1", "@sha256:2");
    let _ = Run::of(script(&bench, &forge)).code(1);
    assert!(forge.text_of(1000).contains("**The committed tree is stale**"));
    bench.edit("specs/hello.toml", "tier", "teir");
    let _ = Run::of(script(&bench, &forge)).code(2);
    assert!(forge.text_of(1000).contains("unknown-key"), "{}", forge.text_of(1000));
    assert!(forge.text_of(1000).starts_with(MARKER));
}

#[test]
fn a_shallow_checkout_of_a_merge_is_compared_with_what_it_merges_into() {
    let (bench, forge) = (changed(), Forge::new());
    bench.git(&["checkout", "-q", "-b", "pull", "main"]);
    bench.git(&["merge", "-q", "--no-ff", "-m", "merge", "work"]);
    bench.git(&["config", "uploadpack.allowReachableSHA1InWant", "true"]);
    let origin = format!("file://{}", bench.path("").display());
    bench.git(&["clone", "-q", "--depth", "1", "--branch", "pull", &origin, ".git/clone"]);
    let merge = bench.git(&["rev-parse", "pull"]);
    let mut command = script(&bench, &forge);
    command.current_dir(bench.path(".git/clone")).env("GITHUB_SHA", merge);
    let _ = Run::of(command).code(0);
    let base = bench.git(&["rev-parse", "--short=7", "main"]);
    assert!(forge.text_of(1000).contains(&base), "{}", forge.text_of(1000));
}

#[test]
fn a_merge_request_of_gitlab_has_one_note() {
    let (bench, forge) = (changed(), Forge::new());
    forge.state().gitlab = true;
    forge.state().comments = vec![
        (1, BOT.to_owned(), MARKER.to_owned()),
        (2, "ninefold-bot".to_owned(), format!("{MARKER}old")),
    ];
    let mut command = script(&bench, &forge);
    command.env("GITLAB_CI", "true").env_remove("NINEFOLD_REQUEST");
    command.envs([
        ("CI_API_V4_URL", forge.address.as_str()),
        ("CI_PROJECT_ID", "12"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_JOB_URL", "https://gitlab.example.com/jobs/1"),
    ]);
    command.env("CI_MERGE_REQUEST_DIFF_BASE_SHA", bench.git(&["rev-parse", "main"]));
    let _ = Run::of(command).code(0);
    assert_eq!(forge.written(), ["PUT /projects/12/merge_requests/7/notes/2"]);
    let token = forge.state().requests.last().unwrap().1.clone();
    assert_eq!(token, "PRIVATE-TOKEN: the-token");
    assert!(bench.read("ninefold-diff.md").starts_with(MARKER));
}

#[test]
fn the_files_of_the_forges_say_what_is_there() {
    let yaml = |path: &str| -> Value {
        let text = std::fs::read_to_string(repository(path)).unwrap();
        Value::from(&ninefold::yaml::read::document(&text).unwrap())
    };
    let action = yaml("action.yml");
    let text = std::fs::read_to_string(repository("action.yml")).unwrap();
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(
            text.contains(&format!("${{{{ inputs.{input} }}}}")),
            "input `{input}` is not used"
        );
    }
    let script = std::fs::read_to_string(repository(".ci/review")).unwrap();
    let review = action["runs"]["steps"].as_array().unwrap().last().unwrap();
    for variable in review["env"].as_object().unwrap().keys() {
        assert!(script.contains(variable.as_str()), "{variable}");
    }
    assert_eq!(review["run"], "\"$GITHUB_ACTION_PATH/.ci/review\"");
    let install = action["runs"]["steps"].as_array().unwrap().iter();
    let install = install.rev().nth(1).unwrap();
    assert_eq!(install["run"], "\"$GITHUB_ACTION_PATH/.ci/install\" \"$RUNNER_TEMP/ninefold/bin\"");
    let script = std::fs::read_to_string(repository(".ci/install")).unwrap();
    for variable in install["env"].as_object().unwrap().keys() {
        assert!(script.contains(variable.as_str()), "{variable}");
    }
    let steps = yaml(".ci/gitlab.yml")["ninefold"]["script"].clone();
    assert!(steps.as_array().unwrap().last().unwrap().as_str().unwrap().ends_with(".ci/review"));
    let bench = Workbench::committed();
    for hook in yaml(".pre-commit-hooks.yaml").as_array().unwrap() {
        let entry: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        bench.run(&entry[1..]).code(0);
        let program = if hook["language"] == "script" { ".ci/hook" } else { "ninefold" };
        assert_eq!(entry[0], program);
    }
}
