import Watching

await Watch.main("phoihop-police", party: "police")
