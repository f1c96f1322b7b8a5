import Core
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import TestSupport
import Testing

@testable import ObjectStore

/// What guards bodies on their way.
extension S3FaultTests {
    @Test("a server whose ETag is not the MD5 of an unsigned body is told the MD5 from then on", arguments: [
        "\"00000000000000000000000000000000\"", "\"opaque\"", "",
    ])
    func unproven(_ etag: String) async throws {
        try await withProxy { $0.payload = .unsigned } _: { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(1_000_000))
            proxy.spoil(isForever: true, [.etag(etag)]) { $0.method == "PUT" }
            for _ in 0..<2 {
                try await store.put(bytes, as: key, bench)
                #expect(try await store.bytes(of: key) == bytes)
            }
            let declared = proxy.requests.elements.filter { $0.method == "PUT" }.map { $0.headers.first(name: "content-md5") }
            #expect(declared.map { $0?.utf8.count } == [nil, 24, 24])
        }
    }

    @Test("an unsigned body that became another on its way is sent again")
    func garbled() async throws {
        try await withProxy { $0.payload = .unsigned } _: { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(12_000_000))
            proxy.spoil([.garble]) { $0.uri.contains("partNumber=2") }
            try await store.put(bytes, as: key, bench)
            #expect(try await store.bytes(of: key) == bytes)
            #expect(proxy.requests.elements.count { $0.uri.contains("partNumber=2") } == 2)
        }
    }

    @Test("a hash that is known is not taken again, and a body's hash is signed by default")
    func knownHash() async throws {
        try await withProxy { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(1_000_000))
            let path = try bench.file(bytes)
            let hash = Hex.text(SHA256.hash(data: bytes))
            let other = String(repeating: "0", count: 64)
            try await store.put(path, as: key, durable: true, sha256: hash)
            // The server may or may not mind.
            try? await store.put(path, as: key, durable: true, sha256: other)
            try await store.put(path, as: key, durable: true)
            let signed = proxy.requests.elements.map { $0.headers.first(name: "x-amz-content-sha256") }
            #expect(signed == [hash, other, hash])
            #expect(proxy.requests.elements.allSatisfy { !$0.headers.contains(name: "content-md5") })
        }
    }

    @Test("the last part of an upload does not wait for those before it")
    func lastPart() async throws {
        try await withProxy { $0.idleTimeout = .seconds(20) } _: { proxy, _, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(6 << 20))
            let gate = Inbox<Void>()
            proxy.spoil([.wait(gate)]) { $0.uri.contains("partNumber=1") }
            var writer = try await store.writer(of: store.partialUpload(key, length: nil), checkpoints: true, record: { _ in })
            try await writer.append(ByteBuffer(bytes: bytes))
            let ready = writer
            let ending = Task {
                var writer = ready
                return try await writer.finish()
            }
            try await eventually("the last part") {
                proxy.requests.elements.contains { $0.uri.contains("partNumber=2") } ? () : nil
            }
            gate.close()
            #expect(try await store.complete(try await ending.value) == Int64(bytes.count))
            #expect(try await store.bytes(of: key) == bytes)
        }
    }

    @Test("the bytes of an upload are hashed as they come, whether or not they were here before")
    func passingHash() async throws {
        try await withProxy { proxy, _, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(12 << 20))
            let row = Inbox<PartialUpload>()
            for stop in [1 << 20, 3 << 20, 12 << 20] {
                let upload = row.elements.last ?? store.partialUpload(key, length: nil)
                var writer = try await store.writer(of: upload, checkpoints: true) { row.push($0) }
                try await writer.append(ByteBuffer(bytes: bytes[Int(upload.offset)..<stop]))
                _ = stop == bytes.count ? try await writer.finish() : try await writer.confirm()
            }
            let sent = proxy.requests.elements.filter { $0.method == "PUT" }
            // Two segments, the part they became, and two more parts.
            let ranges = [0..<(1 << 20), (1 << 20)..<(3 << 20), 0..<(5 << 20), (5 << 20)..<(10 << 20), (10 << 20)..<(12 << 20)]
            let hashes = ranges.map { Hex.text(SHA256.hash(data: bytes[$0])) }
            #expect(Set(sent.compactMap { $0.headers.first(name: "x-amz-content-sha256") }) == Set(hashes))
            #expect(sent.count == hashes.count)
        }
    }

    @Test("over TLS the body is not part of the signature but has its MD5 compared")
    func tls() async throws {
        let bench = try await bench()
        let (key, certificate) = (bench.folder.file("key.pem"), bench.folder.file("certificate.pem"))
        _ = try await Tool("openssl").output([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        let context = try NIOSSLContext(configuration: .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))))
        try await withProxy(bench, tls: context) { $0.trustedCertificates = certificate } _: { proxy, bench, store in
            let (key, bytes) = (S3Bench.key(), S3Bench.bytes(7_000_000))
            try await store.put(bytes, as: key, bench)
            #expect(try await store.bytes(of: key) == bytes)
            try await store.remove([key])
            let bodies = proxy.requests.elements.filter { $0.bodySize > 0 }
            #expect(bodies.count == 4)
            for request in bodies {
                #expect(request.headers.first(name: "x-amz-content-sha256") == "UNSIGNED-PAYLOAD")
                // Files are compared by the ETag of the answer.
                #expect(request.headers.contains(name: "content-md5") == (request.method == "POST"))
                #expect(!request.headers.contains(name: "transfer-encoding"))
            }
        }
        // Without the certificate nobody is trusted.
        try await withProxy(bench, tls: context) { _, _, store in
            await #expect(throws: ObjectStoreError.self) { try await store.check() }
        }
    }
}
