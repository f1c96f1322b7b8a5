import ArgumentParser
import Foundation

/// Addresses and passwords, which do not belong on a command line.
enum Environment {
    /// - Throws: `ValidationError` when it is not set.
    static func require(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw ValidationError("\(name) is not set.")
        }
        return value
    }
}
