import Regulation

/// A number of bytes with its thousands apart: `52 428 800`.
public func grouped(_ number: Int64) -> String {
    let digits = String(number)
    return String(
        digits.enumerated().flatMap { index, digit -> [Character] in
            index > 0 && digits.first != "-" && (digits.count - index) % 3 == 0 ? ["\u{00A0}", digit] : [digit]
        })
}

/// A length for people: `52 MB`, rounded up; under a megabyte in kB, under a kilobyte in bytes.
public func size(_ bytes: Int64) -> String {
    if bytes < 1_000 { return "\(bytes) B" }
    if bytes < 1_000_000 { return "\((bytes + 999) / 1_000) kB" }
    return "\(grouped((bytes + 999_999) / 1_000_000)) MB"
}
