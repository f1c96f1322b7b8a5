import Core
import NIOCore
import Testing

@testable import Ingest

@Suite("What a file is")
struct SniffingTests {
    private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 7, count: 3000)

    @Test("is told by its first bytes, in however small pieces they come")
    func pieces() async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(Int64(Self.jpeg.count)))
            _ = try await ingest.patch(id, at: 0, body([[0xFF], [0xD8]]), contentLength: 2)
            #expect(try await ingest.patch(id, at: 2, body([Array(Self.jpeg[2...])])).state == .completing)
            let other = try await ingest.create(house.creation(3))
            _ = try await ingest.patch(other, at: 0, body([[1, 2, 3]]), contentLength: 3)
            await ingest.settled()
            let arrivals = house.arrivals.all
            #expect(arrivals.first { $0.id == id }?.sniffed == .jpeg)
            #expect(arrivals.first { $0.id == other }.map { $0.sniffed == nil } == true)
        }
    }

    @Test("is told also by a process that has not seen them come")
    func restart() async throws {
        try await withHouse { house in
            let first = try house.start()
            let id = try await first.create(house.creation(Int64(Self.jpeg.count)))
            _ = try await first.patch(id, at: 0, body([Array(Self.jpeg[..<2000])]), contentLength: 2000)
            await first.shutdown()
            let second = try house.start()
            _ = try await second.patch(id, at: 2000, body([Array(Self.jpeg[2000...])]))
            await second.settled()
            #expect(house.arrivals.all.map(\.sniffed) == [.jpeg])
            await second.shutdown()
        }
    }
}
