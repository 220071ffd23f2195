//! A program that is talked to over its standard input and output.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How messages are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Behind a header, as editors do it.
    Headers,
    /// A line each.
    Lines,
}

/// Longer than any answer takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session with a program, which ends with it.
pub(crate) struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    framing: Framing,
    asked: u64,
    /// What was told in between, and not asked for.
    told: Vec<Value>,
}

impl Talk {
    pub(crate) fn with(mut command: Command, framing: Framing) -> Talk {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut reader, framing) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Talk { child, input, output, framing, asked: 0, told: Vec::new() }
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn message(&mut self, message: &Value) {
        let text = message.to_string();
        let framed = match self.framing {
            Framing::Headers => format!("Content-Length: {}\r\n\r\n{text}", text.len()),
            Framing::Lines => format!("{text}\n"),
        };
        self.send(framed.as_bytes());
    }

    /// Tells something that wants no answer.
    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.message(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// What is answered: a result, or an error.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.message(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return message.get("result").unwrap_or(&message["error"]).clone();
            }
            self.told.push(message);
        }
    }

    /// The next message.
    pub(crate) fn next(&mut self) -> Value {
        self.output.recv_timeout(PATIENCE).expect("an answer")
    }

    /// The next notification of this kind, of which `wanted` holds.
    pub(crate) fn told(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let fits = |message: &Value| message["method"] == method && wanted(&message["params"]);
        if let Some(at) = self.told.iter().position(fits) {
            return self.told.remove(at)["params"].clone();
        }
        loop {
            let message = self.next();
            if fits(&message) {
                return message["params"].clone();
            }
        }
    }

    /// Closes its input; how it ends, and what it said on stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stderr)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn read(reader: &mut impl BufRead, framing: Framing) -> Option<Value> {
    let mut line = String::new();
    if framing == Framing::Lines {
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        return Some(serde_json::from_str(&line).expect("a line is JSON"));
    }
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        length = line.strip_prefix("Content-Length: ").unwrap().trim_end().parse().unwrap();
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).expect("a message is JSON"))
}
