import Core
import NIOPosix

/// The photographer's program: watches a folder and sends what comes into it, for as long as it takes.
public struct Tether: Sendable {
    private let settings: TetherSettings
    private let display: any TetherDisplay
    private let environment: [String: String]
    var patience = Patience()
    /// Who writes to a file.
    var writers: @Sendable (OpenedFile) -> Writers = { $0.writers }

    /// - Parameter environment: the process's own.
    public init(_ settings: TetherSettings, environment: [String: String], display: any TetherDisplay) {
        self.settings = settings
        self.environment = environment
        self.display = display
    }

    /// Runs until everything is sent (with `once`), nothing more is accepted, or the task is cancelled.
    /// - Returns: how it ended; what was not sent is kept for the next time.
    /// - Throws: `TetherFailure` when it cannot begin.
    public func run() async throws -> TetherEnding {
        let state = StateFolder(settings, environment: environment)
        var ending = TetherEnding()
        repeat {
            guard let lock = try await lock(state) else {
                // Whoever works on it takes the hooks' notes too.
                if settings.drains { return ending }
                throw TetherFailure(
                    "Another tether sends from this folder into this session; one that a hook has begun ends by itself.")
            }
            ending = try await run(state)
            withExtendedLifetime(lock) {}
            // A hook that found the lock held has begun nothing by itself, and its note may have come too late.
        } while settings.drains && ending.stopped == nil && !ending.isInterrupted && state.hasNotes
        return ending
    }

    private func lock(_ state: StateFolder) async throws -> StateLock? {
        try readably("The folder \(state.path) cannot be used") { try state.make() }
        // A hook holds it for an instant, to see whether somebody does.
        for _ in 0..<20 {
            if let lock = try readably("The folder \(state.path) cannot be used", { try state.lock() }) { return lock }
            try await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }

    private func run(_ state: StateFolder) async throws -> TetherEnding {
        let spool: Spool
        do { spool = try await Spool.open(state.spool) } catch {
            throw TetherFailure("The spool \(state.spool) cannot be opened: \(error).")
        }
        let threads = NIOThreadPool(numberOfThreads: settings.parallel + 1)
        threads.start()
        let client = UploadClient(server: settings.server, key: settings.key)
        let run = TetherRun(
            settings, spool: spool, client: client, threads: threads, inbox: state.inbox, display: display, patience: patience,
            writers: writers)
        let ending = await run.run()
        await client.shutdown()
        try? await threads.shutdownGracefully()
        try? await spool.close()
        return ending
    }

    private func readably<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw TetherFailure("\(what): \(error).") }
    }
}

/// Why a tether cannot begin, for a person.
public struct TetherFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
