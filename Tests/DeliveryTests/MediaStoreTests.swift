import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import ObjectStore
import TestSupport
import Testing

@Suite("Media on disk")
struct MediaOnDiskTests {
    @Test("answers as it has to", arguments: MediaCase.all, MediaCase.sizes)
    func answers(_ request: MediaCase, _ size: Int) async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { try await request.check(size, $0) }
        }
    }

    @Test("keeps its promises", arguments: MediaClause.all)
    func promises(_ clause: MediaClause) async throws {
        try await TestStores.withDisk { try await withMedia(on: $0) { try await clause.check($0) } }
    }

    @Test("has nowhere to redirect to")
    func redirects() async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store, .redirecting) { bench in
                let file = try await bench.add(700_000)
                #expect(try await bench.get(file).body == file.bytes)
            }
        }
    }
}

@Suite("Media on S3", .enabled("moto cannot be installed") { await LocalMoto.isAvailable })
struct MediaOnS3Tests {
    @Test("answers as it has to", arguments: MediaCase.all, MediaCase.sizes)
    func answers(_ request: MediaCase, _ size: Int) async throws {
        try await TestStores.withS3 { store in
            try await withMedia(on: store) { try await request.check(size, $0) }
        }
    }

    @Test("keeps its promises", arguments: MediaClause.all)
    func promises(_ clause: MediaClause) async throws {
        try await TestStores.withS3 { try await withMedia(on: $0) { try await clause.check($0) } }
    }

    @Test("those who miss the same small file at the same time cause one read")
    func sharing() async throws {
        try await TestStores.withS3 { base in
            let gate = Inbox<Void>()
            let store = CountingStore(base, gate: gate)
            try await withMedia(on: store) { bench in
                let file = try await bench.add(10_000)
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<20 { group.addTask { try await bench.get(file).body == file.bytes } }
                    // All of them get this far; whoever comes later finds it in memory.
                    _ = try await eventually("twenty readers") { bench.grants.checks >= 20 ? () : nil }
                    gate.close()
                    for try await isWhole in group { #expect(isWhole) }
                }
                #expect(store.reads == 1)
            }
        }
    }

    @Test("a reader that stalls stops the store, and still gets everything after the store has lost patience")
    func stalling() async throws {
        let proxy = try await CuttingProxy.start(before: try await TestStores.moto.value.endpoint)
        defer { proxy.stop() }
        try await TestStores.withS3 { patient in
            try await TestStores.withS3(endpoint: proxy.endpoint) { $0.idleTimeout = .milliseconds(500) } _: { store in
                try await withMedia(on: store) { bench in
                    let size = 64 << 20
                    let file = try await bench.add(Data(count: size), into: patient)
                    var body = try await MediaAnswer.stream(bench.url(file), holdingLittle: true).makeAsyncIterator()
                    var received = try await body.next()?.readableBytes ?? 0
                    try await eventually("the store to stop", every: .milliseconds(1000)) {
                        let before = proxy.relayed
                        try await Task.sleep(for: .milliseconds(700))
                        return proxy.relayed == before ? () : nil
                    }
                    // What the sockets before the reader hold is some megabytes; of what the store's own may hold, the kernel gives it
                    // no more than a few times what was taken from it.
                    #expect(proxy.relayed < size / 2)
                    while let chunk = try await body.next() { received += chunk.readableBytes }
                    #expect(received == size)
                }
            }
        }
    }

    @Test("a read that fails in the middle ends the connection")
    func cut() async throws {
        let server = try await TestStores.moto.value
        let proxy = try await CuttingProxy.start(before: server.endpoint, after: 1_000_000)
        defer { proxy.stop() }
        try await TestStores.withS3 { whole in
            try await TestStores.withS3(endpoint: proxy.endpoint) {
                $0.retry.attempts = 2
                $0.retry.firstPause = .milliseconds(10)
            } _: { store in
                try await withMedia(on: store) { bench in
                    let file = try await bench.add(3_000_000, into: whole)
                    let answer = try await bench.get(file)
                    #expect(answer.status == 200 && answer.headers["content-length"] == "3000000")
                    #expect(answer.isCut && answer.body.count < 1_000_001 && answer.body.count > 0)
                    #expect(answer.body == file.bytes.prefix(answer.body.count))
                }
            }
        }
    }
}

@Suite("Media on a store that is away")
struct MediaOnNoStoreTests {
    @Test("is a 503 that says when to come back", arguments: MediaCase.sizes)
    func away(_ size: Int) async throws {
        try await TestStores.withNobody { store in
            try await withMedia(on: store) { bench in
                let file = TestFile(.noise(size), contentType: "image/jpeg", filename: "a.jpg")
                bench.catalog.add(file)
                let answer = try await bench.get(file)
                #expect(try answer.status == 503 && answer.code == "storage_unavailable")
                #expect(answer.headers["retry-after"] == "5")
                #expect(try await bench.head(file).status == 503)
                // What needs no bytes still works.
                #expect(try await bench.get(file, ["If-None-Match": file.etag]).status == 304)
            }
        }
    }
}
