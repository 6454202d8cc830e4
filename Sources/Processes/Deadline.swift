import Dispatch
import Values

/// A moment on the monotonic clock by which blocking calls must be over; setting the wall clock does not move it.
package struct Deadline {
    private let uptimeNanoseconds: UInt64

    /// The moment that lies a span ahead.
    package init(after span: Span) {
        // A deadline beyond a hundred years of running is as good as none.
        let milliseconds = min(max(0, span.milliseconds), 3_155_760_000_000)
        uptimeNanoseconds = DispatchTime.now().uptimeNanoseconds + UInt64(milliseconds) * 1_000_000
    }

    /// For `poll`: what is left, rounded up, 0 once it is over.
    package var millisecondsLeft: Int32 {
        let now = DispatchTime.now().uptimeNanoseconds
        return now >= uptimeNanoseconds ? 0 : Int32(clamping: (uptimeNanoseconds - now + 999_999) / 1_000_000)
    }
}
