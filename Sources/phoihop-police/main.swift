import AgentKit

await Agent.main("phoihop-police", party: "police")
