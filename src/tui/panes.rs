//! The panes of the screen and the tabs of the detail pane.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Events,
    Types,
    Detail,
}

/// The tabs of the detail pane, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Payload,
    Headers,
    Signature,
    Deliveries,
    /// The exact bytes of the body.
    Raw,
    /// What differs from another event.
    Diff,
}

impl Tab {
    pub const ALL: [Self; 6] = [Self::Payload, Self::Headers, Self::Signature, Self::Deliveries, Self::Raw, Self::Diff];

    pub fn title(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Headers => "Headers",
            Self::Signature => "Signature",
            Self::Deliveries => "Deliveries",
            Self::Raw => "Raw",
            Self::Diff => "Diff",
        }
    }
}
