import Accounts
import ArgumentParser
import Core
import Database
import Foundation
import Ingest
import NIOPosix
import ObjectStore
import Processing
import Sessions

extension SessionCommand {
    /// `lumiere session import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a session of what `lumiere session export` has written; beside a server or worker, which derives its photos.",
            discussion: """
                The session gets an id of its own, and another access code where its own is taken. Every file is compared with what was
                written down of it. Interrupted, the same command goes on where it was; after its end, it makes another session.
                """)

        @OptionGroup var shared: SharedOptions
        @Argument(help: "A folder, or a ZIP archive.") var from: String
        @Option(name: .long, help: "The email address or username of the account that gets the session.") var owner: String
        @Option(name: .long, help: "Photos on their way at a time.") var parallel = 4
        @Flag(name: .long, help: "Print one JSON object at the end.") var json = false

        /// Bytes of what describes a session, of its watermark's picture, and of what describes its photos.
        private static let (longestSession, longestPicture, longestPhotos): (Int64, Int64, Int64) = (8 << 20, 8 << 20, 4 << 30)

        func validate() throws {
            if !(1...64).contains(parallel) { throw ValidationError("--parallel is a number from 1 to 64.") }
        }

        func run() async throws {
            let settings = try await shared.settings()
            let threads = NIOThreadPool(numberOfThreads: parallel)
            threads.start()
            let scratch = try MoveScratch(in: settings.scratchFolder)
            defer { scratch.remove() }
            let result = await Result {
                try await readably { try await settings.withMedia { try await take($0, $1, settings, scratch, threads) } }
            }
            try await threads.shutdownGracefully()
            try conclude(try result.get())
        }

        private struct Taken {
            var session: SessionID
            /// `nil` when the session was there.
            var accessCode: String?
            var result: SessionImport.Result
        }

        private func take(
            _ database: any DatabaseDriver, _ store: any StreamingObjectStore, _ settings: Settings, _ scratch: MoveScratch,
            _ threads: NIOThreadPool
        ) async throws -> Taken {
            let accounts = AccountsFeature(
                database: database, signingKeys: try HouseFeatures.signingKeys(settings), settings: settings.accounts)
            guard let user = try await accounts.accounts.user(named: owner) else { throw Problem.notFound("user") }
            let importer = importer(database, accounts, settings)
            let (source, bytes) = try await threads.runIfActive { [from] in
                let source = try Self.source(from)
                return (source, try source.bytes(ExportFolder.session, limit: Self.longestSession))
            }
            let document = try Self.document(bytes)
            let note = try ImportNote(of: bytes, for: user.id, in: settings.scratchFolder)
            let (lines, picture) = try await threads.runIfActive {
                let path = "\(scratch.path)/\(ExportFolder.photos)"
                _ = try source.extract(ExportFolder.photos, to: path, limit: Self.longestPhotos)
                return (try PhotoLines(path), try Self.picture(of: document, in: source))
            }
            let begun = try await begun(note, importer, document, picture, user.id)
            var job = SessionImport(
                source: source, importer: importer, store: store, owner: user.id, session: begun.id, scratch: scratch.path,
                threads: threads, clock: SystemWallClock(), longestFile: settings.ingest.maxUploadSize)
            job.parallel = parallel
            let result = try await follow(job, lines, cover: document.occasion.coverID)
            try await importer.end(begun.id, as: document.status, cover: result.cover)
            note.remove()
            return Taken(session: begun.id, accessCode: begun.code, result: result)
        }

        private func importer(_ database: any DatabaseDriver, _ accounts: AccountsFeature, _ settings: Settings) -> SessionImporter {
            let (jobs, events, clock) = (JobStore(), UntoldEvents(), SystemWallClock())
            let intake = PhotoIntake(
                jobs: jobs, renditions: RenditionStore(), grants: accounts.grants, names: accounts.accounts, events: events, clock: clock,
                media: settings.media, recipe: settings.recipe)
            let service = SessionService(
                database: database, grants: accounts.grants, signer: accounts.grantChecker, attempts: accounts.attempts, jobs: jobs,
                events: events, nudges: events, accounts: accounts.accounts, clock: clock, recipe: settings.recipe)
            return SessionImporter(service, intake: intake)
        }

        private static func source(_ path: String) throws -> any ImportSource {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw TransferFault("\(path) is missing.") }
            return isFolder.boolValue ? FolderSource(folder: path) : try ArchiveSource(path)
        }

        private static func document(_ bytes: [UInt8]) throws -> SessionDocument {
            guard let document: SessionDocument = try? JSON.decode(from: bytes) else {
                throw TransferFault("\(ExportFolder.session) describes no session.")
            }
            guard document.version == SessionDocument.version else {
                throw TransferFault("It was written by another version of the program (\(document.version)).")
            }
            return document
        }

        /// What the watermark draws, if it is what the session says; without it, there is none.
        private static func picture(of document: SessionDocument, in source: any ImportSource) throws -> Data? {
            guard let name = document.settings.watermark?.picture, source.size(of: ExportFolder.watermark) != nil else { return nil }
            let bytes = try source.bytes(ExportFolder.watermark, limit: longestPicture)
            var digest = ContentDigest()
            bytes.withUnsafeBytes { digest.update($0) }
            guard digest.sha256 == name else { throw TransferFault("\(ExportFolder.watermark) is not the file that was written down.") }
            return Data(bytes)
        }

        /// The session that an interrupted run has begun, or a new one.
        private func begun(
            _ note: ImportNote, _ importer: SessionImporter, _ document: SessionDocument, _ picture: Data?, _ owner: UserID
        ) async throws -> (id: SessionID, code: String?) {
            if let id = note.read(), try await importer.owner(of: id) == owner { return (id, nil) }
            let begun = try await importer.begin(document, picture: picture, owner: owner)
            try note.write(begun.id)
            return (begun.id, begun.accessCode)
        }

        private func follow(_ job: SessionImport, _ lines: PhotoLines, cover: PhotoID?) async throws -> SessionImport.Result {
            let display = ProgressDisplay(CountProgress("photos", total: lines.count, faultNoun: "lost"), isQuiet: json)
            let result = await Result {
                try await job.run(lines, cover: cover) { done in
                    await display.report { ($0.done, $0.faults) = (done.added + done.present + done.lost, done.lost) }
                }
            }
            await display.end()
            return try result.get()
        }

        private func conclude(_ taken: Taken) throws {
            let result = taken.result
            if json {
                return try printJSON([
                    "session": .string(taken.session.description), "accessCode": taken.accessCode.map(JSONValue.string) ?? .null,
                    "added": .integer(Int64(result.added)), "present": .integer(Int64(result.present)), "lost": .integer(Int64(result.lost)),
                ])
            }
            print("Session \(taken.session): \(result.added) photos added, \(result.present) were there already.")
            if let code = taken.accessCode { print("Its access code is \(code).") }
            if result.lost > 0 { print("\(result.lost) were lost already where it comes from.") }
        }
    }
}
