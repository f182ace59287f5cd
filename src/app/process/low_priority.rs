//! Work that gives way to everything else: a thread of its own, with the lowest priority where that is possible for one thread.

use tokio::sync::oneshot;

/// Runs `work` on a thread of its own that gives way to others. `None` if there can be no further thread, or if `work` panics.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new().name("diagnosis".to_owned());
    let spawned = thread.spawn(move || {
        give_way();
        // Nobody waits if the program ends.
        let _ = done.send(work());
    });
    spawned.ok()?;
    result.await.ok()
}

/// Gives the calling thread the lowest priority. Linux keeps a priority for each thread, other systems for the whole process.
pub(crate) fn give_way() {
    #[cfg(target_os = "linux")]
    {
        const LOWEST: i32 = 19;
        // Without it, the work is only less polite.
        let _ = rustix::process::setpriority_process(None, LOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_result_arrives_and_a_panic_is_none() {
        assert_eq!(run(|| 7).await, Some(7));
        assert_eq!(run(|| std::panic::resume_unwind(Box::new("test")) as ()).await, None);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_its_own_thread_gives_way() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        assert_eq!(run(priority).await, Some(19));
        assert_eq!(priority(), before);
    }
}
