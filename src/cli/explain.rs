//! `ninefold explain CODE`: the page of a finding.

use super::{exit::Exit, print};
use crate::diag::{CODES, Code, did_you_mean};

pub(super) fn run(code: Option<&str>) -> Exit {
    let Some(code) = code else {
        let widest = CODES.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let lines = CODES.iter().map(|row| format!("{:widest$}  {}\n", row.name, row.summary));
        print::data(&lines.collect::<String>());
        return Exit::Done;
    };
    match Code::find(code) {
        Some(code) => {
            print::data(code.row().page);
            Exit::Done
        }
        None => {
            let known = CODES.iter().map(|row| row.name);
            print::error(&format!(
                "error: there is no finding `{code}`\nhelp: {}\n",
                did_you_mean(code, known)
            ));
            Exit::Trouble
        }
    }
}
