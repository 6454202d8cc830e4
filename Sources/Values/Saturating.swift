extension Int64 {
    /// The nearest whole number, half away from zero. What lies outside the range becomes its end, and what is no number becomes 0: clocks, plugins and
    /// devices say such things.
    public init(saturating number: Double) { self = Int64(exactly: number.rounded()) ?? (number.isNaN ? 0 : number < 0 ? .min : .max) }

    /// The sum, or the end of the range that it passes.
    public func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the end of the range that it passes.
    public func saturatingSubtract(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The product, or the end of the range that it passes.
    public func saturatingMultiply(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
