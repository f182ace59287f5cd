//! All rehearsals and their groups, in the order they run.

/// One thing that can happen to a webhook. The table of facts has a row for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rehearsal {
    Control,
    Expired,
    Future,
    Tampered,
    WrongKey,
    MissingHeader,
    Unsigned,
    EmptyEntry,
    CutSignature,
    OtherId,
    OtherTime,
    Borrowed,
    V1aOnly,
    NonAscii,
    Escapes,
    Numbers,
    Layout,
    Padded,
    Large,
    UnknownType,
    NullFields,
    V1aBeside,
    HeaderCase,
    TwoSignatures,
    /// Needs a second known secret.
    OtherSecret,
    TwiceAtOnce,
    TenTimes,
    OutOfOrder,
    LateUpdate,
    GroupDeletion,
    FirstSync,
    SameKey,
    ByReference,
    NewValues,
    PreSignup,
    PreSession,
    PreInvitation,
    PreM2mToken,
    PostAuth,
    AccessToken,
}

/// Rehearsals that are about the same thing, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    Control,
    Time,
    Forgeries,
    Content,
    Headers,
    Repeats,
    Bursts,
    TriggerEvents,
    TriggerPoints,
}
