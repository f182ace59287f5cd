//! What earlier runs left to forward.

use super::Executor;
use crate::core::delivery::{LeftForward, Leftovers};
use crate::core::errors::with_causes;
use crate::store::StoreError;
use crate::tui::message::Message;
use crate::tui::model::Problem;
use jiff::Timestamp;

impl Executor {
    /// Looks for it in the background. `resumes`: forwards what was queued without asking.
    ///
    /// # Errors
    /// When the history cannot be opened once more.
    pub(crate) fn find_left_forwards(&self, resumes: bool) -> Result<(), StoreError> {
        // A separate reader: there may be many.
        let reader = self.open_reader()?;
        self.reading(move |this| match this.resumer.find(&reader, Timestamp::now()) {
            Ok(left) => {
                if resumes {
                    this.resume_forwards(left.clone(), false);
                }
                Message::LeftForwardsFound { left, is_resumed: resumes }
            }
            Err(error) => Message::ProblemFound(Problem {
                text: format!("cannot read what was left to forward: {}", with_causes(&error)),
                hint: "start hookglass again to try again".to_owned(),
            }),
        });
        Ok(())
    }

    pub(super) fn resume_forwards(&self, left: Vec<Leftovers>, with_unknown: bool) {
        for left in left {
            let place = left.place;
            self.resumer.resume(place, if with_unknown { left.all() } else { left.queued });
        }
    }

    pub(super) fn forget_forwards(&self, left: Vec<Leftovers>) {
        let this = self.clone();
        let all: Vec<LeftForward> = left.into_iter().flat_map(Leftovers::all).collect();
        tokio::spawn(async move {
            let forgotten = this.resumer.forget(&all).await;
            let result = forgotten.map(|()| all.len()).map_err(|error| error.to_string());
            // The screen may be gone.
            let _ = this.messages.send(Message::ForwardsForgotten(result)).await;
        });
    }
}
