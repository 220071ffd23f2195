//! Keys that say that their value is a credential.

/// How sure a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// It names the credential itself: `DB_PASSWORD`, `apiKey`.
    Sure,
    /// It speaks of one, and may mean something about it: `TOKEN_AUDIENCES`, `PASSWORD_V2`.
    Perhaps,
}

/// Words for a credential.
const WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWORDS",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "DBPASS",
    "USERPASS",
];

/// Ends of words that are written without a gap: `PGPASSWORD`, `clientsecret`.
const ENDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "SECRETKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
    "ENCRYPTIONKEY",
];

/// What kind of `KEY` is a credential.
const KEYS: &[&str] = &[
    "API",
    "ACCESS",
    "PRIVATE",
    "SECRET",
    "ENCRYPTION",
    "DECRYPTION",
    "SIGNING",
    "MASTER",
    "HMAC",
    "AES",
    "SHARED",
    "ACCOUNT",
    "LICENSE",
    "LICENCE",
    "JWT",
    "AUTH",
    "FERNET",
];

/// Last words of a key that say that its value is about the credential: where it is, what makes
/// it, how long it lasts.
const HARMLESS_ENDS: &[&str] = &[
    // where it is
    "FILE",
    "FILES",
    "FILENAME",
    "PATH",
    "PATHS",
    "DIR",
    "DIRECTORY",
    "FOLDER",
    "LOCATION",
    "MOUNT",
    "VOLUME",
    "STORE",
    "BUCKET",
    "SOURCE",
    "REF",
    "REFERENCE",
    "KEYRING",
    "VAULT",
    // what it is called, and who asks
    "NAME",
    "NAMES",
    "ID",
    "IDS",
    "KID",
    "ARN",
    "LABEL",
    "ALIAS",
    "FIELD",
    "PARAM",
    "PARAMETER",
    "HEADER",
    "HEADERS",
    "COOKIE",
    "CLAIM",
    "CLAIMS",
    "PREFIX",
    "SUFFIX",
    "USER",
    "USERNAME",
    "EMAIL",
    "ACCOUNT",
    "ROLE",
    "SUBJECT",
    // addresses
    "URL",
    "URLS",
    "URI",
    "ENDPOINT",
    "ENDPOINTS",
    "HOST",
    "HOSTS",
    "ADDR",
    "ADDRESS",
    "SERVER",
    "SERVICE",
    "PORT",
    "DOMAIN",
    "ISSUER",
    "AUDIENCE",
    "REALM",
    "REGION",
    "NAMESPACE",
    // what makes it
    "PROVIDER",
    "PROVIDERS",
    "HASHER",
    "HASHERS",
    "ALGORITHM",
    "ALGORITHMS",
    "ALG",
    "ALGO",
    "BACKEND",
    "ENGINE",
    "DRIVER",
    "MANAGER",
    "RESOLVER",
    "GENERATOR",
    "ENCODER",
    "ENCODING",
    "CLASS",
    "TYPE",
    "TYPES",
    "KIND",
    "MODE",
    "METHOD",
    "FORMAT",
    "SCHEME",
    "STRATEGY",
    "SCOPE",
    "SCOPES",
    "VERSION",
    "CACHE",
    "TEMPLATE",
    // how long it lasts, how long it is, whether there is one
    "TTL",
    "LIFETIME",
    "EXPIRY",
    "EXPIRATION",
    "EXPIRES",
    "TIMEOUT",
    "INTERVAL",
    "DURATION",
    "AGE",
    "LEEWAY",
    "SKEW",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "MS",
    "ROTATION",
    "LENGTH",
    "SIZE",
    "BYTES",
    "BITS",
    "COUNT",
    "LIMIT",
    "MAX",
    "MIN",
    "ROUNDS",
    "ITERATIONS",
    "COST",
    "ENABLED",
    "DISABLED",
    "REQUIRED",
    "OPTIONAL",
    "ALLOWED",
    "POLICY",
    "RULES",
    "PATTERN",
    "REGEX",
    "VALIDATION",
    "VALIDATOR",
    "VALIDATORS",
    "VERIFICATION",
    "CHECK",
    "STRENGTH",
    "PROMPT",
    "HINT",
    "RESET",
    "EXCHANGE",
];

/// First words of a key that say that its value bounds or switches, or is for everybody.
const HARMLESS_STARTS: &[&str] = &[
    "MAX",
    "MIN",
    "NUM",
    "COUNT",
    "HAS",
    "IS",
    "USE",
    "ENABLE",
    "DISABLE",
    "REQUIRE",
    "ALLOW",
    "SKIP",
    "PUBLIC",
    "PUBLISHABLE",
    "DEFAULT_TTL",
];

/// What may follow the word without changing what it names.
const SAME: &[&str] = &["OLD", "NEW", "PRIMARY", "SECONDARY", "VALUE", "BASE64", "B64"];

/// Values that say which kind of credential, or that there is none.
const NATURES: &[&str] = &[
    "true",
    "false",
    "null",
    "none",
    "nil",
    "~",
    "[]",
    "{}",
    "yes",
    "no",
    "on",
    "off",
    "enabled",
    "disabled",
    "auto",
    "default",
    "optional",
    "required",
    "env",
    "file",
    "vault",
    "iam",
    "irsa",
    "ldap",
    "oauth",
    "oauth2",
    "oidc",
    "saml",
    "jwt",
    "kerberos",
    "ntlm",
    "basic",
    "bearer",
    "plain",
    "login",
    "digest",
    "md5",
    "cram-md5",
    "scram-sha-256",
    "scram-sha-512",
    "trust",
    "peer",
    "tls",
    "mtls",
    "kubernetes",
    "aws",
    "gcp",
    "azure",
    "argon2",
    "argon2id",
    "bcrypt",
    "scrypt",
    "pbkdf2",
];

/// What the name of a key says of its value; nothing when it is no word for a credential, or its
/// end says that the value only leads to it or bounds it.
pub(crate) fn named(key: &str) -> Option<Named> {
    if !may_name(key) {
        return None;
    }
    let words = words(key);
    let ordinal = |word: &String| {
        SAME.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let end = words.iter().rposition(|word| !ordinal(word))?;
    let (last, first) = (words[end].as_str(), words[0].as_str());
    if HARMLESS_ENDS.contains(&last) && end > 0 || HARMLESS_STARTS.contains(&first) {
        return None;
    }
    let says = |at: usize| {
        let word = words[at].as_str();
        WORDS.contains(&word)
            || ENDS.iter().any(|end| word.ends_with(end))
            || matches!(word, "KEY" | "KEYS") && at > 0 && KEYS.contains(&words[at - 1].as_str())
    };
    // `REDIS_AUTH` is a password, `AUTH_MODE` and `AUTH` are none.
    if says(end) || last == "AUTH" && end > 0 {
        return Some(Named::Sure);
    }
    (0..end).any(says).then_some(Named::Perhaps)
}

/// One of these is in every word for a credential. Most keys have none, and are no longer looked at.
const STEMS: &[&str] = &["PASS", "PWD", "SECRET", "TOKEN", "CRED", "KEY", "AUTH"];

/// Whether a key has a word for a credential, or what looks like one.
fn may_name(key: &str) -> bool {
    let is = |stem: &str| {
        key.as_bytes().windows(stem.len()).any(|piece| piece.eq_ignore_ascii_case(stem.as_bytes()))
    };
    STEMS.iter().any(|stem| is(stem))
}

/// Whether a value says which kind of credential, or that there is none.
pub(super) fn is_nature(value: &str) -> bool {
    NATURES.iter().any(|nature| value.eq_ignore_ascii_case(nature))
}

/// `DB_PASSWORD`, `db-password`, `dbPassword` and `DBPassword` are the same words.
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = key.chars().collect();
    let mut fresh = true;
    for (at, c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            fresh = true;
            continue;
        }
        let before = at.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(at + 1);
        let hump = c.is_ascii_uppercase()
            && (before.is_some_and(|c| c.is_ascii_lowercase())
                || before.is_some_and(|c| c.is_ascii_uppercase())
                    && after.is_some_and(char::is_ascii_lowercase));
        if fresh || hump || words.is_empty() {
            words.push(String::new());
            fresh = false;
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_uppercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{ENDS, WORDS, may_name};

    #[test]
    fn every_word_for_a_credential_is_looked_at() {
        let words = WORDS.iter().chain(ENDS).chain(&["KEY", "KEYS", "AUTH"]);
        assert!(words.copied().all(may_name));
    }
}
