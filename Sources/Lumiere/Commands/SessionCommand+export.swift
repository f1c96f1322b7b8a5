import ArgumentParser
import Core
import Database
import Foundation
import NIOPosix
import ObjectStore
import Sessions

extension SessionCommand {
    /// `lumiere session export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a session with all its originals into a folder or a ZIP archive; also while a server runs.",
            discussion: """
                Every file is compared with what the session knows of it. What is there already is passed over, so an interrupted run
                goes on where it was. An archive is packed of a folder beside it, which takes its room once more until then. Photos in
                the bin, chat and guests stay behind, and links are told of without what opens them. Ends with 1 when files are lost.
                """)

        @OptionGroup var shared: SharedOptions
        @Argument(help: "The session's id or access code.") var session: String
        @Option(name: .long, help: "A folder, or a file whose name ends with .zip.") var to: String
        @Option(name: .long, help: "Photos on their way at a time.") var parallel = 4
        @Flag(name: .long, help: "Print one JSON object at the end.") var json = false

        private var isArchive: Bool { to.lowercased().hasSuffix(".zip") }

        func validate() throws {
            if !(1...64).contains(parallel) { throw ValidationError("--parallel is a number from 1 to 64.") }
        }

        func run() async throws {
            let settings = try await shared.settings()
            let threads = NIOThreadPool(numberOfThreads: parallel)
            threads.start()
            let result = await Result {
                try await readably { try await settings.withMedia { try await write($0, $1, threads) } }
            }
            try await threads.shutdownGracefully()
            try conclude(try result.get())
        }

        private func write(
            _ database: any DatabaseDriver, _ store: any StreamingObjectStore, _ threads: NIOThreadPool
        ) async throws -> SessionExport.Result {
            let exporter = SessionExporter(database: database, clock: SystemWallClock())
            let document = try await exporter.session(named: session)
            let folder = try ExportFolder(isArchive ? ExportArchive.folder(for: to) : to)
            var export = SessionExport(exporter: exporter, store: store, folder: folder, threads: threads)
            export.parallel = parallel
            let display = ProgressDisplay(MoveProgress(objects: 0, bytes: 0), isQuiet: json)
            let result = await Result { [export] in
                try await export.run(document) { done in await display.report { $0 = done } }
            }
            await display.end()
            let written = try result.get()
            if isArchive { try await pack(written.files, folder, threads) }
            return written
        }

        private func pack(_ files: [ExportFolder.Written], _ folder: ExportFolder, _ threads: NIOThreadPool) async throws {
            let archive = ExportArchive(folder: folder, target: to)
            try await threads.runIfActive { try archive.pack(files, at: SystemWallClock().now()) }
        }

        private func conclude(_ result: SessionExport.Result) throws {
            let bytes = result.files.reduce(0) { $0 + $1.size }
            if json {
                try printJSON([
                    "photos": .integer(Int64(result.photos)), "files": .integer(Int64(result.files.count)), "bytes": .integer(bytes),
                    "lost": .array(result.lost.map(JSONValue.string)), "to": .string(to),
                ])
            } else {
                for name in result.lost { print("\(name) is lost: the store does not have it as it was.") }
                print("Wrote \(result.photos) photos in \(result.files.count) files (\(ByteText.of(bytes, .binary))) to \(to).")
            }
            if !result.lost.isEmpty { throw ExitCode(1) }
        }
    }
}
