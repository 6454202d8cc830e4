import Foundation

/// Gives memory that is free back to the machine; what a flood took would else stay with the process. With nothing to give back this takes less than a
/// millisecond. It is glibc's `malloc_trim`, which Foundation does not show; where there is none, nothing is done.
func returnFreeMemory() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
}
