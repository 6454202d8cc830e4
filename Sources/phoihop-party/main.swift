import Watching

await Watch.main("phoihop-party")
