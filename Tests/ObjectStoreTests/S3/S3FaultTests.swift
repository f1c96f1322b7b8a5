import Core
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import NIOSSL
import TestSupport
import Testing

@testable import ObjectStore

@Suite("S3 driver in front of a server in trouble", .enabled("no S3 server can be had") {
    if LocalSwiftS3.isAvailable { true } else { await LocalMoto.isAvailable }
})
struct S3FaultTests {
    enum Operation: String, CaseIterable, Sendable {
        case put, size, read, page, remove, batch
    }

    @Test("a fault that passes is not noticed", arguments: Operation.allCases, [
        FaultProxy.Fault.answer(500, code: "InternalError"), .answer(503, code: "SlowDown"), .answer(429, code: ""),
        .answer(408, code: ""), .hangUp, .loseAnswer,
    ])
    func passing(_ operation: Operation, _ fault: FaultProxy.Fault) async throws {
        try await withProxy { proxy, bench, store in
            let key = S3Bench.key()
            try await store.put(Data("bytes".utf8), as: key, bench)
            let before = proxy.requests.elements.count
            proxy.spoil([fault])
            switch operation {
            case .put: try await store.put(Data("other".utf8), as: key, bench)
            case .size: #expect(try await store.size(of: key) == 5)
            case .read: #expect(try await store.bytes(of: key) == Data("bytes".utf8))
            case .page: #expect(try await store.page(prefix: key.text, after: nil, limit: 5).objects.count == 1)
            case .remove: try await store.remove(key)
            case .batch: try await store.remove([key])
            }
            #expect(proxy.requests.elements.count == before + 2)
        }
    }

    @Test("a fault that stays is reported after so many attempts", arguments: [
        (FaultProxy.Fault.answer(503, code: "SlowDown"), ": 503 SlowDown"), (.answer(500, code: ""), ": 500"),
        (.hangUp, ": connection lost or too slow"), (.silence, ": connection lost or too slow"),
    ])
    func staying(_ fault: FaultProxy.Fault, _ reason: String) async throws {
        try await withProxy { $0.idleTimeout = .milliseconds(500) } _: { proxy, bench, store in
            let key = S3Bench.key()
            proxy.spoil(isForever: true, [fault])
            let start = ContinuousClock.now
            let error = await #expect(throws: ObjectStoreError.self) { try await store.put(Data("x".utf8), as: key, bench) }
            #expect(error == .unavailable("PUT \(key)\(reason)"))
            #expect(proxy.requests.elements.count == 4)
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test("what will not get better is not tried again", arguments: [
        (403, "AccessDenied", ObjectStoreError.system(EACCES, "GET bucket: 403 AccessDenied")),
        (400, "InvalidArgument", .system(EPROTO, "GET bucket: 400 InvalidArgument")),
        (404, "NoSuchBucket", .system(ENOENT, "GET bucket: 404 NoSuchBucket")),
        (507, "Whatever", .full), (400, "QuotaExceeded", .full),
        (301, "Permanent-Redirect to {x}", .system(EPROTO, "GET bucket: 301 PermanentRedirecttox")),
    ])
    func lasting(_ status: Int, _ code: String, _ expected: ObjectStoreError) async throws {
        try await withProxy { proxy, _, store in
            proxy.spoil([.answer(status, code: code)])
            await #expect(throws: expected) { try await store.check() }
            #expect(proxy.requests.elements.count == 1)
        }
    }

    @Test("beginning an upload is repeated only when the server has surely not begun one", arguments: [
        (FaultProxy.Fault.answer(500, code: "InternalError"), 1), (.loseAnswer, 1), (.answer(503, code: "SlowDown"), 2),
    ])
    func beginning(_ fault: FaultProxy.Fault, _ attempts: Int) async throws {
        try await withProxy { proxy, _, store in
            proxy.spoil([fault])
            let upload = try? await store.beginMultipart(S3Bench.key())
            #expect((upload != nil) == (attempts == 2))
            #expect(proxy.count("POST") == attempts)
            if let upload { try await store.abort(upload) }
        }
    }

    @Test("nobody listening is reported as unavailable")
    func nobody() async throws {
        let bench = try await bench()
        try await bench.withStore { configuration in
            configure(&configuration)
            configuration.endpoint = "http://127.0.0.1:1"
        } _: { store in
            await #expect(throws: ObjectStoreError.unavailable("GET bucket: no connection")) { try await store.check() }
        }
    }

    @Test("a body that is cut off is fetched from there on, of the same version")
    func cut() async throws {
        try await withProxy { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(3_000_000))
            try await store.put(bytes, as: key, bench)
            proxy.spoil([.cut(after: 1_000_000), .hangUp, .cut(after: 1), .answer(503, code: "SlowDown"), .cut(after: 900_000)])
            #expect(try await store.bytes(of: key) == bytes)
            let reads = proxy.requests.elements.filter { $0.method == "GET" }
            let starts = reads.map { read in
                let range = (read.headers.first(name: "range") ?? "bytes=0-2999999").split { "=-".contains($0) }
                #expect(range.last == "2999999")
                return Int(range[1]) ?? -1
            }
            // A connection that breaks may take the last bytes along that came through it.
            #expect(starts.count == 6 && starts == starts.sorted())
            #expect((1...1_000_000).contains(starts[1]) && starts[2] == starts[1] && starts[3] - starts[2] <= 1)
            #expect(starts[4] == starts[3] && starts[5] - starts[4] > 0 && starts[5] - starts[4] <= 900_000)
            #expect(reads.dropFirst().allSatisfy { $0.headers.contains(name: "if-match") })
            proxy.spoil([.cut(after: 2_000_000)])
            #expect(try await ObjectStoreContract.content(of: key, in: store) == bytes)
            proxy.spoil([.cut(after: 10)])
            #expect(try await store.bytes(of: key, range: 100..<1_000) == bytes[100..<1_000])
        }
    }

    @Test("an object that is replaced while it is read is an error, not a mixture")
    func replaced() async throws {
        try await withProxy { proxy, bench, store in
            let key = S3Bench.key()
            try await store.put(S3Bench.bytes(1_000_000), as: key, bench)
            proxy.spoil([.cut(after: 500_000)]) { $0.method == "GET" }
            let object = try await store.read(key, range: nil)
            try await store.put(S3Bench.bytes(1_000_000, seed: 2), as: key, bench)
            await #expect(throws: ObjectStoreError.system(ESTALE, "GET \(key): replaced while it was read")) {
                for try await _ in object {}
            }
        }
    }

    @Test("a body that never gets anywhere is given up")
    func neverEnding() async throws {
        try await withProxy { proxy, bench, store in
            let key = S3Bench.key()
            try await store.put(S3Bench.bytes(1_000_000), as: key, bench)
            proxy.spoil(isForever: true, [.cut(after: 0)]) { $0.method == "GET" }
            let error = await #expect(throws: ObjectStoreError.self) { try await store.bytes(of: key) }
            #expect(error == .unavailable("GET \(key): cut off again and again"))
        }
    }

    @Test("a reader that stalls stops the server, and goes on later")
    func backPressure() async throws {
        try await withProxy { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(48 << 20))
            try await store.put(bytes, as: key, bench)
            var chunks = try await store.read(key, range: nil).makeAsyncIterator()
            var read = try #require(try await chunks.next()).readableBytes
            var last = -1
            let stalledAt = try await eventually("the server to stop", every: .milliseconds(150)) {
                defer { last = proxy.relayed }
                return proxy.relayed == last ? last : nil
            }
            #expect(stalledAt < 24 << 20)
            while let chunk = try await chunks.next() { read += chunk.readableBytes }
            #expect(read == bytes.count)
        }
    }

    @Test("a connection is used again")
    func keepsConnections() async throws {
        try await withProxy { proxy, bench, store in
            for _ in 0..<5 {
                let key = S3Bench.key()
                try await store.put(S3Bench.bytes(300_000), as: key, bench)
                #expect(try await store.bytes(of: key).count == 300_000)
                #expect(try await store.bytes(of: key, range: 10..<200_000).count == 199_990)
                #expect(try await store.size(of: key) == 300_000)
                try await store.remove(key)
                #expect(try await store.size(of: key) == nil)
            }
            #expect(proxy.connections == 1)
        }
    }

    @Test("an upload that was lost to another node leaves no parts behind")
    func lostBeforeItBegan() async throws {
        struct TakenOver: Error {}
        try await withProxy { proxy, _, store in
            let upload = store.partialUpload(S3Bench.key(), length: nil)
            var writer = try await store.writer(of: upload, checkpoints: true) { _ in throw TakenOver() }
            await #expect(throws: TakenOver.self) { try await writer.append(ByteBuffer(repeating: 1, count: 5 << 20)) }
            #expect(proxy.count("POST") == 1 && proxy.count("PUT") == 0 && proxy.count("DELETE") == 1)
        }
    }

    @Test("callers of one key share a transfer, and nothing is left of it")
    func shared() async throws {
        try await withProxy { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(2_000_000))
            try await store.put(bytes, as: key, bench)
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await store.withLocalFile(key) { path in
                            // Held until all have it.
                            try await eventually("all to come", within: .seconds(5)) { proxy.count("GET") == 1 ? () : nil }
                            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
                            try await Task.sleep(for: .milliseconds(50))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(proxy.count("GET") == 1)
            try await eventually("the copy to go") {
                try FileManager.default.contentsOfDirectory(atPath: store.scratchFolder) == [".lock"] ? () : nil
            }
        }
    }

    @Test("cancelling a caller ends its transfer at once")
    func cancelled() async throws {
        try await withProxy { proxy, _, store in
            proxy.spoil(isForever: true, [.silence])
            let task = Task { try await store.withLocalFile(S3Bench.key()) { _ in } }
            try await eventually("the request") { proxy.count("GET") == 1 ? () : nil }
            task.cancel()
            let start = ContinuousClock.now
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .milliseconds(400))
        }
    }

    @Test("a part that cannot be sent makes the whole upload be given up")
    func abortsParts() async throws {
        try await withProxy { proxy, bench, store in
            let key = S3Bench.key()
            proxy.spoil([.answer(403, code: "AccessDenied")]) { $0.uri.contains("partNumber=2") }
            let bytes = S3Bench.bytes(12_000_000)
            await #expect(throws: ObjectStoreError.self) { try await store.put(bytes, as: key, bench) }
            let aborts = proxy.requests.elements.filter { $0.method == "DELETE" && $0.uri.contains("uploadId=") }
            #expect(aborts.count == 1)
            let size = try await store.size(of: key)
            #expect(size == nil)
        }
    }

    @Test("parts and completions whose answers were lost are repeated")
    func lostAnswers() async throws {
        try await withProxy { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(12_000_000))
            proxy.spoil([.loseAnswer]) { $0.uri.contains("partNumber=2") }
            proxy.spoil([.answer(200, code: "InternalError"), .loseAnswer]) {
                $0.method == "POST" && $0.uri.contains("uploadId=")
            }
            try await store.put(bytes, as: key, bench)
            #expect(try await store.bytes(of: key) == bytes)
            #expect(proxy.count("POST") == 4)
        }
    }

    @Test("an upload outlives faults in the middle of it")
    func partialUpload() async throws {
        try await withProxy { proxy, _, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(11 << 20))
            let row = Inbox<PartialUpload>()
            proxy.spoil([.answer(500, code: "InternalError"), .loseAnswer, .hangUp]) { $0.method == "PUT" }
            let upload = store.partialUpload(key, length: nil)
            var writer = try await store.writer(of: upload, checkpoints: true) { row.push($0) }
            try await writer.append(ByteBuffer(bytes: bytes.prefix(6 << 20)))
            let state = try await writer.confirm()
            #expect(state.offset == 6 << 20)
            #expect(row.elements.last == state)
            proxy.spoil(isForever: true, [.answer(503, code: "SlowDown")]) { $0.method == "PUT" }
            try await writer.append(ByteBuffer(bytes: bytes.dropFirst(6 << 20)))
            let error = await #expect(throws: ObjectStoreError.self) { try await writer.finish() }
            guard case .unavailable? = error else { throw try #require(error) }
            #expect(row.elements.last?.offset == 6 << 20)
        }
    }

    @Test("a server that cannot copy parts is not asked to for long, and nothing is left of the attempt", arguments: [
        FaultProxy.Fault.answer(501, code: "NotImplemented"), .answer(400, code: "InvalidRequest"), .answer(200, code: "InternalError"),
    ])
    func noCopies(_ fault: FaultProxy.Fault) async throws {
        try await withProxy { proxy, bench, store in
            let source = store.partialUpload(S3Bench.key(), length: 6 << 20)
            var writer = try await store.writer(of: source, checkpoints: true) { _ in }
            try await writer.append(ByteBuffer(bytes: S3Bench.bytes(6 << 20)))
            let part = try await writer.finish()
            _ = try await store.complete(part)
            let final = store.partialUpload(S3Bench.key(), length: nil)
            proxy.spoil(isForever: true, [fault]) { $0.headers.contains(name: "x-amz-copy-source") }
            #expect(try await store.join([part, part], into: final) { _ in } == nil)
            #expect(try await store.openUploads(of: final.key) == 0)
            #expect(try await store.size(of: final.key) == nil)
        }
    }

    @Test("to join uploads sends none of their bytes")
    func copiesInside() async throws {
        try await withProxy { proxy, bench, store in
            let source = store.partialUpload(S3Bench.key(), length: 6 << 20)
            var writer = try await store.writer(of: source, checkpoints: true) { _ in }
            try await writer.append(ByteBuffer(bytes: S3Bench.bytes(6 << 20)))
            let part = try await writer.finish()
            _ = try await store.complete(part)
            let before = proxy.requests.elements.count
            let joined = try await store.join([part, part], into: store.partialUpload(S3Bench.key(), length: nil)) { _ in }
            #expect(joined?.offset == 12 << 20)
            let requests = proxy.requests.elements.dropFirst(before)
            #expect(requests.count == 5 && !requests.contains { $0.method == "GET" || $0.bodySize > 1000 })
        }
    }

    func bench() async throws -> S3Bench { try S3Bench(try await S3Servers.any.value) }

    func configure(_ configuration: inout S3Configuration) {
        configuration.retry.attempts = 4
        configuration.retry.firstPause = .milliseconds(5)
        configuration.idleTimeout = .milliseconds(1500)
    }

    func withProxy(
        _ bench: S3Bench? = nil, tls: NIOSSLContext? = nil, _ change: (inout S3Configuration) -> Void = { _ in },
        _ body: (FaultProxy, S3Bench, S3ObjectStore) async throws -> Void
    ) async throws {
        let bench = if let bench { bench } else { try await self.bench() }
        let proxy = try await FaultProxy.start(before: bench.server.endpoint, tls: tls)
        defer { proxy.stop() }
        try await bench.withStore { configuration in
            configure(&configuration)
            configuration.endpoint = proxy.endpoint
            change(&configuration)
        } _: { try await body(proxy, bench, $0) }
    }
}
