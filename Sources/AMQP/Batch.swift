import Synchronization

/// The messages of one call to `publish`, and what has become of them.
final class Batch: Sendable {
    private struct State {
        var results: [Result<Void, AMQPError>?]
        var remaining: Int
        var continuation: CheckedContinuation<[Result<Void, AMQPError>], Never>?
    }

    private let state: Mutex<State>
    private let cancelled = Atomic(false)

    init(count: Int) {
        state = Mutex(State(results: Array(repeating: nil, count: count), remaining: count))
    }

    /// Whether nobody waits any longer; what has not been sent need not be.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func settle(_ index: Int, _ result: Result<Void, AMQPError>) {
        finish { state in
            guard state.results[index] == nil else { return }
            state.results[index] = result
            state.remaining -= 1
        }
    }

    func cancel() {
        cancelled.store(true, ordering: .relaxed)
        let error = AMQPError(.cancelled, "the task was cancelled; a message already sent may arrive")
        finish { state in
            for index in state.results.indices where state.results[index] == nil { state.results[index] = .failure(error) }
            state.remaining = 0
        }
    }

    func wait() async -> [Result<Void, AMQPError>] {
        await withCheckedContinuation { continuation in
            finish { state in state.continuation = continuation }
        }
    }

    private func finish(_ change: (inout State) -> Void) {
        let done = state.withLock { state -> (CheckedContinuation<[Result<Void, AMQPError>], Never>, [Result<Void, AMQPError>])? in
            change(&state)
            guard state.remaining == 0, let continuation = state.continuation.take() else { return nil }
            return (continuation, state.results.compactMap(\.self))
        }
        if let (continuation, results) = done { continuation.resume(returning: results) }
    }
}

/// A message on its way.
final class Outgoing: Sendable {
    let publishing: Publishing
    let propertiesSize: Int
    /// The only generation in which it may be sent, if there is such a limit.
    let generation: UInt64?
    /// On the monotonic clock, in nanoseconds.
    let deadline: UInt64
    private let batch: Batch
    private let index: Int

    init(_ publishing: Publishing, generation: UInt64?, deadline: UInt64, batch: Batch, index: Int) {
        self.publishing = publishing
        propertiesSize = publishing.propertiesSize
        self.generation = generation
        self.deadline = deadline
        self.batch = batch
        self.index = index
    }

    var isAbandoned: Bool { batch.isCancelled }

    func settle(_ result: Result<Void, AMQPError>) { batch.settle(index, result) }
    func fail(_ error: AMQPError) { settle(.failure(error)) }
}
