import Dispatch
import Synchronization

/// A result that is set once, by whoever comes first: the broker's answer, a time limit, or cancellation.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Result<Value, AMQPError>, Never>)
        case settled(Result<Value, AMQPError>)
    }

    private let state = Mutex(State.open)

    var isSettled: Bool {
        state.withLock { if case .settled = $0 { true } else { false } }
    }

    func settle(_ result: Result<Value, AMQPError>) {
        let waiting = state.withLock { state -> CheckedContinuation<Result<Value, AMQPError>, Never>? in
            switch state {
            case .open:
                state = .settled(result)
                return nil
            case .awaited(let continuation):
                state = .settled(result)
                return continuation
            case .settled:
                return nil
            }
        }
        waiting?.resume(returning: result)
    }

    /// Waits for the result, once. After `timeoutSeconds` it is what `onTimeout` says; on cancellation of the task, `.cancelled`.
    func value(timeoutSeconds: Double, onTimeout: @escaping @Sendable () -> Result<Value, AMQPError>) async throws(AMQPError) -> Value {
        let timer = DispatchWorkItem { self.settle(onTimeout()) }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeoutSeconds, execute: timer)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let already = state.withLock { state -> Result<Value, AMQPError>? in
                    if case .settled(let result) = state { return result }
                    state = .awaited(continuation)
                    return nil
                }
                if let already { continuation.resume(returning: already) }
            }
        } onCancel: {
            settle(.failure(AMQPError(.cancelled, "the task was cancelled")))
        }
        timer.cancel()
        return try result.get()
    }
}
