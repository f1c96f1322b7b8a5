import Core
import Foundation
import Logging

/// Tells scripts that a process is ready: a JSON object with its `pid` and more.
struct ReadyFile: Sendable {
    /// `nil` tells nobody.
    let path: String?
    let logger: Logger

    /// Writes the file in one step, so that a reader never sees half of it.
    func write(_ facts: [String: JSONValue]) {
        guard let path else { return }
        do {
            let pid = JSONValue.integer(Int64(ProcessInfo.processInfo.processIdentifier))
            let text = try JSON.text(JSONValue.object(facts.merging(["pid": pid]) { own, _ in own }))
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            logger.error("the ready file could not be written", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}
