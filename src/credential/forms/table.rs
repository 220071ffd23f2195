//! The forms that credentials have.

/// A kind of token: how it begins, how many characters follow at least, and which.
pub(super) struct Token {
    pub(super) prefix: &'static str,
    pub(super) min: usize,
    pub(super) body: fn(u8) -> bool,
    pub(super) what: &'static str,
}

const fn token(
    prefix: &'static str,
    min: usize,
    body: fn(u8) -> bool,
    what: &'static str,
) -> Token {
    Token { prefix, min, body, what }
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

pub(super) fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

pub(super) fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(super) fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The tokens whose makers gave them a form of their own, so that scanners find them.
pub(super) const TOKENS: &[Token] = &[
    token("AKIA", 16, upper, "an AWS access key"),
    token("ASIA", 16, upper, "an AWS access key"),
    token("ghp_", 16, alphanumeric, "a GitHub token"),
    token("gho_", 16, alphanumeric, "a GitHub token"),
    token("ghu_", 16, alphanumeric, "a GitHub token"),
    token("ghs_", 16, alphanumeric, "a GitHub token"),
    token("ghr_", 16, alphanumeric, "a GitHub token"),
    token("github_pat_", 20, word, "a GitHub token"),
    token("glpat-", 16, url_safe, "a GitLab token"),
    token("gldt-", 16, url_safe, "a GitLab token"),
    token("glrt-", 16, url_safe, "a GitLab token"),
    token("glptt-", 16, url_safe, "a GitLab token"),
    token("xoxb-", 12, url_safe, "a Slack token"),
    token("xoxp-", 12, url_safe, "a Slack token"),
    token("xoxa-", 12, url_safe, "a Slack token"),
    token("xoxr-", 12, url_safe, "a Slack token"),
    token("xoxs-", 12, url_safe, "a Slack token"),
    token("xoxe-", 12, url_safe, "a Slack token"),
    token("xapp-", 12, url_safe, "a Slack token"),
    token("sk_live_", 12, alphanumeric, "a Stripe key"),
    token("rk_live_", 12, alphanumeric, "a Stripe key"),
    token("sk_test_", 16, alphanumeric, "a Stripe key"),
    token("whsec_", 24, alphanumeric, "a Stripe secret"),
    token("AIza", 30, url_safe, "a Google API key"),
    token("GOCSPX-", 20, url_safe, "a Google client secret"),
    token("ya29.", 30, url_safe, "a Google access token"),
    token("npm_", 30, alphanumeric, "an npm token"),
    token("pypi-AgE", 40, url_safe, "a PyPI token"),
    token("rubygems_", 40, hex, "a RubyGems key"),
    token("dckr_pat_", 20, url_safe, "a Docker token"),
    token("hvs.", 20, url_safe, "a Vault token"),
    token("hvb.", 20, url_safe, "a Vault token"),
    token("hf_", 30, alphanumeric, "a Hugging Face token"),
    token("sk-ant-", 20, url_safe, "an Anthropic key"),
    token("sk-proj-", 20, url_safe, "an OpenAI key"),
    token("sk-", 40, alphanumeric, "an OpenAI key"),
    token("dop_v1_", 40, hex, "a DigitalOcean token"),
    token("shpat_", 30, hex, "a Shopify token"),
    token("glsa_", 24, word, "a Grafana token"),
    token("glc_eyJ", 24, url_safe, "a Grafana token"),
    token("sntrys_", 24, url_safe, "a Sentry token"),
    token("NRAK-", 24, upper, "a New Relic key"),
    token("ATATT3x", 40, url_safe, "an Atlassian token"),
    token("lin_api_", 30, alphanumeric, "a Linear key"),
    token("pul-", 40, hex, "a Pulumi token"),
    token("dapi", 32, hex, "a Databricks token"),
    token("tskey-", 16, url_safe, "a Tailscale key"),
    token("AGE-SECRET-KEY-1", 40, upper, "a private key"),
];

/// How a JSON web token begins.
pub(super) const WEB_TOKEN: &[u8] = b"eyJ";

/// By the first byte of a token, a bit for its second byte, without the two highest bits of that: nearly
/// no word of a text has to be held against all tokens.
const BEGINNINGS: [u64; 256] = {
    let mut all = [0; 256];
    let mut at = 0;
    while at <= TOKENS.len() {
        let token = if at < TOKENS.len() { TOKENS[at].prefix.as_bytes() } else { WEB_TOKEN };
        all[token[0] as usize] |= 1 << (token[1] % 64);
        at += 1;
    }
    all
};

/// Whether a text that begins with `two` bytes may begin with a token.
pub(super) fn may_begin([first, second]: [u8; 2]) -> bool {
    BEGINNINGS[first as usize] >> (second % 64) & 1 == 1
}

/// What stands before a signature or a key of Azure or of a signed URL.
pub(super) const SIGNATURES: &[(&str, &str)] = &[
    ("AccountKey=", "an Azure storage key"),
    ("SharedAccessKey=", "an Azure shared access key"),
    ("SharedAccessSignature=", "an Azure shared access signature"),
    ("&sig=", "an Azure shared access signature"),
    ("?sig=", "an Azure shared access signature"),
    ("X-Amz-Signature=", "a signed URL"),
    ("X-Goog-Signature=", "a signed URL"),
];

/// Hosts on which whoever knows the address may post, and what of the address is the secret.
pub(super) const WEBHOOKS: &[(&str, &str, &str)] = &[
    ("hooks.slack.com", "/services/", "a Slack webhook"),
    ("hooks.slack.com", "/workflows/", "a Slack webhook"),
    ("hooks.slack.com", "/triggers/", "a Slack webhook"),
    ("discord.com", "/webhooks/", "a Discord webhook"),
    ("discordapp.com", "/webhooks/", "a Discord webhook"),
    ("webhook.office.com", "/webhookb2/", "a Teams webhook"),
    ("outlook.office.com", "/webhook/", "a Teams webhook"),
    ("outlook.office365.com", "/webhook/", "a Teams webhook"),
    ("logic.azure.com", "sig=", "a webhook of Azure Logic Apps"),
    ("api.powerplatform.com", "sig=", "a webhook of Power Automate"),
    ("chat.googleapis.com", "key=", "a Google Chat webhook"),
    ("api.telegram.org", "/bot", "the address of a Telegram bot"),
    ("hooks.zapier.com", "/hooks/catch/", "a Zapier webhook"),
    ("events.pagerduty.com", "/integration/", "a PagerDuty integration"),
    ("alert.victorops.com", "/integrations/", "a VictorOps integration"),
    ("maker.ifttt.com", "/key/", "an IFTTT webhook"),
    ("open.feishu.cn", "/hook/", "a Feishu webhook"),
    ("open.larksuite.com", "/hook/", "a Lark webhook"),
    ("oapi.dingtalk.com", "access_token=", "a DingTalk webhook"),
    ("qyapi.weixin.qq.com", "key=", "a WeCom webhook"),
];
