import Core
import Foundation
import Testing

@testable import ObjectStore

@Suite struct `Disk object store` {
    @Test("keeps the contract", arguments: ObjectStoreContract.all)
    func contract(_ clause: ObjectStoreContract.Clause) async throws {
        try await withStore { store, scratch in try await clause.check(store, scratch) }
    }

    @Test("fans out by the random end of an id, not by its time", arguments: [
        (
            "originals/01939a2e-7c1b-7d4e-9b54-0c9f5a3de0a1",
            "originals/e0/a1/01939a2e-7c1b-7d4e-9b54-0c9f5a3de0a1"
        ),
        (
            "renditions/01939a2e-7c1b-7d4e-9b54-0c9f5a3dbeef/thumb-1.webp",
            "renditions/be/ef/01939a2e-7c1b-7d4e-9b54-0c9f5a3dbeef/thumb-1.webp"
        ),
        ("watermarks/logo.png", "watermarks/6d/9c/logo.png"),
        ("single", "single"),
    ])
    func layout(_ key: String, _ path: String) throws {
        let key = try #require(ObjectKey(key))
        #expect(DiskLayout.components(of: key).joined(separator: "/") == path)
    }

    @Test("moves within a file system: the local file is gone and no copy is left")
    func moves() async throws {
        try await withStore { store, scratch in
            let path = try ObjectStoreContract.file(Data("x".utf8), in: scratch)
            let inode = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
            try await store.adopt(path, as: ObjectStoreContract.original, durable: true)
            let object = try #require(store.localPath(of: ObjectStoreContract.original))
            #expect(try FileManager.default.attributesOfItem(atPath: object)[.systemFileNumber] as? Int == inode)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("copies across file systems", .enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm")))
    func copies() async throws {
        try await withStore { store, _ in
            let bytes = Data((0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            let path = try ObjectStoreContract.file(bytes, in: URL(fileURLWithPath: "/dev/shm"))
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await store.adopt(path, as: ObjectStoreContract.original, durable: true)
            #expect(try await ObjectStoreContract.content(of: ObjectStoreContract.original, in: store) == bytes)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.root + "/.incoming").isEmpty)
        }
    }

    @Test("a full disk says so", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func full() throws {
        let error = #expect(throws: ObjectStoreError.self) {
            try FileSystem.withDescriptor("/dev/full", O_WRONLY) { descriptor in
                try FileSystem.check(write(descriptor, "x", 1) == 1 ? 0 : -1, "write")
            }
        }
        #expect(error == .full)
    }

    @Test("removing an object's last file removes its folder but not the shared ones")
    func emptyFolders() async throws {
        try await withStore { store, scratch in
            let id = OriginalID(at: Timestamp(milliseconds: 1))
            let key = try #require(ObjectKey("renditions/\(id)/thumb-1.webp"))
            try await store.adopt(try ObjectStoreContract.file(Data("x".utf8), in: scratch), as: key, durable: true)
            let folder = URL(fileURLWithPath: try #require(store.localPath(of: key))).deletingLastPathComponent()
            try await store.remove(key)
            #expect(!FileManager.default.fileExists(atPath: folder.path))
            #expect(FileManager.default.fileExists(atPath: folder.deletingLastPathComponent().path))
        }
    }

    @Test("folders that somebody removed are made again")
    func lostFolders() async throws {
        try await withStore { store, scratch in
            for _ in 0..<2 {
                let path = try ObjectStoreContract.file(Data("x".utf8), in: scratch)
                try await store.adopt(path, as: ObjectStoreContract.original, durable: true)
                #expect(try await store.size(of: ObjectStoreContract.original) == 1)
                try FileManager.default.removeItem(atPath: store.root + "/originals")
            }
        }
    }

    @Test("knows the free space, and refuses work after shutdown")
    func freeSpaceAndShutdown() async throws {
        try await withStore { store, _ in
            #expect(try store.freeBytes() > 0)
            try await store.shutdown()
            await #expect(throws: ObjectStoreError.self) { try await store.size(of: ObjectStoreContract.original) }
        }
    }

    @Test("free space is never counted past its type", arguments: [
        (10, 4096, 40960), (.max, 4096, .max), (1 << 63, 2, .max), (1 << 63, 1, .max), (0, 4096, 0),
    ] as [(UInt64, UInt64, Int64)])
    func freeSpace(_ blocks: UInt64, _ size: UInt64, _ bytes: Int64) {
        #expect(FileSystem.bytes(blocks, of: size) == bytes)
    }

    private func withStore(_ body: (DiskObjectStore, URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("objects-\(UUID().uuidString)")
        let scratch = folder.appendingPathComponent("scratch")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DiskObjectStore(root: folder.appendingPathComponent("store").path)
        try await body(store, scratch)
        try await store.shutdown()
    }
}
