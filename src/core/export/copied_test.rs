//! A test that posts an event to the user's handler, as code to paste.
//!
//! What came from the sender stands in the code only as base64, so no event can change what the file executes. The test signs with a
//! public test secret: the user's own never gets into code.

use super::NoBody;
use crate::core::delivery::is_dropped;
use crate::core::event::Event;
use crate::core::request::Header;
use crate::core::signature::{Reason, Scheme, message_id};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The secret of all copied tests. Everybody knows it.
pub const TEST_SECRET: &str = "whsec_aG9va2dsYXNzLXB1YmxpYy10ZXN0LXNlY3JldA==";

/// The id of an event that has none that a header can carry.
const TEST_ID: &[u8] = b"msg_test";

/// The most characters of a literal in Java, which takes 65,535 bytes.
const MAX_LITERAL: usize = 60_000;

/// What runs the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TestRunner {
    /// Vitest, Jest or Node's own.
    Vitest,
    Pytest,
    Go,
    JUnit,
}

impl TestRunner {
    pub const ALL: [Self; 4] = [Self::Vitest, Self::Pytest, Self::Go, Self::JUnit];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vitest => "vitest",
            Self::Pytest => "pytest",
            Self::Go => "go",
            Self::JUnit => "junit",
        }
    }

    /// With placeholders between `@`.
    fn template(self) -> &'static str {
        match self {
            Self::Vitest => include_str!("../../../assets/tests/vitest.mjs"),
            Self::Pytest => include_str!("../../../assets/tests/pytest.py"),
            Self::Go => include_str!("../../../assets/tests/go.txt"),
            Self::JUnit => include_str!("../../../assets/tests/junit.java"),
        }
    }
}

/// The code of the test.
///
/// # Errors
/// When the body of the event is not stored.
pub fn copied_test(event: &Event, runner: TestRunner) -> Result<String, NoBody> {
    if event.summary.reason.as_ref().is_some_and(Reason::lacks_body) {
        return Err(NoBody);
    }
    let received = event.head.headers();
    let (scheme, title) = match event.verification.scheme {
        Scheme::Interceptor => ("interceptor", "Interceptor"),
        _ => ("webhook", "Webhook"),
    };
    let id = message_id(&received, event.verification.scheme).filter(|id| is_plain(id)).unwrap_or(TEST_ID);
    let mut headers = Vec::new();
    for header in received.iter().filter(|header| is_posted(header, &received)) {
        headers.extend([header.name, b": ", header.value, b"\n"].concat());
    }
    let code = [("@SCHEME@", scheme), ("@TITLE@", title), ("@SECRET@", TEST_SECRET)]
        .into_iter()
        .fold(runner.template().to_owned(), |code, (name, text)| code.replace(name, text));
    let data = [("@ID@", id), ("@HEADERS@", &headers), ("@BODY@", &event.body)];
    // Base64 has no `@`, so nothing that was put in is replaced.
    Ok(data.into_iter().fold(code, |code, (name, bytes)| code.replace(name, &literal(bytes, runner))))
}

/// The text between the quotes.
fn literal(bytes: &[u8], runner: TestRunner) -> String {
    let text = STANDARD.encode(bytes);
    if runner != TestRunner::JUnit || text.len() <= MAX_LITERAL {
        return text;
    }
    let mut parts = String::with_capacity(text.len() + text.len() / MAX_LITERAL * 4);
    for (place, character) in text.chars().enumerate() {
        if place > 0 && place % MAX_LITERAL == 0 {
            parts.push_str("\", \"");
        }
        parts.push(character);
    }
    parts
}

/// Whether every library reads and signs the same id.
fn is_plain(id: &[u8]) -> bool {
    !id.is_empty() && id.iter().all(u8::is_ascii_graphic)
}

/// Whether the test posts a header: not those that the client sets, that sign, that tell who sent it, or that give access.
fn is_posted(header: &Header<'_>, received: &[Header<'_>]) -> bool {
    const NAMES: [&str; 11] = [
        "host",
        "content-length",
        "expect",
        "accept-encoding",
        "authorization",
        "cookie",
        "forwarded",
        "via",
        "x-real-ip",
        "true-client-ip",
        "scalekit-signature",
    ];
    const STARTS: [&[u8]; 8] =
        [b"webhook-", b"interceptor-", b"svix-", b"x-scalekit-", b"x-forwarded-", b"cf-", b"ngrok-", b"x-original-"];
    let starts = |start: &[u8]| header.name.get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start));
    !is_dropped(header, received) && !NAMES.iter().any(|name| header.is(name)) && !STARTS.into_iter().any(starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Arrival;
    use crate::core::request::Head;
    use crate::core::signature::{Keyring, verify_request};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn event(headers: &[u8], body: Vec<u8>) -> Event {
        let head = Head::parse(&[b"POST /x HTTP/1.1\r\n", headers, b"\r\n"].concat()).unwrap();
        let arrival = Arrival { received_at: "2026-01-31T10:00:00Z".parse().unwrap(), head, body: body.into() };
        let verification = verify_request(&arrival.head.headers(), &arrival.body, 0, &Keyring::default());
        Event::unstored(arrival, verification)
    }

    /// The code without the literals of the event, and what they hold.
    fn split(code: &str, runner: TestRunner) -> (String, Vec<Vec<u8>>) {
        let template = runner.template();
        let (mut rest, mut outside, mut data) = (code, String::new(), Vec::new());
        for name in ["@ID@", "@HEADERS@", "@BODY@"] {
            let before = template.split(name).next().unwrap().lines().last().unwrap();
            let at = rest.find(before).unwrap() + before.len();
            let quote = before.chars().last().unwrap();
            let length = rest[at..].find(quote).unwrap();
            let text = &rest[at..at + length];
            outside.push_str(&rest[..at]);
            data.push(STANDARD.decode(text).unwrap());
            rest = &rest[at + length..];
        }
        (outside + rest, data)
    }

    #[test]
    fn the_body_and_the_headers_are_whole_and_credentials_are_left_out() {
        let event = event(
            b"Host: x\r\nwebhook-id: msg_1\r\nwebhook-signature: v1,real\r\nCookie: a=b\r\nAuthorization: Bearer x\r\n\
              X-Forwarded-For: 1.2.3.4\r\nX-Odd: \xe9\r\nx-odd: 2\r\nContent-Type: application/json\r\n",
            b"{\"type\":\"a\"}".to_vec(),
        );
        for runner in TestRunner::ALL {
            let code = copied_test(&event, runner).unwrap();
            let (_, data) = split(&code, runner);
            assert_eq!(data[0], b"msg_1");
            assert_eq!(data[1], b"X-Odd: \xe9\nx-odd: 2\nContent-Type: application/json\n");
            assert_eq!(data[2], b"{\"type\":\"a\"}");
            assert!(!code.contains('@') || runner == TestRunner::JUnit, "{code}");
        }
    }

    #[test]
    fn an_interceptor_is_posted_as_one() {
        let event =
            event(b"interceptor-id: i\r\ninterceptor-timestamp: 1\r\ninterceptor-signature: v1,x\r\n", Vec::new());
        for runner in TestRunner::ALL {
            let code = copied_test(&event, runner).unwrap();
            assert!(code.contains("interceptor-signature") && !code.contains("webhook-"), "{code}");
        }
    }

    #[test]
    fn a_long_body_is_split_where_java_needs_it() {
        let body = vec![7; 200_000];
        let code = copied_test(&event(b"", body.clone()), TestRunner::JUnit).unwrap();
        let line = code.lines().find(|line| line.contains("BODY = decoded(")).unwrap();
        let parts: Vec<_> = line.split('"').skip(1).step_by(2).collect();
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= MAX_LITERAL));
        assert_eq!(STANDARD.decode(parts.concat()).unwrap(), body);
    }

    /// Text that would act in one of the languages if it stood in the code.
    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "${process.exit(7)}",
                "`",
                "'",
                "\"",
                "\"\"\"",
                "'''",
                "*/",
                "/*",
                "//",
                "#",
                "\\",
                "\\\"",
                "\\u0022",
                "\u{2028}",
                "\u{2029}",
                "\u{202e}",
                "\r\n",
                "\n",
                "\0",
                "@BODY@",
                "@SECRET@",
                "@ID@",
                "{{",
                "%s",
                "</script>",
            ])
            .prop_map(|text| text.as_bytes().to_vec()),
            vec(any::<u8>(), 0..6),
        ];
        vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_event_changes_the_code_outside_the_literals(id in hostile(), value in hostile(), body in hostile()) {
            let in_header = |bytes: Vec<u8>| bytes.into_iter().filter(|byte| *byte >= b' ' && *byte != 0x7f).collect::<Vec<_>>();
            let (id, value) = (in_header(id), in_header(value));
            let headers = [b"webhook-id: ", &id[..], b"\r\nwebhook-signature: v1,x\r\nX-Odd: ", &value, b"\r\n"].concat();
            let (hostile, plain) = (event(&headers, body.clone()), event(b"", Vec::new()));
            for runner in TestRunner::ALL {
                let (outside, data) = split(&copied_test(&hostile, runner).unwrap(), runner);
                let (expected, _) = split(&copied_test(&plain, runner).unwrap(), runner);
                prop_assert_eq!(outside, expected);
                prop_assert_eq!(&data[2], &body);
            }
        }
    }
}
