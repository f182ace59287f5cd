//! A listener joined to a store, on a thread of its own, as the program runs them.

use super::judge_and_answer;
use hookglass::app::inbound::ingest::{judge, on_left};
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::keyring::SharedKeyring;
use hookglass::core::event::Summary;
use hookglass::core::signature::Keyring;
use hookglass::listener::{self, Judge, Keep, Parts, Refusal, Settings};
use hookglass::store::{Queue, Reader, Store, Writer};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

pub struct Ingest {
    pub address: SocketAddr,
    pub path: PathBuf,
    pub kept: mpsc::Receiver<Summary>,
    pub refused: mpsc::Receiver<Refusal>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ingest {
    pub fn start(path: &Path, settings: Settings) -> Self {
        Self::start_on(Store::open(path).unwrap(), settings)
    }

    pub fn start_on(store: Store, settings: Settings) -> Self {
        Self::start_with_keep(store, settings, keep_with)
    }

    /// With the program's own judge, without a secret, and what it answers by order.
    pub fn start_answering(path: &Path, settings: Settings, answers: SharedOverrides) -> Self {
        let keyring = SharedKeyring::new(Keyring::default());
        Self::start_with(Store::open(path).unwrap(), settings, |writer| {
            (
                judge(keyring, answers.clone(), on_left(answers, writer.clone()), |_, _, _| (Vec::new(), None)),
                keep_with(writer),
            )
        })
    }

    pub fn start_with_keep(store: Store, settings: Settings, keep: impl FnOnce(Writer) -> Keep) -> Self {
        Self::start_with(store, settings, |writer| (Arc::new(judge_and_answer), keep(writer)))
    }

    fn start_with(store: Store, settings: Settings, parts: impl FnOnce(Writer) -> (Judge, Keep)) -> Self {
        let path = store.path().to_owned();
        let (kept_sender, kept) = mpsc::channel();
        let (refused_sender, refused) = mpsc::channel();
        let kept_sender = Mutex::new(kept_sender);
        let refused_sender = Mutex::new(refused_sender);
        let on_stored = Arc::new(move |summary, _: &_| drop(kept_sender.lock().unwrap().send(summary)));
        let (writer, task) = store.into_writer(Queue::default(), on_stored);
        let (judge, keep) = parts(writer);
        let parts = Parts {
            judge,
            keep,
            on_refused: Arc::new(move |refusal| drop(refused_sender.lock().unwrap().send(refusal))),
            run: None,
        };
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = bound.local_addr();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let writing = tokio::spawn(task.run());
                listener::serve(bound, settings, parts, async { drop(stopped.await) }).await.unwrap();
                writing.await.unwrap();
            });
        });
        Self { address, path, kept, refused, stop: Some(stop), thread: Some(thread) }
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    /// The next event that was kept.
    pub fn next_kept(&self) -> Summary {
        self.kept.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    pub fn next_refused(&self) -> Refusal {
        self.refused.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

pub fn keep_with(writer: Writer) -> Keep {
    Arc::new(move |judged| {
        let writer = writer.clone();
        Box::pin(async move { writer.append(judged).await })
    })
}
