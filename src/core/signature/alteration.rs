//! How a body differs from the one that was signed.

/// What happened to a body after it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Alteration {
    Reserialised,
    TrailingNewline,
    LineEndings,
    Bom,
    InvalidUtf8,
    /// White space or NUL was added or removed at an end.
    Padded,
    Doubled,
    Base64,
    Hex,
    PercentEncoded,
    HtmlEscaped,
    /// In base32, Ascii85, quoted-printable or uuencode.
    Encoded,
    Compressed,
    /// The signed text is a part of a document, a form or a multipart body.
    Wrapped,
    /// The whole text became one JSON string.
    JsonString,
    /// The text became a literal of a programming language, or a list of byte values.
    Literal,
    /// A parsed object was printed instead of serialised.
    PrintedObject,
    /// A member was added to the JSON object.
    MemberAdded,
    Charset,
    UnicodeForm,
    /// Characters were replaced by `?` or U+FFFD.
    CharactersLost,
    /// The JSON ends in the middle.
    Truncated,
    /// The body was compressed when it was signed, and something unpacked it.
    Decompressed,
}

impl Alteration {
    pub const ALL: [Self; 23] = [
        Self::Reserialised,
        Self::TrailingNewline,
        Self::LineEndings,
        Self::Bom,
        Self::InvalidUtf8,
        Self::Padded,
        Self::Doubled,
        Self::Base64,
        Self::Hex,
        Self::PercentEncoded,
        Self::HtmlEscaped,
        Self::Encoded,
        Self::Compressed,
        Self::Wrapped,
        Self::JsonString,
        Self::Literal,
        Self::PrintedObject,
        Self::MemberAdded,
        Self::Charset,
        Self::UnicodeForm,
        Self::CharactersLost,
        Self::Truncated,
        Self::Decompressed,
    ];

    /// The word after `body-altered:`.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alteration| alteration.as_str() == text)
    }

    /// A name for lists, of at most 16 columns.
    pub(super) fn short_name(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Reserialised => ("reserialised", "JSON rewritten"),
            Self::TrailingNewline => ("trailing-newline", "newline at end"),
            Self::LineEndings => ("line-endings", "line endings"),
            Self::Bom => ("bom", "byte order mark"),
            Self::InvalidUtf8 => ("invalid-utf8", "invalid UTF-8"),
            Self::Padded => ("padded", "space at an end"),
            Self::Doubled => ("doubled", "body twice"),
            Self::Base64 => ("base64", "base64"),
            Self::Hex => ("hex", "hexadecimal"),
            Self::PercentEncoded => ("percent-encoded", "percent-encoded"),
            Self::HtmlEscaped => ("html-escaped", "HTML-escaped"),
            Self::Encoded => ("encoded", "another coding"),
            Self::Compressed => ("compressed", "compressed"),
            Self::Wrapped => ("wrapped", "wrapped"),
            Self::JsonString => ("json-string", "JSON string"),
            Self::Literal => ("literal", "code literal"),
            Self::PrintedObject => ("printed-object", "printed object"),
            Self::MemberAdded => ("member-added", "member added"),
            Self::Charset => ("charset", "charset"),
            Self::UnicodeForm => ("unicode-form", "Unicode form"),
            Self::CharactersLost => ("characters-lost", "characters lost"),
            Self::Truncated => ("truncated", "truncated"),
            Self::Decompressed => ("decompressed", "decompressed"),
        }
    }
}
