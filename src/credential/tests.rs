//! What is a credential, and what looks like one and is none.

use super::*;

/// How a text shows by itself: as `[config] X = "…"` would.
fn shows(text: &str) -> bool {
    !within(text).is_empty() || is_random(text)
}

/// How a key and its value show together.
fn by_name(key: &str, value: &str) -> bool {
    named(key).is_some() && is_literal(value)
}

#[test]
fn what_has_the_form_of_a_credential_is_one() {
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "token ghs_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11AAAAAAA0abcdefghijkl",
        "glpat-abcdefghijklmnopqrst",
        "xoxb-123456789012-abcdefghijkl",
        "sk_live_abcdefghijklmnop",
        "AIzaSyA1234567890abcdefghijklmnopqrstuvw",
        "hvs.CAESIJ1234567890abcdefghijkl",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "postgres://app:hunter2@db/orders",
        "redis://:hunter2@cache:6379/0",
        "see https://user:pass@example.com/ for more",
        "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "https://discord.com/api/webhooks/1234567890/abcdefghijklmnop",
        "https://discordapp.com/api/webhooks/1234567890/abcdefghijklmnop",
        "https://contoso.webhook.office.com/webhookb2/0a1b2c3d@4e5f/IncomingWebhook/abc/def",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/m/run?sig=abcdefghijk",
        "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=abcdefghij&token=x",
        "https://api.telegram.org/bot123456:ABC-DEF1234ghIkl/sendMessage",
        "Bearer abc123def456",
        "Authorization: Bearer s3cr3t-value",
        "curl -H 'authorization: bearer 0123456789abcdef' https://x.example",
        "Basic dXNlcjpwYXNzd29yZA==",
        "Authorization: Basic dXNlcjpwYXNz",
        "-----BEGIN RSA PRIVATE KEY-----\nMII",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ",
        "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVBeFhYWFhYWFhYWFg=",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2OF_2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz".replace('_', "/").as_str(),
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc123==;EndpointSuffix=x",
        "https://a.blob.core.windows.net/c/b?sv=2024&sig=abc%2Fdef",
        // As `openssl rand -base64 32`, and as AWS makes its secret keys.
        "4dMbQ0o2FJUvE4m3vZ9Q1q7nB3kXw8yTtRzLpA5cHsE=",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
    ] {
        assert!(shows(text), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_credential_is_none() {
    for text in [
        "",
        "info",
        "argon2",
        "#1f6feb",
        "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "registry.example.com/shop/checkout@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d",
        "2064f1e2b9aeb4d1d1ea8d1a2c1b4fb0d2ddf9b5",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "aGVsbG8=",
        "aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBsb25nZXIgdGV4dA==",
        "eyJsZXZlbCI6ImluZm8iLCJmb3JtYXQiOiJqc29uIn0=",
        "{\"level\":\"info\",\"sampling\":{\"initial\":100},\"paths\":[\"stdout\"]}",
        "https://www.example.com/a/very/long/path/2024/11/28/with-many-words?and=a&query=too#fragment",
        "https://example.com/a@b",
        "postgres://app@db:5432/orders",
        "postgres://app:$(PASSWORD)@db/orders",
        "postgres://app:${DB_PASSWORD}@db/orders",
        "https://hooks.slack.com/services/",
        "https://hooks.slack.com",
        "https://discord.com/developers/docs/resources/webhook",
        "https://hooks.slack.com/services/$(SLACK_PATH)",
        "Bearer authentication",
        "Bearer realm=\"shop\"",
        "Bearer",
        "Basic authentication is off",
        "Basic info",
        "the bearer of this message is 42 years old",
        "npm_config_registry_of_the_company_itself",
        "task-runner-of-the-shop-with-a-long-name",
        "sk-SK",
        "AKIA",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS me@host",
        "arn:aws:iam::123456789012:role/S3AccessForTheShopOfOurs",
        "/subscriptions/0a1b2c3d-4e5f-6789-abcd-ef0123456789/resourceGroups/Shop-RG",
        "com.example.Shop.Checkout.PaymentServiceFactoryBean",
        "XX:+UseG1GC,-XX:MaxRAMPercentage=75.0,-Xlog:gc*",
        "EnableFeatureXAndFeatureYForVersion2OfTheShop",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "msg=%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{36}",
        "0 3 * * 1-5",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "kafka-0.kafka:9092,kafka-1.kafka:9092,kafka-2.kafka:9092",
    ] {
        assert!(!shows(text), "{text}: {:?}", within(text));
    }
}

#[test]
fn a_name_says_that_its_value_is_a_credential() {
    for (key, value) in [
        ("DB_PASSWORD", "hunter2"),
        ("MYSQL_PWD", "hunter2"),
        ("PGPASSWORD", "hunter2"),
        ("REDIS_AUTH", "hunter2"),
        ("ENCRYPTION_KEY", "0123456789abcdef"),
        ("API_KEY", "abc"),
        ("apiKey", "abc"),
        ("STRIPE-API-KEY", "abc"),
        ("clientSecret", "abc"),
        ("GITHUB_TOKEN", "abc"),
        ("AWS_SECRET_ACCESS_KEY", "abc"),
        ("X-Api-Key", "abc"),
        ("DB_PASSWORD_2", "hunter2"),
        ("SMTP_PASS", "hunter2"),
        ("STORAGE_ACCOUNT_KEY", "abc"),
        ("API_KEYS", "abc,def"),
        ("ADMIN_PASSWORD", "4242424242"),
    ] {
        assert_eq!(named(key), Some(Named::Sure), "{key}");
        assert!(is_literal(value), "{key} = {value}");
    }
    for key in ["PASSWORD_RULE_SET", "TOKEN_AUDIENCES", "SECRET_SAUCE", "API_KEY_SALT"] {
        assert_eq!(named(key), Some(Named::Perhaps), "{key}");
    }
}

#[test]
fn names_of_things_about_credentials_are_no_credentials() {
    for (key, value) in [
        ("TOKEN_ENDPOINT", "https://login.example.com/oauth2/token"),
        ("PASSWORD_HASHER", "argon2"),
        ("CREDENTIALS_PROVIDER", "iam"),
        ("API_KEY_HEADER", "X-Api-Key"),
        ("SECRET_STORE", "vault"),
        ("DB_PASSWORD_FILE", "/etc/secrets/db/password"),
        ("TOKEN_TTL", "15m"),
        ("TOKEN_ALGORITHM", "RS256"),
        ("SECRET_NAME", "db"),
        ("TOKEN_URL", "https://login.example.com"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("MAX_TOKENS", "4096"),
        ("TOKENIZER", "wordpiece"),
        ("BYPASS", "x"),
        ("COMPASS_MODE", "x"),
        ("AUTH", "enabled-for-all"),
        ("AUTH_MODE", "strict"),
        ("KEYCLOAK", "x"),
        ("KEY", "x"),
        ("PARTITION_KEY", "customer"),
        ("STORAGE_KEY", "preferences"),
        ("CACHE_KEY_PREFIX", "shop"),
        ("SECRETARY", "ada"),
        ("PUBLIC_API_KEY", "x"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "$(FROM_THE_SECRET)"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("PASSWORD", "/run/secrets/password"),
        ("ENABLE_TOKEN", "true"),
        ("SMTP_AUTH", "login"),
        ("TOKEN", "https://login.example.com/token"),
        ("PASSWORD_LENGTH", "12"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("secretName", "db"),
        ("passwordFile", "db"),
    ] {
        assert!(!by_name(key, value), "{key} = {value}");
    }
}

#[test]
fn a_text_may_assign_a_credential() {
    let in_text = |text: &'static str| -> Vec<&str> {
        assigned(text, false, |key| named(key).is_some()).into_iter().map(|at| &text[at]).collect()
    };
    assert_eq!(in_text("--db-password=hunter2"), ["hunter2"]);
    assert_eq!(in_text("host=db MYSQL_PWD=hunter2 mysqldump"), ["hunter2"]);
    assert_eq!(in_text("-Dx=1 -Djavax.net.ssl.trustStorePassword=hunter2 -y"), ["hunter2"]);
    assert_eq!(in_text("--password-file=/etc/x --token-ttl=15m"), [""; 0]);
    assert_eq!(in_text("--password=$(DB_PASSWORD)"), [""; 0]);
    assert!(announces("--password") && announces("-token"));
    assert!(!announces("--password-file") && !announces("--password=x") && !announces("password"));
}
