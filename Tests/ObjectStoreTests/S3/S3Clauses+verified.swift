import AsyncHTTPClient
import Core
import Crypto
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import ObjectStore

extension S3Clauses {
    static func wrongSecret(_ bench: S3Bench) async throws {
        try await bench.withStore { $0.secretKey = Secret("not-the-secret") } _: { store in
            let error = await #expect(throws: ObjectStoreError.self) { try await store.check() }
            #expect(error == .system(EACCES, "GET bucket: 403 SignatureDoesNotMatch"))
            let key = S3Bench.key()
            await #expect(throws: ObjectStoreError.self) { try await store.put(Data("x".utf8), as: key, bench) }
            await #expect(throws: ObjectStoreError.self) { try await store.size(of: key) }
            let url = try #require(try store.address(of: key, as: ObjectLink(lifetime: .seconds(60))))
            #expect(try await status(url) == .forbidden)
        }
    }

    static func badAddresses(_ bench: S3Bench) async throws {
        let key = S3Bench.key()
        try await bench.withStore { store in
            try await store.put(Data("x".utf8), as: key, bench)
            let link = ObjectLink(lifetime: .seconds(60), contentType: "image/png")
            let url = try #require(try store.address(of: key, as: link))
            #expect(try await status(url) == .ok)
            #expect(try await status(url.replacing("image%2Fpng", with: "text%2Fhtml")) == .forbidden)
            #expect(try await status(url.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=600")) == .forbidden)
        }
        try await bench.withStore(ports: S3Ports(clock: WrongClock(offset: .seconds(-300)))) { store in
            let url = try #require(try store.address(of: key, as: ObjectLink(lifetime: .seconds(60))))
            #expect(try await status(url) == .forbidden)
        }
    }

    static func wrongHash(_ bench: S3Bench) async throws {
        try await bench.withStore { store in
            let (key, path) = (S3Bench.key(), try bench.file(Data("bytes".utf8)))
            let other = Hex.text(SHA256.hash(data: Data("other".utf8)))
            await #expect(throws: ObjectStoreError.self) { try await store.put(path, as: key, durable: true, sha256: other) }
            #expect(try await store.size(of: key) == nil)
        }
    }

    static func wrongClock(_ bench: S3Bench) async throws {
        for offset in [Duration.seconds(-7200), .seconds(7200)] {
            try await bench.withStore(ports: S3Ports(clock: WrongClock(offset: offset))) { store in
                let key = S3Bench.key()
                // A HEAD is told off without a reason.
                #expect(try await store.size(of: key) == nil)
                try await store.put(Data("x".utf8), as: key, bench)
                let url = try #require(try store.address(of: key, as: ObjectLink(lifetime: .seconds(60))))
                #expect(try await status(url) == .ok)
            }
        }
    }

    private static func status(_ url: String) async throws -> HTTPResponseStatus {
        try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20)).status
    }
}
