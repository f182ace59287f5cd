//! What the sender of an event got, as far as hookglass knows.

use std::borrow::Cow;

/// The state of the response to the sender of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseState {
    /// Stored before it left; a status from 100 to 599.
    Sent(u16),
    /// The sender waits for the app.
    Pending,
    /// hookglass ended before it recorded a response, or the record was damaged.
    Unknown,
    /// The sender gave up before the response.
    SenderLeft,
    /// None, because of an override. Histories of format 4 and older have this for every event without a response.
    None,
}

impl ResponseState {
    const ALL: [Self; 4] = [Self::None, Self::Pending, Self::SenderLeft, Self::Unknown];

    /// The status that the sender got, if it got one.
    pub fn status(self) -> Option<u16> {
        if let Self::Sent(status) = self { Some(status) } else { None }
    }

    /// The number in the history: a status, or a number below 100. Up to format 4, all states without a status were 0.
    pub fn number(self) -> u16 {
        match self {
            Self::Sent(status) => status,
            Self::None => 0,
            Self::Pending => 1,
            Self::SenderLeft => 2,
            Self::Unknown => 3,
        }
    }

    pub(crate) fn from_number(number: u16) -> Self {
        Self::ALL.into_iter().find(|state| state.number() == number).unwrap_or(Self::Sent(number))
    }

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::SenderLeft => "sender-left",
            Self::None => "none",
        }
    }

    /// For a column: the status, or two words.
    pub fn in_short(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Sent(status) => return Cow::Owned(status.to_string()),
            Self::Pending => "no response yet",
            Self::Unknown => "response unknown",
            Self::SenderLeft => "sender left",
            Self::None => "no response",
        })
    }
}

impl std::fmt::Display for ResponseState {
    /// `responded 201`, or why there is no status.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sent(status) => write!(f, "responded {status}"),
            Self::Unknown => f.write_str("response unknown: hookglass ended first, or the history was damaged"),
            Self::SenderLeft => f.write_str("no response: the sender disconnected first"),
            Self::Pending | Self::None => f.write_str(&self.in_short()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_comes_back_from_its_number() {
        for state in ResponseState::ALL.into_iter().chain([100, 201, 599].map(ResponseState::Sent)) {
            assert_eq!(ResponseState::from_number(state.number()), state);
        }
    }
}
