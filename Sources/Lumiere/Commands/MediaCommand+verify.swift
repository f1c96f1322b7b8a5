import ArgumentParser
import Core
import Database
import Ingest
import ObjectStore
import Processing
import Sessions

extension MediaCommand {
    /// `lumiere media verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look whether every original and rendition is there, in its size; also while a server runs.",
            discussion: "Ends with 1 when something is wrong. What renditions lack, `lumiere media rerender --everything` makes again.")

        @OptionGroup var shared: SharedOptions
        @Flag(name: .long, help: "Read every file and compare its SHA-256.") var deep = false
        @Option(name: .long, help: "Files looked at at a time.") var parallel = 8
        @Flag(name: .long, help: "Print one JSON object at the end.") var json = false

        /// Faults that a JSON answer lists.
        private static let listed = 1000

        func validate() throws {
            if !(1...64).contains(parallel) { throw ValidationError("--parallel is a number from 1 to 64.") }
        }

        func run() async throws {
            let settings = try await shared.settings()
            let faults = try await settings.withMedia { database, store in try await compare(database, store) }
            if json {
                try printJSON([
                    "files": .integer(Int64(faults.files)), "faults": .integer(Int64(faults.count)),
                    "list": .array(faults.list.map { ["key": .string($0.key.text), "fault": .string($0.what)] }),
                ])
            } else {
                print(
                    faults.count == 0
                        ? "All \(faults.files) files are as they should be." : "\(faults.count) of \(faults.files) files are not as they should be.")
            }
            if faults.count > 0 { throw ExitCode(1) }
        }

        private typealias Faults = (files: Int, count: Int, list: [MediaVerifier.Fault])

        private func compare(_ database: any DatabaseDriver, _ store: any StreamingObjectStore) async throws -> Faults {
            var verifier = MediaVerifier(
                database: database, store: store, inventories: [OriginalInventory(), RenditionStore()], isDeep: deep)
            verifier.parallel = parallel
            let display = ProgressDisplay(
                VerifyProgress(count: CountProgress("files", total: try await verifier.count(), faultNoun: "wrong")), isQuiet: json)
            let result = await Result { [json] in
                try await verifier.run { fault in
                    if let fault, !json { await display.say("\(fault)") }
                    await display.report { $0.add(fault, atMost: Self.listed) }
                }
            }
            await display.end()
            try result.get()
            let progress = await display.progress
            return (progress.count.done, progress.count.faults, progress.list)
        }
    }
}

/// How far a comparison is, and what it has found.
private struct VerifyProgress: ShownProgress {
    var count: CountProgress
    var list: [MediaVerifier.Fault] = []

    var fraction: Double { count.fraction }
    func line(after elapsed: Duration) -> String { count.line(after: elapsed) }

    mutating func add(_ fault: MediaVerifier.Fault?, atMost limit: Int) {
        count.done += 1
        guard let fault else { return }
        count.faults += 1
        if list.count < limit { list.append(fault) }
    }
}

extension Settings {
    /// Opens what a command needs that looks at files and rows, for as long as the body runs.
    func withMedia<Value>(
        _ body: (any DatabaseDriver, any StreamingObjectStore) async throws -> Value
    ) async throws -> Value {
        let database = try await House.guestDatabase(self)
        let result = await Result { try await withObjectStore(objectStoreKind) { try await body(database, $0) } }
        try await database.close()
        return try result.get()
    }
}
