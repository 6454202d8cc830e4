/// Numbers that are the same at every run: SplitMix64.
public struct Random: Sendable, RandomNumberGenerator {
    private var state: UInt64

    /// The numbers that follow from a seed.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Whether something happens that happens so many times of so many.
    mutating func chance(_ count: UInt64, of all: UInt64) -> Bool { next() % all < count }
    /// A number of a range. The spans drawn here are so short that the remainder's unevenness is nothing.
    mutating func next(in range: ClosedRange<Int64>) -> Int64 { range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1)) }
}
