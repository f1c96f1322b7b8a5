import Core
import Foundation
import TestSupport
import Testing

@testable import Delivery

@Suite("What one client is sent")
struct PacingTests {
    private static let start = ContinuousClock.now

    @Test("begins with a second's worth, and goes on at the rate")
    func bucket() {
        var bucket = TokenBucket(rate: 1000, at: Self.start)
        #expect(bucket.take(1000, at: Self.start) == .zero)
        #expect(bucket.take(500, at: Self.start) == .milliseconds(500))
        // Whoever comes next waits for those, too.
        #expect(bucket.take(500, at: Self.start) == .seconds(1))
        #expect(bucket.take(0, at: Self.start + .seconds(1)) == .zero)
        #expect(bucket.take(250, at: Self.start + .seconds(1)) == .milliseconds(250))
        #expect(!bucket.isFull(at: Self.start + .seconds(2)) && bucket.isFull(at: Self.start + .milliseconds(2250)))
        // What it does not use is not saved up, and a clock that stands still gives nothing.
        #expect(bucket.take(1000, at: Self.start + .seconds(100)) == .zero)
        #expect(bucket.take(1000, at: Self.start + .seconds(99)) == .seconds(1))
    }

    @Test("is never more than the rate allows, whatever is asked for when", arguments: 0..<20)
    func fuzz(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let rate = Int.random(in: 1000...1_000_000, using: &random)
        var bucket = TokenBucket(rate: Double(rate), at: Self.start)
        var now = Self.start
        var sent = 0
        for _ in 0..<500 {
            now += .milliseconds(Int.random(in: 0...50, using: &random))
            let count = Int.random(in: 0...rate / 4, using: &random)
            let goes = now + bucket.take(count, at: now)
            sent += count
            let allowed = Double(rate) * (1 + Self.start.duration(to: goes) / .seconds(1))
            #expect(Double(sent) <= allowed * 1.000001 + 1)
        }
    }

    @Test("does not depend on what others are sent, and is forgotten when it has rested")
    func clients() throws {
        let paces = try #require(ClientPaces(bytesPerSecond: 1000))
        #expect(paces.take(2000, [1], at: Self.start) == .seconds(1))
        #expect(paces.take(1000, [2], at: Self.start) == .zero)
        for client in 0..<1022 { _ = paces.take(1, [3, UInt8(client >> 8), UInt8(client & 255)], at: Self.start) }
        // Full buckets go; the one that still owes something stays.
        _ = paces.take(1, [9], at: Self.start + .milliseconds(1500))
        #expect(paces.count == 2 && paces.take(0, [1], at: Self.start + .milliseconds(1500)) == .zero)
        #expect(paces.take(1000, [1], at: Self.start + .milliseconds(1500)) == .milliseconds(500))
        #expect(ClientPaces(bytesPerSecond: 0) == nil)
    }

    @Test("comes whole, in parts and from everywhere, and no faster", arguments: [
        nil, "bytes=0-599999", "bytes=0-299999,400000-",
    ] as [String?])
    func body(range: String?) async throws {
        var configuration = MediaResponder.Configuration()
        configuration.clientRate = 400_000
        try await TestStores.withDisk { [configuration] store in
            try await withMedia(on: store, configuration) { bench in
                let (file, small) = (try await bench.add(700_000), try await bench.add(200_000))
                let start = ContinuousClock.now
                let answer = try await bench.get(file, range.map { ["Range": $0] } ?? [:])
                #expect(start.duration(to: .now) >= .milliseconds(450))
                switch range {
                case nil: #expect(answer.body == file.bytes)
                case "bytes=0-599999": #expect(answer.body == file.bytes.prefix(600_000))
                default: #expect(answer.parts?.map(\.body) == [file.bytes.prefix(300_000), file.bytes.suffix(300_000)])
                }
                // Of a small file, too, that lies in memory.
                let again = ContinuousClock.now
                #expect(try await bench.get(small).body == small.bytes)
                #expect(again.duration(to: .now) >= .milliseconds(100))
                #expect(try await bench.head(file).status == 200)
            }
        }
    }
}
