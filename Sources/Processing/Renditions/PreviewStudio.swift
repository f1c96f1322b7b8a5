public import Core
public import Foundation
public import Logging
import Synchronization
import SystemPackage

/// Makes previews with decoders of its own, each started for one of them: they need no place in the queue, and a node
/// that leaves the queue to workers has them too.
public struct PreviewStudio: PreviewMaker {
    private let configuration: ProcessingConfiguration
    private let objects: any ObjectStore
    private let logger: Logger
    private let files = FileQueue("lumiere.previews")
    private let gate = PreviewGate()

    /// Previews at a time; whoever comes while all are busy is asked to come back.
    static let atATime = 2
    /// Bytes of a preview.
    static let largest = 16 << 20

    /// - Parameter configuration: with a scratch folder of its own, which is emptied; its decoders are not counted.
    public init(configuration: ProcessingConfiguration, objects: any ObjectStore, logger: Logger) {
        var configuration = configuration
        configuration.timeLimit = min(configuration.timeLimit, .seconds(20))
        self.configuration = configuration
        self.objects = objects
        self.logger = logger
        try? FileManager.default.removeItem(atPath: configuration.scratchFolder)
    }

    public func preview(
        of original: ObjectKey?, longEdge: Int, watermark: Watermark?, picture: Data?
    ) async throws -> Data {
        guard gate.enter() else { throw Problem.unavailable("busy", "Too many previews are being made; try again in a moment.") }
        defer { gate.leave() }
        let recipe = Recipe(
            sizes: [Recipe.Size(.large, longEdge: longEdge, quality: 82)], formats: [.jpeg], version: Recipe.standard.version,
            watermark: watermark)
        let base = "\(configuration.workFolder)/\(UUID().uuidString.lowercased())"
        let job = Job(recipe: recipe, picture: picture, folders: DecoderFolders(base))
        do {
            try await files.run { try job.folders.prepare() }
            let file = try await within(configuration.timeLimit) { try await make(original, job) }
            let preview = try await read(file, in: job.folders.results)
            try? await files.run { job.folders.remove() }
            return preview
        } catch {
            try? await files.run { job.folders.remove() }
            throw error
        }
    }

    private struct Job: Sendable {
        let recipe: Recipe
        let picture: Data?
        let folders: DecoderFolders
    }

    private func make(_ original: ObjectKey?, _ job: Job) async throws -> DecodedFile {
        guard let original else {
            let path = job.folders.originals + "/neutral.tiff"
            try await files.run { try NeutralPicture.file.write(to: URL(fileURLWithPath: path)) }
            return try await decode(path, job)
        }
        return try await objects.withLocalFile(original) { path in
            try await decode(try await files.run { try job.folders.admit(path) }, job)
        }
    }

    private func decode(_ path: String, _ job: Job) async throws -> DecodedFile {
        let request = DecodeRequest(
            id: JobID(at: Timestamp(milliseconds: 0)), inputPath: path, outputFolder: job.folders.results, recipe: job.recipe,
            timeLimit: configuration.timeLimit.milliseconds, watermarkPicture: job.picture)
        let ending = Mutex<Ending?>(nil)
        let slot = DecoderSlot(
            command: DecoderCommand(configuration, job.folders), bell: JobBell(), trust: DecoderTrust(),
            metrics: ProcessingMetrics(), logger: logger)
        let hasStarted = await slot.lendOnce { decoder in
            let result = await Self.ending(of: request, job.recipe, on: decoder)
            ending.withLock { $0 = result }
        }
        switch ending.withLock({ $0 }) {
        case .file(let file): return file
        case .refused(let detail): throw Problem(422, "preview_failed", detail)
        case nil where hasStarted: throw Problem(422, "preview_failed", "The preview could not be made.")
        case nil: throw Problem.unavailable("busy", "No preview can be made at the moment.")
        }
    }

    private enum Ending: Sendable {
        case file(DecodedFile)
        case refused(String)
    }

    private static func ending(of request: DecodeRequest, _ recipe: Recipe, on decoder: Decoder) async -> Ending? {
        var sequence = ReplySequence(recipe)
        var ending: Ending?
        do {
            try await decoder.decode(request) { reply in
                switch try sequence.take(reply) {
                case .file(let file, _): if file.name == .large { ending = .file(file) }
                case .refused(let failure): ending = .refused(failure.detail)
                case .facts, .finish: break
                }
            }
        } catch {
            return nil
        }
        return ending
    }

    /// Ends a body that takes too long.
    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard case let value?? = try await group.next() else {
                throw Problem(422, "preview_failed", "Making the preview takes too long.")
            }
            return value
        }
    }

    private func read(_ file: DecodedFile, in folder: String) async throws -> Data {
        try await files.run {
            let data = try Self.content(of: "\(folder)/\(file.file ?? "")")
            guard FileHead(bytes: Array(data.prefix(FileHead.length))).begins(.jpeg, width: file.width, height: file.height) else {
                throw Problem(422, "preview_failed", "The preview could not be made.")
            }
            return data
        }
    }

    /// What a decoder has written, which may be anything.
    private static func content(of path: String) throws -> Data {
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        let handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        let data = try handle.read(upToCount: largest + 1) ?? Data()
        guard data.count <= largest else { throw Problem(422, "preview_failed", "The preview is too large.") }
        return data
    }
}

/// Lets in so many at a time.
private final class PreviewGate: Sendable {
    private let inside = Mutex(0)

    func enter() -> Bool {
        inside.withLock { inside in
            guard inside < PreviewStudio.atATime else { return false }
            inside += 1
            return true
        }
    }

    func leave() { inside.withLock { $0 -= 1 } }
}
