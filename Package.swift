// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

// What computes. Its tests take most of the time that all tests take where it is not optimized, and deploy/test asks for that.
let computing: [SwiftSetting] = Context.environment["PHOIHOP_OPTIMIZED"] == nil ? strict : strict + [.unsafeFlags(["-O"])]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = [], computes: Bool = false) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: computes ? computing : strict, plugins: plugins)
}

/// One executable a party, all made of AgentKit.
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

// Every import is declared: what is imported without being declared is not built anew when it changes.
let package = Package(
    name: "phoihop",
    targets: [
        .systemLibrary(name: "CRabbitMQ"),
        module("AMQP", ["CRabbitMQ"]),
        module("Values", computes: true),
        .plugin(name: "EmbedSchemas", capability: .buildTool(), path: "Sources/EmbedSchemas"),
        module("Schemas", ["Values"], plugins: ["EmbedSchemas"], computes: true),
        .plugin(name: "EmbedBuild", capability: .buildTool(), path: "Sources/EmbedBuild"),
        // Of the executables alone: what depends on it is built anew whenever anything changes.
        module("Build", plugins: ["EmbedBuild"]),
        module("Regulation", ["Schemas", "Values"], computes: true),
        module("Messages", ["Regulation", "Schemas", "Values"], computes: true),
        module("Coordination", ["Messages", "Regulation", "Schemas", "Values"], computes: true),
        module("Simulation", ["Coordination", "Messages", "Regulation", "Schemas", "Values"], computes: true),
        module("Reporting", ["Coordination", "Messages", "Regulation", "Schemas", "Values"]),
        module("Content", ["Messages", "Regulation", "Values"]),
        module("Topology", ["Regulation", "Schemas", "Values"]),
        module("Questions"),
        module("Processes", ["Values"]),
        module("Monitoring", ["Processes", "Values"]),
        module("Broker", ["AMQP", "Messages", "Regulation", "Topology", "Values"]),
        module("AgentKit", ["AMQP", "Broker", "Messages", "Processes", "Regulation", "Schemas", "Topology", "Values"]),
        module("Files", ["AgentKit", "Content", "Processes", "Regulation", "Values"]),
        module("Watching", ["AgentKit", "Messages", "Monitoring", "Regulation", "Schemas", "Values"]),
        module("OperatorCommands", ["AgentKit", "Content", "Coordination", "Files", "Messages", "Regulation", "Schemas", "Simulation", "Values"]),
        executable(
            "phoihop",
            [
                "AMQP", "AgentKit", "Broker", "Build", "Content", "Coordination", "Files", "Messages", "OperatorCommands", "Regulation", "Reporting", "Schemas",
                "Simulation", "Topology", "Values",
            ]),
        executable(
            "phoihop-coordinator", ["AMQP", "AgentKit", "Broker", "Build", "Coordination", "Messages", "Questions", "Regulation", "Topology", "Values"]),
        executable("phoihop-border-guard", ["Watching"]),
        executable("phoihop-economic-zone", ["Watching"]),
        executable("phoihop-police", ["Watching"]),
        executable("phoihop-information-dept", ["Watching"]),
        executable("phoihop-party", ["Watching"]),
        executable(
            "phoihop-bench", ["AMQP", "AgentKit", "Broker", "Coordination", "Messages", "Regulation", "Schemas", "Simulation", "Topology", "Values"]),
        // What the tests of all extremes and deploy/fuzz share.
        .target(
            name: "Probes",
            dependencies: [
                "Coordination", "Messages", "Monitoring", "OperatorCommands", "Regulation", "Reporting", "Schemas", "Simulation", "Values", "Watching",
            ],
            path: "Tests/Probes", swiftSettings: strict),
        tests("AMQPTests", ["AMQP"]),
        tests("ValuesTests", ["Values"]),
        tests("SchemasTests", ["Schemas", "Values"]),
        tests("RegulationTests", ["Coordination", "Messages", "Regulation", "Schemas", "Values"]),
        tests("MessagesTests", ["Messages", "Regulation", "Values"]),
        tests("ContentTests", ["Content", "Messages", "Regulation", "Values"]),
        tests("FilesTests", ["AgentKit", "Content", "Files", "Values"]),
        tests("QuestionsTests", ["Questions"]),
        tests("TopologyTests", ["Messages", "Regulation", "Topology", "Values"]),
        tests("CoordinationTests", ["Coordination", "Messages", "Regulation", "Schemas", "Simulation", "Values"]),
        tests("SimulationTests", ["Coordination", "Messages", "Regulation", "Simulation", "Values"]),
        tests("ExtremesTests", ["Coordination", "Messages", "OperatorCommands", "Probes", "Regulation", "Reporting", "Schemas", "Values"]),
        tests("ReportingTests", ["Coordination", "Messages", "Regulation", "Reporting", "Schemas", "Simulation", "Values"]),
        tests("MonitoringTests", ["Monitoring", "Values"]),
        tests("BrokerTests", ["AMQP", "Broker", "Messages", "Topology", "Values"]),
        tests("AgentKitTests", ["AMQP", "AgentKit", "Broker", "Messages", "Regulation", "Schemas", "Topology", "Values"]),
        tests("WatchingTests", ["AMQP", "AgentKit", "Messages", "Monitoring", "Regulation", "Schemas", "Values", "Watching"]),
        tests("OperatorCommandsTests", ["AgentKit", "Content", "Coordination", "Files", "Messages", "OperatorCommands", "Regulation", "Simulation", "Values"]),
    ]
)

// It links with libFuzzer alone, so nothing else builds this; see deploy/fuzz.
if Context.environment["PHOIHOP_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "phoihop-fuzz", dependencies: ["Probes"], path: "Tests/fuzz",
            exclude: ["ledger", "message", "monitor", "plugin", "regulation", "scenario", "upsd"], swiftSettings: strict))
}
