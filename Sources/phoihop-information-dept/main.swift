import Watching

// Everything an officer does here, acknowledging above all, is done by an officer, never by this program.
await Watch.main("phoihop-information-dept", party: "information-dept")
