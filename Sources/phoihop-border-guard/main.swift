import Watching

await Watch.main("phoihop-border-guard", party: "border-guard")
