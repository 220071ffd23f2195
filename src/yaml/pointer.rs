//! JSON pointers: how a key is spelled in one (RFC 6901, section 3).

use std::borrow::Cow;

/// A key as a token of a pointer.
pub(crate) fn token(key: &str) -> Cow<'_, str> {
    if key.bytes().any(|byte| byte == b'~' || byte == b'/') {
        return Cow::Owned(key.replace('~', "~0").replace('/', "~1"));
    }
    Cow::Borrowed(key)
}

/// The key that a token stands for.
pub(crate) fn key(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_comes_back() {
        for (of, token_of) in [("a/b", "a~1b"), ("~1", "~01"), ("~", "~0"), ("plain", "plain")] {
            assert_eq!((&*token(of), key(token_of).as_str()), (token_of, of));
        }
    }
}
