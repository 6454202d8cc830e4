extension MessageSchema {
    /// A text of the schemas in both languages.
    public struct Words: Hashable, Sendable {
        /// Vietnamese, in the regulation's words.
        public let vi: String
        /// English.
        public let en: String
    }
}
