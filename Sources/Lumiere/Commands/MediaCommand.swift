import ArgumentParser
import Core
import Glibc
import ObjectStore

/// `lumiere media`: the files.
struct MediaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "media", abstract: "Manage the files of photos and videos.",
        subcommands: [Rerender.self, Verify.self, Collect.self, Move.self])

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the files between the disk and S3; also while a server runs.",
            discussion: """
                Every copy is read back and compared. What is there already is passed over, so an interrupted run goes on
                where it was. To change the store of a running house:

                  1. Copy, as often as you like; the last time right before the next step:
                       lumiere media move --from disk --to s3
                  2. Switch the setting on every node, and restart the servers and workers.
                  3. Copy what came in between, and remove what has been copied:
                       lumiere media move --from disk --to s3 --delete

                Between 2 and 3, files that came after the last copy cannot be found. Uploads that are under way stay in
                the store they began in: let them end before step 2.
                """)

        @OptionGroup var shared: SharedOptions
        @Option(name: .long, help: "Where the files are.") var from: ObjectStoreKind
        @Option(name: .long, help: "Where they go.") var to: ObjectStoreKind
        @Flag(name: .long, help: "Remove each file from where it was, once its copy has been compared.") var delete = false
        @Option(name: .long, help: "Only keys that begin with it; may be given several times (default: originals, renditions).")
        var prefix: [String] = []
        @Option(name: .long, help: "Files on their way at a time.") var parallel = 4
        @Flag(name: .long, help: "Print one JSON object at the end.") var json = false

        func validate() throws {
            if from == to { throw ValidationError("--from and --to name the same store.") }
            if !(1...64).contains(parallel) { throw ValidationError("--parallel is a number from 1 to 64.") }
            for prefix in prefix where ObjectKey(prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix) == nil {
                throw ValidationError("--prefix \(prefix): no key begins like this.")
            }
        }

        func run() async throws {
            let settings = try await shared.settings()
            // The files of a house that is still served from there would be gone.
            if delete, settings.objectStoreKind == from {
                throw ValidationError("The settings still name \(from.rawValue) as the store: switch first, then use --delete.")
            }
            let scratch = try MoveScratch(in: settings.scratchFolder)
            defer { scratch.remove() }
            let progress = try await settings.withObjectStore(from) { source in
                try await settings.withObjectStore(to) { target in
                    try await move(source, target, scratch.path)
                }
            }
            try conclude(progress)
        }

        private func move(
            _ source: any StreamingObjectStore, _ target: any StreamingObjectStore, _ scratchFolder: String
        ) async throws -> MoveProgress {
            var copier = ObjectCopier(from: source, to: target, scratchFolder: scratchFolder)
            copier.parallel = parallel
            copier.removesSource = delete
            let prefixes = prefix.isEmpty ? ["originals/", "renditions/"] : prefix
            do {
                let total = try await copier.survey(prefixes: prefixes)
                let display = ProgressDisplay(MoveProgress(objects: total.objects, bytes: total.bytes), isQuiet: json)
                let result = await Result { try await copier.copy(prefixes: prefixes) { copied in await display.report { $0.update(copied) } } }
                await display.end()
                _ = try result.get()
                return await display.progress
            } catch {
                throw MoveFailure(error)
            }
        }

        private func conclude(_ progress: MoveProgress) throws {
            if json {
                try printJSON(progress.json(from: from.rawValue, to: to.rawValue, isRemoved: delete))
            } else {
                print(progress.summary)
                print(delete ? "They are no longer on \(from.rawValue)." : "Nothing was removed from \(from.rawValue).")
            }
        }
    }
}

/// Which store objects are in.
enum ObjectStoreKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case disk, s3
}

extension Settings {
    /// Opens a store for as long as the body runs.
    func withObjectStore<Value>(
        _ kind: ObjectStoreKind, _ body: (any StreamingObjectStore) async throws -> Value
    ) async throws -> Value {
        let store = try objectStore(kind)
        let result = await Result { try await body(store) }
        // What was copied is safe: failing to let go of threads and connections changes nothing about it.
        if let disk = store as? DiskObjectStore { try? await disk.shutdown() }
        if let s3 = store as? S3ObjectStore { try? await s3.shutdown() }
        return try result.get()
    }
}

extension Result where Failure == any Error {
    /// What a body gives or throws.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// Why a move ended early, as an operator reads it.
struct MoveFailure: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        let reason =
            switch error {
            case let error as ObjectCopier.Mismatch: "The copy of \(error.key) is not what its source is; the source was kept."
            case ObjectStoreError.missing(let key): "\(key) is listed, but cannot be read."
            case ObjectStoreError.full: "There is no room left."
            case ObjectStoreError.unavailable(let attempt): "The store cannot be reached (\(attempt))."
            case ObjectStoreError.system(let code, let attempt): "\(attempt): \(String(cString: strerror(code)))."
            default: "\(error)"
            }
        description = "\(reason) What was copied so far is safe; run the command again to go on."
    }
}
