import Foundation
import NIOHTTP1
import Synchronization
import TestSupport

/// Uploads one different picture after the other, through whatever happens to the server.
final class UploadStream: Sendable {
    /// Names of the files whose last byte was confirmed.
    let acknowledged = Inbox<String>()
    private let shoot: Shoot
    private let picture: Data
    private let isFinished = Atomic<Bool>(false)

    init(shoot: Shoot, picture: Data) {
        self.shoot = shoot
        self.picture = picture
    }

    /// Ends the stream after the file that is under way.
    func finish() { isFinished.store(true, ordering: .relaxed) }

    func run() async throws {
        var number = 0
        while !isFinished.load(ordering: .relaxed) {
            number += 1
            let name = "stream-\(number).jpg"
            try await send(Fixtures.variant(of: picture, number), as: name)
            acknowledged.push(name)
        }
    }

    private func send(_ data: Data, as name: String) async throws {
        let tus = TusClient(api: shoot.owner)
        // Creations whose answer was lost leave an empty upload behind, which never becomes a photo.
        let location = try await insistently("create \(name)") {
            try await tus.create(session: self.shoot.id, filename: name, length: data.count)
        }
        try await insistently("send \(name)") { try await tus.resume(location, data, chunk: 16 << 10) }
    }

    /// Tries again while the server is down.
    private func insistently<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
        try await eventually("the chance to \(what)", within: .seconds(60)) {
            do {
                return try await body()
            } catch let error as API.Unexpected {
                // The server is up and says no: only a refusal to be tried again is one to wait out.
                guard error.description.contains("423") || error.description.contains("503") else { throw error }
                return nil
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                return nil
            }
        }
    }
}
