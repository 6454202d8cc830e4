import Foundation

/// Gives memory that is free back to the machine; what a flood took would else stay with the process. With nothing to give back this takes less than a
/// millisecond. It is glibc's `malloc_trim`, which Foundation does not show; where there is none, nothing is done.
func returnFreeMemory() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
}

/// Has all threads take their memory from one place. Each would else have one of its own, and what one thread took and another gave back lies between what is
/// still held: a tenth more a record. It is glibc's `mallopt(M_ARENA_MAX, 1)`, to be called before there is a second thread; where there is none, nothing is done.
func keepMemoryTogether() {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let maximumOfArenas: Int32 = -8
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)(maximumOfArenas, 1)
}
