//! The forms of a diff: what they say, how long they get, what no text of a user can do to them.

mod reports; //  reports, made by hand
mod text;
mod markdown;
mod json;
mod unified;
mod github;
mod sarif;
mod real; // reports of the example fleet
