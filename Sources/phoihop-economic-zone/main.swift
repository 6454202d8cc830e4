import Watching

await Watch.main("phoihop-economic-zone", party: "economic-zone")
