import Core
import Foundation
import TestSupport
import Testing

@testable import Ingest

/// Clients that others wrote, against a real server.
@Suite("Stock clients", .enabled("tuspy or aiotus is missing") { await StockClients.python() != nil })
struct StockClientTests {
    /// Runs a script with what every client is told: where to create uploads, the session and a file.
    private func run(_ script: String, _ server: TusServer, _ bytes: [UInt8], base: String? = nil) async throws -> [String] {
        let folder = try TemporaryFolder("client")
        let file = folder.file("a.jpg")
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let python = try #require(await StockClients.python())
        let collection = (base ?? server.base) + "/api/uploads"
        let output = try await Tool(python).output(["-c", script, collection, server.house.session.description, file])
        return output.split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test("tuspy uploads in chunks with checksums, and resumes by our Location")
    func tuspy() async throws {
        try await withTusServer { server in
            let bytes = randomBytes(300_000, seed: 51)
            let urls = try await run(
                """
                import sys
                from tusclient import client
                collection, session, path = sys.argv[1:]
                tus = client.TusClient(collection)
                metadata = {"session": session, "filename": "a.jpg"}
                first = tus.uploader(path, chunk_size=100000, metadata=metadata, upload_checksum=True)
                first.upload_chunk()
                second = tus.uploader(path, chunk_size=70000, url=first.url, upload_checksum=True)
                assert second.offset == 100000, second.offset
                second.upload()
                print(second.url)
                """, server, bytes)
            #expect(urls.first?.hasPrefix(server.collection) == true)
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(bytes)])
        }
    }

    @Test("tuspy learns of a checksum that does not match, and tries again")
    func tuspyMismatch() async throws {
        try await withTusServer { server in
            let bytes = randomBytes(100_000, seed: 52)
            _ = try await run(
                """
                import hashlib, sys
                from tusclient import client
                from tusclient.exceptions import TusUploadFailed
                collection, session, path = sys.argv[1:]
                tus = client.TusClient(collection)
                lie = tus.uploader(path, chunk_size=60000, metadata={"session": session}, upload_checksum=True)
                lie._BaseUploader__checksum_algorithm = lambda chunk: hashlib.sha1(chunk + b"x")
                try:
                    lie.upload_chunk()
                    sys.exit("the lie was believed")
                except TusUploadFailed as error:
                    assert error.status_code == 460, error.status_code
                truth = tus.uploader(path, chunk_size=60000, url=lie.url, upload_checksum=True)
                assert truth.offset == 0, truth.offset
                truth.upload()
                """, server, bytes)
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(bytes)])
        }
    }

    @Test("aiotus uploads in chunks by our Location, and reads the metadata back")
    func aiotus() async throws {
        try await withTusServer { server in
            let bytes = randomBytes(300_000, seed: 53)
            _ = try await run(
                """
                import aiotus, asyncio, sys
                collection, session, path = sys.argv[1:]
                async def main():
                    metadata = {"session": session.encode(), "filename": b"a.jpg", "note": None}
                    with open(path, "rb") as file:
                        url = await aiotus.upload(collection, file, metadata, chunksize=70000)
                    assert str(url).startswith(collection), url
                    assert await aiotus.metadata(url) == metadata
                asyncio.run(main())
                """, server, bytes)
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(bytes)])
        }
    }

    @Test("tuspy and aiotus name the SHA-256 of a file that is there already, and upload it as any other")
    func known() async throws {
        try await withTusServer { server in
            let bytes = randomBytes(300_000, seed: 55)
            for _ in 0..<2 {
                _ = try await run(
                    """
                    import aiotus, asyncio, hashlib, sys
                    from tusclient import client
                    collection, session, path = sys.argv[1:]
                    with open(path, "rb") as file: digest = hashlib.sha256(file.read()).hexdigest()
                    metadata = {"session": session, "filename": "a.jpg", "sha256": digest}
                    client.TusClient(collection).uploader(path, chunk_size=100000, metadata=metadata).upload()
                    async def main():
                        with open(path, "rb") as file:
                            pairs = {key: value.encode() for key, value in metadata.items()}
                            assert await aiotus.upload(collection, file, pairs, chunksize=70000) is not None
                    asyncio.run(main())
                    """, server, bytes)
                await server.ingest.settled()
            }
            #expect(try await server.house.photos() == [hex(bytes)])
            let states = try await server.house.database.read { try $0.query("SELECT state FROM uploads").map { try $0.get("state") as String } }
            #expect(states == Array(repeating: "completed", count: 4))
        }
    }

    @Test("aiotus uploads stretches of a file side by side, which become one")
    func aiotusMultiple() async throws {
        try await withTusServer { server in
            let bytes = randomBytes(500_000, seed: 54)
            _ = try await run(
                """
                import aiotus, asyncio, io, sys
                collection, session, path = sys.argv[1:]
                async def main():
                    with open(path, "rb") as file: data = file.read()
                    parts = [io.BytesIO(data[start:start + 130000]) for start in range(0, len(data), 130000)]
                    metadata = {"session": session.encode(), "filename": b"a.jpg"}
                    url = await aiotus.upload_multiple(collection + "?session=" + session, parts, metadata)
                    assert url is not None
                asyncio.run(main())
                """, server, bytes)
            await server.ingest.settled()
            #expect(try await server.house.photos() == [hex(bytes)])
        }
    }
}

/// A Python with them.
enum StockClients {
    private static let packages = PythonPackages(
        folder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../.build/tus-venv").path,
        packages: ["tuspy", "aiotus"], modules: ["tusclient", "aiotus"])

    /// The interpreter; `nil` when it cannot be had, as without a package index.
    static func python() async -> String? { await packages.interpreter() }
}
