// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict, plugins: plugins)
}

/// One executable a party, all made of AgentKit.
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "phoihop",
    targets: [
        .systemLibrary(name: "CRabbitMQ"),
        module("AMQP", ["CRabbitMQ"]),
        module("Values"),
        .plugin(name: "EmbedSchemas", capability: .buildTool(), path: "Sources/EmbedSchemas"),
        module("Schemas", ["Values"], plugins: ["EmbedSchemas"]),
        module("Regulation", ["Values", "Schemas"]),
        module("Messages", ["Values", "Schemas", "Regulation"]),
        module("Coordination", ["Values", "Regulation", "Messages"]),
        module("Simulation", ["Values", "Schemas", "Regulation", "Messages", "Coordination"]),
        module("Topology", ["Values", "Regulation"]),
        module("Monitoring", ["Values"]),
        module("AgentKit", ["AMQP", "Values", "Schemas", "Regulation", "Messages", "Topology"]),
        module("Watching", ["AgentKit", "Messages", "Monitoring", "Regulation", "Values"]),
        module("OperatorCommands", ["AgentKit", "Coordination", "Simulation"]),
        executable("phoihop", ["OperatorCommands"]),
        executable("phoihop-coordinator", ["AgentKit", "Coordination"]),
        executable("phoihop-border-guard", ["Watching"]),
        executable("phoihop-economic-zone", ["Watching"]),
        executable("phoihop-police", ["Watching"]),
        executable("phoihop-information-dept", ["AgentKit"]),
        executable("phoihop-party", ["AgentKit"]),
        executable("phoihop-bench", ["AgentKit", "Coordination"]),
        tests("AMQPTests", ["AMQP"]),
        tests("ValuesTests", ["Values"]),
        tests("SchemasTests", ["Schemas", "Values"]),
        tests("RegulationTests", ["Regulation", "Schemas", "Coordination"]),
        tests("MessagesTests", ["Messages"]),
        tests("TopologyTests", ["Topology", "Messages"]),
        tests("CoordinationTests", ["Coordination", "Simulation"]),
        tests("SimulationTests", ["Simulation", "Coordination", "Messages", "Regulation", "Values"]),
        tests("MonitoringTests", ["Monitoring"]),
        tests("AgentKitTests", ["AgentKit", "AMQP", "Values", "Regulation", "Messages", "Topology"]),
        tests("WatchingTests", ["Watching", "Messages", "Monitoring", "Regulation", "Schemas", "Values"]),
        tests("OperatorCommandsTests", ["OperatorCommands", "Simulation"]),
    ]
)
