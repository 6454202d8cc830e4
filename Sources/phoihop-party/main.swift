import AgentKit

await Agent.main("phoihop-party")
