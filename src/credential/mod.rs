//! Credentials: the forms and the names by which one is recognised.
//!
//! `spec` refuses what looks like one, `diff` masks it, and both ask here. A false alarm costs as
//! much as a miss: whoever gets false findings stops reading. So a form must be one that nothing else
//! has, and what only a name suggests is a lesser finding.

mod forms; //      tokens, URLs, headers, private keys: by how they look
mod random; //     texts that only a generator makes
mod names; //      keys that say that their value is one
mod assigned; //   `password=…` inside a text

pub(crate) use assigned::{announces, assigned};
pub(crate) use forms::within;
pub(crate) use names::{Named, named};
pub(crate) use random::is_random;

use std::ops::Range;

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its bytes.
    pub(crate) range: Range<usize>,
    /// What it looks like, with its article: `a GitHub token`.
    pub(crate) what: &'static str,
}

/// Numbers of fewer digits are lengths and limits.
const LONG_NUMBER: usize = 6;

/// Whether a value under a key that names a credential can be one: not empty, no switch, no limit,
/// no path, no address, and nothing that only leads to the credential.
pub(crate) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let number = value.len() < LONG_NUMBER && value.bytes().all(|byte| byte.is_ascii_digit());
    let leads = ["/", "./", "../", "~/", "file:", "arn:", "vault:", "ref+"];
    let leads = leads.iter().any(|start| value.starts_with(start));
    let address = value.contains("://") && !value.contains(['?', '@', ' ']);
    let none = value.is_empty() || number || leads || address;
    !none && !names::is_nature(value) && !is_placeholder(value)
}

/// Whether something else is filled in for `value` later: `$(X)`, `${X}`, `$X`, `{{ x }}`, `<x>`,
/// `***`, `…`.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
    };
    let between = |open: &str, close: &str| value.starts_with(open) && value.ends_with(close);
    value.strip_prefix('$').is_some_and(name)
        || [("$(", ")"), ("${", "}"), ("{", "}"), ("<", ">"), ("%(", ")s"), ("[", "]")]
            .iter()
            .any(|(open, close)| between(open, close) && !value.contains(['"', '\n']))
        || value.chars().all(|c| matches!(c, '*' | '.' | '…' | 'x' | 'X'))
}

#[cfg(test)]
mod tests;
