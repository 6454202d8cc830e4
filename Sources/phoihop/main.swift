import Foundation

exit(await Program(line: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment).run().rawValue)
