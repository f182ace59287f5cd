//! A page for each reason: what it means, how hookglass knows, how to fix it and how to check the fix. The command line, the screen and
//! the documentation show the same pages.

use super::explanations::{Texts, filled, texts_of};
use super::report::{Fix, HANDLERS, Line, Tone, handlers, is_fixed_by_code};
use crate::core::nearest::nearest;
use crate::core::signature::{Reason, SIGNATURE_HEADERS, Scheme, Sender};

/// The headings between the parts of a page.
pub const KNOWN: &str = "How hookglass knows";
pub const FIX: &str = "How to fix it";
pub const CHECK: &str = "How to check the fix";

/// What stands in a slug for the header or the sender, on a page about all of them.
const NAME: &str = "NAME";

/// A page about one reason, or about reasons that differ only in a header or a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The reason, such as `body-altered:base64` or `missing-header:NAME`.
    pub slug: String,
    /// The name in lists.
    pub short_name: &'static str,
    /// What happened.
    pub why: String,
    /// How hookglass knows.
    pub proof: &'static str,
    /// What to do now.
    pub next: &'static str,
    /// Handlers for each framework, where code may be the fix.
    pub handlers: Vec<Fix>,
    /// How to see that it is fixed.
    pub check: &'static str,
}

impl Page {
    /// The page about exactly this reason, with its header or sender.
    pub fn of(reason: &Reason) -> Self {
        let texts = texts_of(reason);
        Self::made(reason, reason.to_string(), filled(texts.why, reason), &texts)
    }

    fn made(reason: &Reason, slug: String, why: String, texts: &Texts) -> Self {
        let is_about_all = slug.ends_with(NAME);
        let short_name = match reason {
            Reason::MissingHeader(_) if is_about_all => "header missing",
            _ => reason.short_name(),
        };
        let handlers = if is_fixed_by_code(reason) { handlers(scheme_of(reason)) } else { Vec::new() };
        Self { slug, short_name, why, proof: texts.proof, next: texts.next, handlers, check: check_of(reason) }
    }

    /// The page that `text` asks for: a reason, also without its header or sender, or a name in lists.
    pub fn find(text: &str) -> Option<Self> {
        let slug = slug_of(text);
        if let Some(reason) = Reason::parse(&slug).filter(is_known) {
            return Some(Self::of(&reason));
        }
        let kind = slug.split(':').next();
        let is_meant = |page: &Page| {
            page.kind().map_or(page.slug == slug, |of_all| kind == Some(of_all)) || slug_of(page.short_name) == slug
        };
        pages().into_iter().find(is_meant)
    }

    /// The pages about the reasons that begin with `text`, such as those of `body-altered`.
    pub fn beginning_with(text: &str) -> Vec<Self> {
        let start = slug_of(text).trim_end_matches(['*', ':']).to_owned();
        let is_meant = |page: &Page| !start.is_empty() && page.slug.starts_with(&start);
        pages().into_iter().filter(is_meant).collect()
    }

    /// The reason that `text` may mean, if it is close to one.
    pub fn nearest(text: &str) -> Option<String> {
        let slug = slug_of(text);
        let names = |page: Page| {
            let of_all = page.kind().unwrap_or(&page.slug).to_owned();
            // Its last part is enough to know `body-altered:base64` by.
            let last = of_all.rsplit(':').next().unwrap_or(&of_all).to_owned();
            [of_all.clone(), last, slug_of(page.short_name)].map(|name| (name, of_all.clone()))
        };
        nearest(&slug, pages().into_iter().flat_map(names))
    }

    /// What happened, in one sentence.
    pub fn in_short(&self) -> &str {
        self.why.split_inclusive(". ").next().unwrap_or(&self.why).trim_end()
    }

    /// The slug without the header or the sender, if it stands for all of them.
    fn kind(&self) -> Option<&str> {
        self.slug.strip_suffix(NAME)?.strip_suffix(':')
    }

    /// The name of its file, without an extension: a colon cannot be in the name of a file everywhere.
    pub fn file_name(&self) -> String {
        self.kind().unwrap_or(&self.slug).replace(':', "-")
    }

    /// The page as lines for a terminal.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = vec![whole(Tone::Strong, &self.slug), blank(), prose("", &self.why)];
        for (heading, text) in [(KNOWN, self.proof), (FIX, self.next), (CHECK, self.check)] {
            lines.extend([blank(), whole(Tone::Strong, heading), prose("  ", text)]);
            if heading == FIX && !self.handlers.is_empty() {
                lines.extend([blank(), prose("  ", HANDLERS)]);
                lines.extend(self.handlers.iter().flat_map(handler_lines));
            }
        }
        lines
    }
}

fn handler_lines(fix: &Fix) -> impl Iterator<Item = Line> {
    let code = fix.code.lines().map(|line| whole(Tone::Plain, &format!("    {line}")));
    [blank(), whole(Tone::Dim, &format!("  {}", fix.heading()))].into_iter().chain(code)
}

fn blank() -> Line {
    Line::Whole(Vec::new())
}

fn whole(tone: Tone, text: &str) -> Line {
    Line::Whole(vec![(tone, text.as_bytes().to_vec())])
}

fn prose(indent: &str, text: &str) -> Line {
    Line::Prose { label: (Tone::Plain, indent.to_owned()), text: (Tone::Plain, text.to_owned()) }
}

/// A page for each reason. Reasons that differ only in a header or a sender share one.
pub fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for reason in Reason::all() {
        let texts = texts_of(&reason);
        let (slug, why) = match &reason {
            Reason::ForeignSender(sender) if *sender != Sender::StandardWebhooks => {
                (reason.to_string().replace(sender.as_str(), NAME), texts.why.replace("{}", "another service"))
            }
            Reason::MissingHeader(name)
            | Reason::HeaderRenamed(name)
            | Reason::HeaderAltered(name)
            | Reason::DuplicateHeader(name) => (reason.to_string().replace(name, NAME), texts.why.replace("{}", NAME)),
            _ => (reason.to_string(), texts.why.to_owned()),
        };
        pages.push(Page::made(&reason, slug, why, &texts));
    }
    pages
}

/// As people may type a reason: `Too old` or `timestamp_too_old`.
fn slug_of(text: &str) -> String {
    text.trim().to_lowercase().replace(['_', ' '], "-")
}

/// Whether the reason is about a header that carries a signature, if it is about one. Another name may be anything.
fn is_known(reason: &Reason) -> bool {
    match reason {
        Reason::MissingHeader(name)
        | Reason::HeaderRenamed(name)
        | Reason::HeaderAltered(name)
        | Reason::DuplicateHeader(name) => SIGNATURE_HEADERS.contains(&name.as_str()),
        _ => true,
    }
}

/// The kind of request that `reason` is about.
fn scheme_of(reason: &Reason) -> Scheme {
    match reason {
        Reason::MissingHeader(name) if name.starts_with("interceptor-") => Scheme::Interceptor,
        _ => Scheme::Webhook,
    }
}

/// How to see that the reason is gone.
fn check_of(reason: &Reason) -> &'static str {
    match reason {
        Reason::NoSecret
        | Reason::SecretMissingPrefix
        | Reason::SecretNotBase64
        | Reason::SecretAltered(_)
        | Reason::WrongSecret
        | Reason::OtherEnvironment => {
            "Run `hookglass verify NUMBER` with the number of this event. The first line must be `verified`. The screen verifies the stored events again as soon as the secret is added."
        }
        Reason::NotExamined => "The event then has its exact reason instead of `not-examined`.",
        Reason::BackChannelLogout => "Log a user out of Scalekit, and see that your app ends the session of this user.",
        Reason::TimestampMalformed | Reason::TimestampTooOld | Reason::TimestampInFuture => {
            "Have a new event sent, and run `hookglass verify NUMBER` with its number. The check `age` must pass."
        }
        Reason::Unsigned
        | Reason::HandMade
        | Reason::ForeignSender(_)
        | Reason::BodyTooLarge
        | Reason::BodyIncomplete => {
            "Have a new event sent: `Send Test Event` in the Scalekit dashboard, or `hookglass send user.signup --to URL` with the URL that it must reach. `hookglass events --filter is:verified` must list it."
        }
        reason if is_fixed_by_code(reason) => {
            "Have a new event sent over the same path: `Send Test Event` in the Scalekit dashboard. `hookglass events --filter is:verified` must list it. For your own handler, run `hookglass rehearse --to URL`: the rehearsal `control` must pass."
        }
        _ => {
            "Have a new event sent over the same path: `Send Test Event` in the Scalekit dashboard. `hookglass events --filter is:verified` must list it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_page_under_its_own_word_and_its_name_in_lists() {
        for reason in Reason::all() {
            let page = Page::find(&reason.to_string()).unwrap();
            assert_eq!(page, Page::of(&reason));
            assert!(![&page.why, page.proof, page.next, page.check].iter().any(|text| text.is_empty()), "{reason}");
        }
        for page in pages() {
            assert_eq!(Page::find(page.short_name).unwrap().proof, page.proof, "{}", page.short_name);
        }
    }

    #[test]
    fn a_page_is_found_by_what_people_type() {
        for (typed, slug) in [
            ("timestamp-too-old", Some("timestamp-too-old")),
            (" Timestamp_Too_Old", Some("timestamp-too-old")),
            ("too old", Some("timestamp-too-old")),
            ("missing-header:webhook-id", Some("missing-header:webhook-id")),
            ("missing-header", Some("missing-header:NAME")),
            ("missing-header:NAME", Some("missing-header:NAME")),
            ("missing-header:whsec_c2VjcmV0", Some("missing-header:NAME")),
            ("header-renamed:\x1b[31m", Some("header-renamed:NAME")),
            ("foreign-sender:stripe", Some("foreign-sender:stripe")),
            ("foreign-sender:nobody", Some("foreign-sender:NAME")),
            ("body-altered", None),
            ("body-altered:nonsense", None),
            ("", None),
        ] {
            assert_eq!(Page::find(typed).map(|page| page.slug).as_deref(), slug, "{typed}");
        }
    }

    #[test]
    fn a_misspelt_reason_has_a_nearest_one() {
        for (typed, nearest) in [
            ("timestamp-to-old", Some("timestamp-too-old")),
            ("body-altered:bse64", Some("body-altered:base64")),
            ("base46", Some("body-altered:base64")),
            ("mising-header", Some("missing-header")),
            ("nothing like a reason at all", None),
            ("", None),
        ] {
            assert_eq!(Page::nearest(typed).as_deref(), nearest, "{typed}");
        }
        assert_eq!(Page::beginning_with("body-altered").len(), Page::beginning_with("body-altered:*").len());
        assert!(Page::beginning_with("body-altered").len() > 20 && Page::beginning_with("").is_empty());
    }

    #[test]
    fn the_names_of_the_files_differ_and_are_valid_everywhere() {
        let mut names: Vec<_> = pages().iter().map(Page::file_name).collect();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(names.iter().all(|name| name.chars().all(is_plain)), "{names:?}");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_page_has_handlers_where_a_report_shows_them() {
        let has_code = |typed: &str| !Page::find(typed).unwrap().handlers.is_empty();
        assert!(has_code("body-altered:reserialised") && has_code("signature-mismatch") && !has_code("no-secret"));
        let page = Page::find("missing-header:interceptor-id").unwrap();
        assert!(page.handlers.iter().all(|fix| fix.code.contains("ALLOW")));
    }
}
