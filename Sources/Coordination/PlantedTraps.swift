#if PLANTED_TRAPS
    import Messages

    /// Traps for the test of the last defence, in a build of its own (`-DPLANTED_TRAPS`): a message whose title names one falls into it.
    enum PlantedTrap: String {
        /// While the message is read.
        case reading = "trap:reading"
        /// While it is put into its case.
        case folding = "trap:folding"
        /// While its obligations are derived.
        case deriving = "trap:deriving"
        /// While what is due of them is found.
        case looking = "trap:looking"
        /// While a notice of it is worded.
        case wording = "trap:wording"

        func spring(_ title: String?) { precondition(title?.contains(rawValue) != true, "a planted trap") }
        func spring(_ event: Event) { spring(event.data["title"]?.string) }
    }
#endif
