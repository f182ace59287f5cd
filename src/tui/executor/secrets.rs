//! Adds and forgets signing secrets, and verifies the stored events again.

use super::Executor;
use crate::app::inbound::reverify::{Progress, Reverifier};
use crate::core::event::Seq;
use crate::tui::message::Message;
use crate::tui::model::Secrets;
use tokio::sync::mpsc;

impl Executor {
    /// The current secrets.
    pub fn secrets(&self) -> Secrets {
        let keyring = &self.sender.keyring;
        Secrets::of(&keyring.get(), keyring.last_added())
    }

    pub(super) fn add_secret(&self, text: String) {
        let now = jiff::Timestamp::now().to_zoned(self.zone.clone());
        self.sender.keyring.add(&format!("pasted {}", now.strftime("%H:%M")), text);
        self.secrets_changed();
    }

    pub(super) fn forget_secret(&self) {
        if self.sender.keyring.forget_last_added() {
            self.secrets_changed();
        }
    }

    fn secrets_changed(&self) {
        let this = self.clone();
        tokio::spawn(async move {
            let _ = this.messages.send(Message::SecretsChanged(this.secrets())).await;
            this.judge(|judging, steps| async move { judging.all_again(&steps).await }).await;
        });
    }

    /// Verifies the stored events again if the set of secrets has changed since the last run. `last`: the newest event at
    /// startup.
    pub(crate) fn reverify_if_secrets_changed(&self, last: Seq) {
        let this = self.clone();
        tokio::spawn(async move {
            this.judge(|judging, steps| async move { judging.if_secrets_changed(last, &steps).await }).await;
        });
    }

    async fn judge<F: Future<Output = Result<(), String>>>(
        &self,
        work: impl FnOnce(Reverifier, mpsc::Sender<Progress>) -> F,
    ) {
        let (keyring, writer) = (self.sender.keyring.clone(), self.writer.clone());
        let (steps, mut told) = mpsc::channel(1);
        let telling = async {
            while let Some(Progress { verifications, done, all }) = told.recv().await {
                let verdicts = verifications.into_iter().map(|(seq, each)| (seq, each.verdict, each.reason)).collect();
                if self.messages.send(Message::EventsReverified { verdicts, done, all }).await.is_err() {
                    return;
                }
            }
        };
        let (ended, ()) =
            tokio::join!(work(Reverifier { database: self.database.clone(), keyring, writer }, steps), telling);
        if let Err(why) = ended {
            let _ = self.messages.send(Message::ReverifyFailed(why)).await;
        }
    }
}
