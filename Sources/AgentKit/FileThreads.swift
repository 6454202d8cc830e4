import Dispatch

/// Threads for work that waits for the disk. The few that all tasks share must not wait: a slow disk would hold up every timer, the sign of life among them.
final class FileThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "files", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
