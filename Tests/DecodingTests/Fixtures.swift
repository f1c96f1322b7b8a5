import Core
import Foundation
import Synchronization
import TestSupport

@testable import Decoding

/// Where the test media lie. They are made (fixtures) or handed out (samples) apart from the sources, so that tests
/// say when they are skipped for want of them.
enum Fixtures {
    static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let mediaFolder = packageRoot.appending(path: "fixtures/media").path
    static let samplesFolder = packageRoot.appending(path: "../shared/samples").standardizedFileURL.path

    static let areMade = FileManager.default.fileExists(atPath: mediaFolder + "/large-24mp.jpg")
    static let haveSamples = FileManager.default.fileExists(atPath: samplesFolder)

    static func media(_ name: String) -> String { "\(mediaFolder)/\(name)" }
    static func sample(_ name: String) -> String { "\(samplesFolder)/\(name)" }
}

extension TemporaryFolder {
    convenience init() throws { try self.init("decoding") }

    func write(_ bytes: [UInt8], as name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}

/// Runs blocking code on a thread of its own, which ends afterwards.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        // Threads are confined like their makers, and waking the caller may make one: another thread does that.
        let waking = Thread { continuation.resume(with: Result { try joined(body) }) }
        waking.start()
    }
}

/// Runs code on a new thread and waits for its end.
private func joined<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let (slot, end) = (Slot<Value>(), DispatchSemaphore(value: 0))
    let thread = Thread {
        slot.store(Result { try body() })
        end.signal()
    }
    // As large as a main thread's: decoders use much of it.
    thread.stackSize = 8 << 20
    thread.start()
    end.wait()
    return try slot.get()
}

private final class Slot<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func store(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }

    func get() throws -> Value {
        guard let result = result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}

/// What came of one request.
struct Outcome: Sendable {
    var facts: MediaFacts?
    var files: [DecodedFile] = []
    var failure: ProcessingFailure?
    var isDone = false
    /// In the order of their arrival.
    var kinds: [String] = []
    let folder: TemporaryFolder

    mutating func add(_ reply: DecodeReply) {
        switch reply {
        case .facts(let facts): self.facts = facts; kinds.append("facts")
        case .rendition(let file): files.append(file); kinds.append("\(file.name).\(file.format)")
        case .failed(let failure): self.failure = failure; kinds.append("failed")
        case .done: isDone = true; kinds.append("done")
        }
    }

    func file(_ name: RenditionName, _ format: MediaFormat = .jpeg) -> DecodedFile? {
        files.first { $0.name == name && $0.format == format }
    }

    func path(_ name: RenditionName, _ format: MediaFormat = .jpeg) -> String? {
        file(name, format)?.file.map { "\(folder.path)/\($0)" }
    }

    func bytes(_ name: RenditionName, _ format: MediaFormat = .jpeg) throws -> [UInt8] {
        guard let path = path(name, format) else { return [] }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

func request(_ input: String, into folder: TemporaryFolder, _ recipe: Recipe = .standard) -> DecodeRequest {
    DecodeRequest(
        id: JobID(at: Timestamp(milliseconds: 0)), inputPath: input, outputFolder: folder.path, recipe: recipe,
        timeLimit: 60_000)
}

/// Carries a request out in this process.
func decode(
    _ input: String, _ recipe: Recipe = .standard, _ part: DecodePart = .all, watermarkPicture: Data? = nil
) async throws -> Outcome {
    let folder = try TemporaryFolder()
    return try await onOwnThread {
        let replies = Replies(Outcome(folder: folder))
        var request = request(input, into: folder, recipe)
        request.watermarkPicture = watermarkPicture
        request.part = part
        try DecodeJob(request).run { replies.outcome.add($0) }
        return replies.outcome
    }
}

private final class Replies {
    var outcome: Outcome
    init(_ outcome: Outcome) { self.outcome = outcome }
}

/// All pixels of a written picture.
func pixels(of path: String) throws -> Picture {
    try VipsLibrary.start()
    return try PictureSource.file(path).decode(longEdge: 60_000, .strict)
}
