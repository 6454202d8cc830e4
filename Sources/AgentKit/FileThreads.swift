import Dispatch
import Foundation
import Synchronization

/// Threads for work that waits for the disk. The few that all tasks share must not wait: a slow disk would hold up every timer, the sign of life among them. There are as
/// many as there is work at a time, up to a limit; one that has nothing to do for a while ends.
final class FileThreads: TaskExecutor {
    private static let limit = 32
    private static let idleSeconds = 10.0

    private struct State {
        var jobs: [UnownedJob] = []
        var threads = 0
        var waiting = 0
    }

    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isShort = state.withLock { state -> Bool in
            state.jobs.append(job)
            guard state.waiting < state.jobs.count, state.threads < FileThreads.limit else { return false }
            state.threads += 1
            return true
        }
        if isShort {
            let thread = Thread { [self] in work() }
            thread.name = "files"
            thread.start()
        }
        arrived.signal()
    }

    private func work() {
        while true {
            state.withLock { $0.waiting += 1 }
            let isOver = arrived.wait(timeout: .now() + FileThreads.idleSeconds) == .timedOut
            let (job, ends) = state.withLock { state -> (UnownedJob?, Bool) in
                state.waiting -= 1
                if !state.jobs.isEmpty { return (state.jobs.removeFirst(), false) }
                if isOver { state.threads -= 1 }
                return (nil, isOver)
            }
            if ends { return }
            job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
