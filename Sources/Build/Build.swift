/// Which build of the programs this is.
public enum Build {
    /// A digest of the sources: the same in all programs built from them, another one where a line differs.
    public static let id = digest
}
