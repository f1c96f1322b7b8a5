import ArgumentParser
import Core
import Ingest
import ObjectStore
import Processing
import Sessions

extension MediaCommand {
    /// `lumiere media gc`.
    struct Collect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gc", abstract: "Find files that nothing speaks of, older than a day; also while a server runs.",
            discussion: """
                They are what servers and workers leave behind that are killed at the wrong moment. Without --delete they are
                only listed. Never run it on a store that another database uses too.
                """)

        @OptionGroup var shared: SharedOptions
        @Flag(name: .long, help: "Remove them.") var delete = false
        @Flag(name: .long, help: "Also when they are more than half of all files.") var most = false
        @Option(name: .long, help: "Hours that a file has to be old.") var hours = 24
        @Flag(name: .long, help: "Print one JSON object at the end.") var json = false

        func validate() throws {
            if !(24...87_600).contains(hours) { throw ValidationError("--hours is a number from 24 to 87600.") }
        }

        func run() async throws {
            let settings = try await shared.settings()
            let found = try await settings.withMedia { database, store in
                var sweep = OrphanSweep(
                    database: database, store: store, namings: [OriginalInventory(), RenditionStore(), UploadObjects()],
                    clock: SystemWallClock())
                sweep.age = .seconds(hours * 3600)
                return try await run(sweep)
            }
            if json {
                try printJSON([
                    "files": .integer(Int64(found.seen)), "orphans": .integer(Int64(found.orphans)), "bytes": .integer(found.bytes),
                    "deleted": .bool(delete),
                ])
            } else {
                let size = ByteText.of(found.bytes, .binary)
                print("\(delete ? "Removed" : "Found") \(found.orphans) files that nothing speaks of (\(size)), of \(found.seen).")
                if !delete, found.orphans > 0 { print("Nothing was removed: say --delete for that.") }
            }
        }

        private func run(_ sweep: OrphanSweep) async throws -> OrphanSweep.Result {
            if delete, !most, try await sweep.run(removes: false, { _, _ in }).isImplausible {
                throw ValidationError(
                    "Nothing speaks of more than half of the files: is this their database? Nothing was removed; --most removes them.")
            }
            // How many there are, only the listing tells.
            let display = ProgressDisplay(SweepProgress(), isQuiet: json)
            let result = await Result { [json] in
                try await sweep.run(removes: delete) { found, orphans in
                    if !json { for orphan in orphans { await display.say("\(orphan.key) (\(ByteText.of(orphan.size, .binary)))") } }
                    await display.report { $0.found = found }
                }
            }
            await display.end()
            return try result.get()
        }
    }
}

/// How far a sweep is.
private struct SweepProgress: ShownProgress {
    var found = OrphanSweep.Result()

    /// Nobody knows before the end.
    var fraction: Double { 0 }
    func line(after elapsed: Duration) -> String {
        "\(found.seen) files seen, \(found.orphans) of them unneeded (\(ByteText.of(found.bytes, .binary)))"
    }
    func bar(after elapsed: Duration, columns: Int) -> String { String(line(after: elapsed).prefix(max(0, columns - 1))) }
}
