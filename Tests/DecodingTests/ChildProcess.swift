import Core
import Foundation
import TestSupport

/// A real decoder child with its pipes.
final class ChildProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var parser = MessageFraming.Parser()

    /// The built executable lies next to the tests; it bears the product's name, or the target's when that is built alone.
    static let executable: URL? = {
        let folders = [
            URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent(),
            Fixtures.packageRoot.appending(path: ".build/debug"),
        ]
        let candidates = folders.flatMap { folder in ["lumiere-decode", "LumiereDecode"].map { folder.appending(path: $0) } }
        return candidates.compactMap { url in
            (try? url.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate.map { (url, $0) }
        }.max { $0.1 < $1.1 }?.0
    }()

    init(reading: [String] = [], folders: [String], environment: [String: String] = [:]) throws {
        guard let executable = Self.executable else { throw CocoaError(.fileNoSuchFile) }
        process.executableURL = executable
        process.arguments = reading.flatMap { ["--read", $0] } + folders.flatMap { ["--folder", $0] }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try output.fileHandleForWriting.close()
    }

    var processID: Int32 { process.processIdentifier }

    deinit { if process.isRunning { process.terminate() } }

    func send(_ bytes: [UInt8]) throws { try input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

    func closeInput() throws { try input.fileHandleForWriting.close() }

    /// The next reply; `nil` when the child has closed its output.
    func reply() throws -> DecodeReply? {
        while true {
            if let message = try parser.next() { return try JSON.decode(from: message) }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            parser.append(data)
        }
    }

    /// Sends a request and collects its replies up to the last one.
    func run(_ request: DecodeRequest, into folder: TemporaryFolder) throws -> Outcome {
        try send(MessageFraming.frame(request))
        var outcome = Outcome(folder: folder)
        while !outcome.isDone && outcome.failure == nil, let reply = try reply() { outcome.add(reply) }
        return outcome
    }

    /// Waits for the end and returns the exit status; `nil` when a signal ended it.
    func exitStatus() -> Int32? {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : nil
    }
}
