//! Adds and forgets signing secrets, and verifies the stored events again.

use super::Executor;
use crate::app::inbound::reverify::{EXAMINED, Progress, Reverifier};
use crate::app::secret_file;
use crate::core::event::Seq;
use crate::core::secret_saving::SavingPlan;
use crate::core::signature::SECRET_VARIABLE;
use crate::tui::message::Message;
use crate::tui::model::Secrets;
use tokio::sync::mpsc;

impl Executor {
    /// The current secrets.
    pub fn secrets(&self) -> Secrets {
        let keyring = &self.sender.keyring;
        Secrets::of(&keyring.get(), keyring.last_added().as_ref())
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

    pub(super) fn plan_saving(&self) {
        let Some(secret) = self.sender.keyring.last_added() else { return };
        let (this, is_hidden) = (self.clone(), self.is_exported());
        tokio::spawn(async move {
            let plan = secret_file::plan(&this.folder, secret.text(), is_hidden).await;
            let _ = this.messages.send(Message::SavingPlanned(plan.map_err(|error| error.to_string()))).await;
        });
    }

    pub(super) fn save_secret(&self, plan: SavingPlan) {
        let Some(secret) = self.sender.keyring.last_added() else { return };
        let this = self.clone();
        tokio::spawn(async move {
            let saved = secret_file::save(&this.folder, secret.text(), &plan).await;
            let saved = saved.map(|path| path.display().to_string()).map_err(|error| error.to_string());
            let _ = this.messages.send(Message::SecretSaved(saved)).await;
        });
    }

    /// Whether a secret comes from an exported variable.
    fn is_exported(&self) -> bool {
        self.sender.keyring.get().verifying.iter().any(|secret| secret.label() == SECRET_VARIABLE)
    }

    fn secrets_changed(&self) {
        let this = self.clone();
        tokio::spawn(async move {
            let _ = this.messages.send(Message::SecretsChanged(this.secrets())).await;
            this.verify_again(|judging, steps| async move { judging.all_again(&steps).await }).await;
        });
    }

    /// Verifies the stored events again if the set of secrets has changed since the last run. `last`: the newest event at
    /// startup.
    pub(crate) fn reverify_if_secrets_changed(&self, last: Seq) {
        let this = self.clone();
        tokio::spawn(async move {
            this.verify_again(|judging, steps| async move { judging.if_secrets_changed(last, &steps).await }).await;
        });
    }

    async fn verify_again<F: Future<Output = Result<(), String>>>(
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
        let (ended, ()) = tokio::join!(
            work(Reverifier { database: self.database.clone(), keyring, writer, examined: EXAMINED }, steps),
            telling
        );
        if let Err(why) = ended {
            let _ = self.messages.send(Message::ReverifyFailed(why)).await;
        }
    }
}
