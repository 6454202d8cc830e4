/// A foreign text as it may stand in a sentence on somebody's screen: cut to 80 characters, and without what would steer a terminal or turn the writing
/// direction.
public func excerpt(_ text: String) -> String {
    let limit = 80
    var scalars = String.UnicodeScalarView(text.unicodeScalars.prefix(limit))
    if text.unicodeScalars.dropFirst(limit).first != nil { scalars.append("…") }
    return String(
        String.UnicodeScalarView(
            scalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                default: scalar
                }
            }))
}
