//! The two schemes that Scalekit documents but no SDK reads. Their HMAC key is the secret's text, prefix included.

use super::content::Text;
use super::headers::Lone;
use super::secret::{Keyed, keyed_with};
use super::timestamp::{Position, TOLERANCE_S, TimestampReading, is_plain};
use super::verify::{Refusal, Window};
use hmac::Mac;

/// The content of a documented header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Documented<'a> {
    /// The text after `t=`, which is signed with the body. `x-scalekit-signature` has none.
    pub(crate) timestamp: Option<&'a [u8]>,
    pub(crate) digest: [u8; 32],
}

impl<'a> Documented<'a> {
    /// Parses the header's value. `None` if it is malformed.
    pub(crate) fn read(lone: Lone, value: &'a [u8]) -> Option<Self> {
        match lone {
            Lone::ScalekitSignature => {
                let element = |name: &[u8]| value.split(|byte| *byte == b',').find_map(|part| part.strip_prefix(name));
                Some(Self { timestamp: Some(element(b"t=")?), digest: hexadecimal(element(b"v1=")?)? })
            }
            Lone::XScalekitSignature => {
                let is_lower_case = !value.iter().any(u8::is_ascii_uppercase);
                is_lower_case.then_some(())?;
                Some(Self { timestamp: None, digest: hexadecimal(value)? })
            }
        }
    }

    /// Where the timestamp lies. `Inside` if there is none.
    pub(crate) fn position(&self, now_ms: i64) -> Result<Position, Refusal> {
        let Some(text) = self.timestamp else { return Ok(Position::Inside) };
        let stamp = TimestampReading::Node.read(text, now_ms).ok_or(Refusal::TimestampUnreadable)?;
        let age_ms = i128::from(now_ms) - i128::from(stamp.seconds) * 1000;
        let tolerance_ms = i128::from(TOLERANCE_S) * 1000;
        let position = match age_ms {
            age if age > tolerance_ms => Position::TooOld,
            age if age < -tolerance_ms => Position::InFuture,
            _ => Position::Inside,
        };
        // Outside the window, a timestamp that is not a plain number is malformed rather than old.
        if position == Position::Inside || is_plain(text) { Ok(position) } else { Err(Refusal::TimestampUnreadable) }
    }

    /// Feeds the content before the body.
    pub(crate) fn feed_start(&self, mac: &mut Keyed) {
        if let Some(timestamp) = self.timestamp {
            Text::Latin1.feed(mac, timestamp);
            mac.update(b".");
        }
    }

    /// Whether the digest is that of `body` with `key`.
    pub(crate) fn is_digest_of(&self, key: &[u8], body: &[u8]) -> bool {
        let mut mac = keyed_with(key);
        self.feed_start(&mut mac);
        mac.update(body);
        mac.verify_slice(&self.digest).is_ok()
    }

    /// Whether this secret signed `body`, and within the window.
    pub(crate) fn verify(&self, secret: &str, body: &[u8], now_ms: i64, window: Window) -> Result<(), Refusal> {
        match (self.position(now_ms), window) {
            (Err(refusal), _) if window == Window::Checked => return Err(refusal),
            (Ok(Position::TooOld), Window::Checked) => return Err(Refusal::TooOld),
            (Ok(Position::InFuture), Window::Checked) => return Err(Refusal::InFuture),
            _ => {}
        }
        if self.is_digest_of(secret.as_bytes(), body) { Ok(()) } else { Err(Refusal::Mismatch) }
    }
}

fn hexadecimal(text: &[u8]) -> Option<[u8; 32]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; 32];
    if text.len() != bytes.len() * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeefF";

    #[test]
    fn the_first_element_of_each_name_counts_and_a_digest_has_64_hexadecimal_digits() {
        let read = |text: &str| {
            let documented = Documented::read(Lone::ScalekitSignature, text.as_bytes());
            documented.map(|documented| String::from_utf8(documented.timestamp.unwrap().to_vec()).unwrap())
        };
        assert_eq!(read(&format!("x=1,t=5,v1={HEX},t=6,v1=zz")), Some("5".into()));
        assert_eq!(read(&format!("v1={HEX},t=")), Some(String::new()));
        for malformed in
            [format!("v1={HEX}"), "t=5".into(), format!("t=5, v1={HEX}"), format!("t=5,v1={HEX}0"), "t=5,v1=".into()]
        {
            assert_eq!(read(&malformed), None, "{malformed}");
        }
        assert!(Documented::read(Lone::XScalekitSignature, HEX.as_bytes()).is_none());
        assert!(Documented::read(Lone::XScalekitSignature, HEX.to_lowercase().as_bytes()).is_some());
        assert!(Documented::read(Lone::XScalekitSignature, &[0xe9; 64]).is_none());
    }

    #[test]
    fn timestamp_bytes_are_hashed_as_latin1_characters() {
        let mut mac = keyed_with(b"key");
        mac.update("\u{a0}1.{}".as_bytes());
        let digest = mac.finalize().into_bytes().into();
        assert!(Documented { timestamp: Some(b"\xa01"), digest }.is_digest_of(b"key", b"{}"));
    }

    #[test]
    fn the_window_is_checked_in_milliseconds() {
        let position =
            |text: &str, now_ms| Documented { timestamp: Some(text.as_bytes()), digest: [0; 32] }.position(now_ms);
        assert_eq!(position("1000", 1_300_000), Ok(Position::Inside));
        assert_eq!(position("1000", 1_300_001), Ok(Position::TooOld));
        assert_eq!(position("1000", 700_000), Ok(Position::Inside));
        assert_eq!(position("1000", 699_999), Ok(Position::InFuture));
        assert_eq!(position("1000s", 699_999), Err(Refusal::TimestampUnreadable));
        assert_eq!(position("1000s", 700_000), Ok(Position::Inside));
        assert_eq!(position("", 0), Err(Refusal::TimestampUnreadable));
        assert_eq!(position(&"9".repeat(10_000), i64::MIN), Ok(Position::InFuture));
    }
}
