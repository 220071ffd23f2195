//! JSON-RPC over standard input and output: each message behind a header that says its length, for
//! editors, or in a line of its own, for assistants.
//!
//! Nothing that comes in ends this but the end of the input: what is no message is answered by an
//! error, and the next one is read.

use serde_json::{Value, json};
use std::io::{BufRead, Read, Write};
use std::sync::mpsc::{Receiver, sync_channel};

/// What identifies a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// `Content-Length: 12`, an empty line, and that many bytes.
    Headers,
    /// A line each.
    Lines,
}

/// What came in.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Incoming {
    /// Something that wants an answer.
    Request {
        /// What the answer names.
        id: Value,
        /// What is asked.
        method: String,
        /// About what.
        params: Value,
    },
    /// Something that wants none.
    Notification {
        /// What happened.
        method: String,
        /// To what.
        params: Value,
    },
    /// The answer to a question of ours.
    Answer,
    /// No message, and why.
    Broken(Problem),
}

/// Why something is no message, or cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// As JSON-RPC counts them.
    pub(super) code: i32,
    /// In words.
    pub(super) message: String,
}

/// It is no JSON.
const NO_JSON: i32 = -32700;
/// It is no request.
const NO_REQUEST: i32 = -32600;
/// There is no such method.
pub(super) const NO_METHOD: i32 = -32601;
/// The parameters are not those of the method.
pub(super) const WRONG_PARAMETERS: i32 = -32602;
/// Something went wrong here.
pub(super) const INTERNAL: i32 = -32603;

/// The longest message, in bytes. No spec has a hundredth of it.
const LARGEST: u64 = 64 << 20;

/// The longest line of a header.
const LONGEST_HEADER: u64 = 8 << 10;

impl Problem {
    pub(super) fn new(code: i32, message: impl Into<String>) -> Problem {
        Problem { code, message: message.into() }
    }

    fn too_long(bytes: u64) -> Problem {
        Problem::new(NO_REQUEST, format!("a message of {bytes} bytes; {LARGEST} are the most"))
    }
}

/// Reads standard input in a thread of its own, until it ends.
pub(super) fn listen(framing: Framing) -> Receiver<Incoming> {
    // Whoever sends faster than is answered has to wait.
    let (sender, receiver) = sync_channel(64);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        while let Some(message) = next(&mut input, framing) {
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next message; nothing when the input has ended, or nobody can tell where the next one begins.
fn next(input: &mut impl BufRead, framing: Framing) -> Option<Incoming> {
    match framing {
        Framing::Lines => loop {
            let mut line = Vec::new();
            let read = input.by_ref().take(LARGEST).read_until(b'\n', &mut line).ok()?;
            if read == 0 {
                return None;
            }
            if read as u64 == LARGEST && !line.ends_with(b"\n") {
                let rest = input.skip_until(b'\n').ok()? as u64;
                if rest > 0 {
                    let bytes = LARGEST + rest;
                    return Some(Incoming::Broken(Problem::too_long(bytes)));
                }
            }
            let blank = line.iter().all(u8::is_ascii_whitespace);
            if !blank {
                return Some(parse(&line));
            }
        },
        Framing::Headers => {
            let length = match length(input)? {
                Ok(length) => length,
                Err(problem) => return Some(Incoming::Broken(problem)),
            };
            let mut bytes = Vec::new();
            input.take(length).read_to_end(&mut bytes).ok()?;
            (bytes.len() as u64 == length).then(|| parse(&bytes))
        }
    }
}

/// Reads the header of a message: how long it is.
fn length(input: &mut impl BufRead) -> Option<Result<u64, Problem>> {
    let mut length = None;
    let wrong = |what: String| Some(Err(Problem::new(NO_REQUEST, what)));
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_HEADER).read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            return match length {
                Some(length) if length <= LARGEST => Some(Ok(length)),
                Some(length) => Some(Err(Problem::too_long(length))),
                None => wrong("a header without `Content-Length`".to_owned()),
            };
        }
        let Some((name, value)) = line.split_once(':') else {
            return wrong("a line of a header is `Name: value`".to_owned());
        };
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            match value.trim().parse() {
                Ok(number) => length = Some(number),
                Err(_) => return wrong("`Content-Length` is not a number of bytes".to_owned()),
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Incoming {
    let broken = |code, message: String| Incoming::Broken(Problem::new(code, message));
    let message: Value = match serde_json::from_slice(bytes) {
        Ok(message) => message,
        Err(error) => return broken(NO_JSON, format!("this is not JSON: {error}")),
    };
    let Value::Object(mut message) = message else {
        return broken(NO_REQUEST, "a message is one JSON object".to_owned());
    };
    let id = message.remove("id");
    let params = message.remove("params").unwrap_or(Value::Null);
    match (message.remove("method"), id) {
        (Some(Value::String(method)), None) => Incoming::Notification { method, params },
        (Some(Value::String(method)), Some(id)) if id.is_string() || id.is_number() => {
            Incoming::Request { id, method, params }
        }
        (None, Some(_)) if message.contains_key("result") || message.contains_key("error") => {
            Incoming::Answer
        }
        _ => broken(NO_REQUEST, "a request has a `method`, and an `id` to be answered".to_owned()),
    }
}

/// Sends what a request wanted, or why there is nothing.
pub(super) fn answer(framing: Framing, id: &Value, result: Result<Value, Problem>) {
    let mut message = json!({ "jsonrpc": "2.0", "id": id });
    match result {
        Ok(result) => message["result"] = result,
        Err(problem) => {
            message["error"] = json!({ "code": problem.code, "message": problem.message });
        }
    }
    send(framing, &message);
}

/// Tells something that wants no answer.
pub(super) fn notify(framing: Framing, method: &str, params: &Value) {
    send(framing, &json!({ "jsonrpc": "2.0", "method": method, "params": params }));
}

/// Asks something; the answer is of no interest.
pub(super) fn ask(framing: Framing, id: &str, method: &str, params: &Value) {
    send(framing, &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
}

fn send(framing: Framing, message: &Value) {
    let text = message.to_string();
    let mut out = std::io::stdout().lock();
    let sent = match framing {
        Framing::Headers => write!(out, "Content-Length: {}\r\n\r\n{text}", text.len()),
        Framing::Lines => writeln!(out, "{text}"),
    };
    // A reader that went away closes the input, too, which ends the loop.
    let _ = sent.and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(framing: Framing, mut input: &[u8]) -> Vec<String> {
        std::iter::from_fn(|| next(&mut input, framing))
            .map(|message| match message {
                Incoming::Request { method, .. } => format!("asks {method}"),
                Incoming::Notification { method, .. } => format!("tells {method}"),
                Incoming::Answer => "answers".to_owned(),
                Incoming::Broken(problem) => problem.code.to_string(),
            })
            .collect()
    }

    #[test]
    fn what_is_no_message_ends_nothing() {
        let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
        let input = [
            framed(r#"{"id": 1, "method": "a"}"#),
            framed("{"),
            framed("[]"),
            framed(&"[".repeat(100_000)),
            "nonsense\r\n\r\n".to_owned(),
            "Content-Length: -3\r\n\r\n".to_owned(),
            "Content-Length: 99999999999999\r\n\r\n".to_owned(),
            format!("content-length:3\nContent-Type: x\n\n{{}} {}", framed("{\"method\":\"b\"}")),
            framed(r#"{"id": null, "method": "a"}"#),
            framed(r#"{"id": 1, "result": null}"#),
            "Content-Length: 50\r\n\r\n{".to_owned(),
        ];
        let found = read(Framing::Headers, input.concat().as_bytes());
        let expected = [
            "asks a", "-32700", "-32600", "-32700", "-32600", "-32600", "-32600", "-32600",
            "-32600", "-32600", "tells b", "-32600", "answers",
        ];
        assert_eq!(found, expected, "{found:?}");
        let lines = b"\n{\"id\":\"x\",\"method\":\"ping\"}\r\n{]\n\xff\n{\"method\":\"n\"}";
        assert_eq!(read(Framing::Lines, lines), ["asks ping", "-32700", "-32700", "tells n"]);
        // A line that is too long is one message, and the next line another.
        let mut lines = vec![b'x'; usize::try_from(LARGEST).unwrap() + 9];
        lines.extend_from_slice(b"\n{\"method\":\"n\"}\n");
        assert_eq!(read(Framing::Lines, &lines), ["-32600", "tells n"]);
    }
}
