import Core
import Foundation
import TestSupport
import Testing

@testable import ObjectStore

@Suite("S3 driver on OpenStack Swift", .enabled("python3-swift is not installed") { LocalSwiftS3.isAvailable })
struct S3OnSwiftTests {
    @Test("keeps the contract", arguments: ObjectStoreContract.all)
    func contract(_ clause: ObjectStoreContract.Clause) async throws {
        try await check(clause, on: try await S3Servers.swift.value)
    }

    @Test("works with its dialect", arguments: S3Clauses.all + S3Clauses.partial + S3Clauses.verified)
    func clauses(_ clause: S3Clauses.Clause) async throws {
        try await clause.check(try S3Bench(try await S3Servers.swift.value))
    }
}

@Suite("S3 driver on moto", .enabled("moto cannot be installed") { await LocalMoto.isAvailable })
struct S3OnMotoTests {
    @Test("keeps the contract", arguments: ObjectStoreContract.all)
    func contract(_ clause: ObjectStoreContract.Clause) async throws {
        try await check(clause, on: try await S3Servers.moto.value)
    }

    @Test("works with its dialect", arguments: S3Clauses.all + S3Clauses.partial)
    func clauses(_ clause: S3Clauses.Clause) async throws {
        try await clause.check(try S3Bench(try await S3Servers.moto.value))
    }
}

private func check(_ clause: ObjectStoreContract.Clause, on server: any LocalS3) async throws {
    let bench = try S3Bench(server)
    let scratch = URL(fileURLWithPath: bench.folder.file("local"))
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    try await bench.withStore { store in
        // The bucket is shared, the key of the contract is one.
        try await store.remove(ObjectStoreContract.original)
        try await clause.check(store, scratch)
    }
}
