import Core
import Foundation
import NIOCore
import NIOPosix
import ObjectStore
import TestSupport
import Testing

@testable import Delivery

/// Pictures that tell where they were made: in an Exif block at the beginning, and in something behind the end.
enum PlacedPicture {
    static let secret = Data("48.1374 11.5755 ".utf8)

    /// - Parameters:
    ///   - size: bytes, roughly; of a large one, what has to go takes up several chunks.
    ///   - isPlaced: whether there is a place at all.
    static func jpeg(_ size: Int, isPlaced: Bool = true) -> Data {
        let exif = ExifWriter.block(
            main: [.init(tag: 0x010F, text: "Canon")], gps: [.init(tag: 2, type: 5, count: 3, value: Array((secret + secret).prefix(24)))])
        func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
            [0xFF, marker, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xFF)] + content
        }
        let place = isPlaced ? segment(0xE1, Array("Exif\0\0".utf8) + exif) : []
        let head = [0xFF, 0xD8] + place + segment(0xDA, [1, 2, 3])
        let scan = Data.noise(size / 2).map { $0 == 0xFF ? 0 : $0 }
        let film = Data((0..<size / 2 / secret.count).map { _ in secret }.joined())
        return Data(head) + Data(scan) + Data([0xFF, 0xD9]) + (isPlaced ? film : Data())
    }

    /// As guests get it.
    static func placeless(_ picture: Data) throws -> Data {
        guard case .patches(let patches) = try PlaceRemoval.outcome(size: UInt64(picture.count), read: { offset, count in
            Array(picture[min(picture.count, Int(offset))..<min(picture.count, Int(offset) + count)])
        }) else { throw Tool.Failure(description: "the picture cannot be looked through") }
        var bytes = Array(picture)
        BytePatch.apply(patches, to: &bytes, at: 0)
        return Data(bytes)
    }
}

/// What has to hold for originals of a session that hides where it was, wherever they lie.
struct PlaceClause: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (MediaBench, _ size: Int) async throws -> Void

    static let sizes = [20_000, 1_500_000]

    private static func add(_ size: Int, _ bench: MediaBench, _ place: MediaFile.Place = .hidden) async throws -> TestFile {
        try await bench.add(PlacedPicture.jpeg(size), contentType: "image/jpeg", filename: "IMG_1.JPG", place: place)
    }

    private static func staff(_ file: TestFile, _ bench: MediaBench, _ headers: [String: String] = [:]) async throws -> MediaAnswer {
        try await MediaAnswer.of(bench.url(file, grant: TestGrants.staffToken), headers: headers)
    }

    static let all = [
        PlaceClause(testDescription: "guests get it without the place, staff as it is, under other tags") { bench, size in
            let file = try await add(size, bench)
            let guest = try await bench.get(file)
            #expect(try guest.status == 200 && guest.body == PlacedPicture.placeless(file.bytes))
            #expect(guest.body.count == file.bytes.count && !guest.body.contains(PlacedPicture.secret.prefix(12)))
            #expect(guest.body.contains(Data("Canon".utf8)))
            let tag = try #require(guest.headers["etag"])
            #expect(tag != file.etag && tag.hasPrefix("\""))
            for answer in [try await staff(file, bench), try await bench.get(file, ["Authorization": "Bearer x"])] {
                #expect(answer.body == file.bytes && answer.headers["etag"] == file.etag)
                #expect(answer.headers["cache-control"] == "private, no-cache" && answer.headers["vary"]?.contains("Authorization") == true)
            }
            #expect(guest.headers["cache-control"] == "private, no-cache" && guest.headers["vary"]?.contains("Authorization, Cookie") == true)
        },
        PlaceClause(testDescription: "any stretch of it is one of the whole") { bench, size in
            let file = try await add(size, bench)
            let whole = try PlacedPicture.placeless(file.bytes)
            let chunk = 256 * 1024
            let starts = [0, 1, 30, 60, 90, size / 2, size / 2 + 150, chunk - 1, chunk, 3 * chunk - 5, whole.count - 1].filter { $0 < whole.count }
            for start in starts {
                for length in [1, 70, 300_000] {
                    let end = min(start + length, whole.count)
                    let answer = try await bench.get(file, ["Range": "bytes=\(start)-\(start + length - 1)"])
                    #expect(answer.status == 206 && answer.body == whole[start..<end], "\(start) \(length)")
                    #expect(answer.headers["content-range"] == "bytes \(start)-\(end - 1)/\(whole.count)")
                }
            }
        },
        PlaceClause(testDescription: "conditionals count for what the reader gets") { bench, size in
            let file = try await add(size, bench)
            let whole = try PlacedPicture.placeless(file.bytes)
            let head = try await bench.head(file)
            let tag = try #require(head.headers["etag"])
            #expect(head.status == 200 && head.headers["content-length"] == "\(whole.count)" && tag != file.etag)
            #expect(try await bench.get(file, ["If-None-Match": tag]).status == 304)
            #expect(try await bench.get(file, ["If-None-Match": file.etag]).body == whole)
            #expect(try await bench.get(file, ["If-Match": file.etag]).status == 412)
            #expect(try await bench.get(file, ["Range": "bytes=50-", "If-Range": tag]).body == whole[50...])
            // What somebody has of the other file is no beginning of this one.
            let other = try await bench.get(file, ["Range": "bytes=50-", "If-Range": file.etag])
            #expect(other.status == 200 && other.body == whole)
            #expect(try await staff(file, bench, ["Range": "bytes=50-", "If-Range": tag]).body == file.bytes)
            // Both are as old.
            let date = "Sat, 21 Nov 2026 09:30:00 GMT"
            #expect(head.headers["last-modified"] == nil)
            #expect(try await bench.get(file, ["If-Modified-Since": date]).body == whole)
            #expect(try await bench.get(file, ["Range": "bytes=50-", "If-Range": date]).body == whole)
            #expect(try await staff(file, bench, ["Range": "bytes=50-", "If-Range": date]).body == file.bytes[50...])
        },
        PlaceClause(testDescription: "where the session shows it, and of what is derived, everybody gets what is stored") { bench, size in
            for place in [MediaFile.Place.shown, .untold] {
                let file = try await add(size, bench, place)
                let answer = try await bench.get(file)
                #expect(answer.body == file.bytes && answer.headers["etag"] == file.etag)
                #expect(answer.headers["cache-control"] == (place == .shown ? "private, no-cache" : "private, max-age=31536000, immutable"))
            }
        },
        PlaceClause(testDescription: "what cannot be looked through is withheld from guests") { bench, size in
            let file = try await bench.add(.noise(size), place: .hidden)
            let answer = try await bench.get(file)
            #expect(try answer.status == 403 && answer.code == "original_withheld")
            #expect(try await bench.get(file, ["Range": "bytes=0-9"]).status == 403)
            #expect(try await bench.head(file).status == 403)
            #expect(try await staff(file, bench).body == file.bytes)
        },
        PlaceClause(testDescription: "an original that is not there is a 404") { bench, size in
            let file = try await add(size, bench)
            try await bench.store.remove(file.media.objectKey)
            #expect(try await bench.get(file).status == 404)
            #expect(try await bench.head(file).status == 404)
        },
        PlaceClause(testDescription: "many readers each get all of it") { bench, size in
            let file = try await add(size, bench)
            let whole = try PlacedPicture.placeless(file.bytes)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 { group.addTask { try await bench.get(file).body == whole } }
                for try await isWhole in group { #expect(isWhole) }
            }
        },
    ]
}

@Suite("Originals without their place") struct PlaceTests {
    @Test("on disk", arguments: PlaceClause.all, PlaceClause.sizes)
    func disk(_ clause: PlaceClause, _ size: Int) async throws {
        try await TestStores.withDisk { try await withMedia(on: $0) { try await clause.check($0, size) } }
    }

    @Test("on S3", .enabled("moto cannot be installed") { await LocalMoto.isAvailable }, arguments: PlaceClause.all, PlaceClause.sizes)
    func bucket(_ clause: PlaceClause, _ size: Int) async throws {
        try await TestStores.withS3 { try await withMedia(on: $0) { try await clause.check($0, size) } }
    }

    @Test("on S3 with redirects", .enabled("moto cannot be installed") { await LocalMoto.isAvailable })
    func redirects() async throws {
        try await TestStores.withS3 { store in
            try await withMedia(on: store, .redirecting) { bench in
                let picture = PlacedPicture.jpeg(1_500_000)
                let file = try await bench.add(picture, contentType: "image/jpeg", place: .hidden)
                let guest = try await bench.get(file)
                #expect(try guest.status == 200 && guest.body == PlacedPicture.placeless(picture))
                #expect(try await bench.get(file, ["Range": "bytes=5-", "If-Range": file.etag]).status == 200)
                // Staff is sent to the object, and so is everybody when there is nothing to hide; no cache keeps the way.
                let staff = try await MediaAnswer.of(bench.url(file, grant: TestGrants.staffToken), headers: [:])
                let harmless = try await bench.add(PlacedPicture.jpeg(1_500_000, isPlaced: false), contentType: "image/jpeg", place: .hidden)
                for answer in [staff, try await bench.get(harmless)] {
                    #expect(answer.status == 307 && answer.headers["cache-control"] == "private, no-cache")
                }
            }
        }
    }

    @Test("what takes too long is withheld, and not tried again")
    func patience() async throws {
        try await TestStores.withDisk { store in
            let file = TestFile(PlacedPicture.jpeg(20_000), contentType: "image/jpeg", filename: "a", place: .hidden)
            let folder = try TemporaryFolder("place")
            try file.bytes.write(to: URL(fileURLWithPath: folder.file("a")))
            try await store.adopt(folder.file("a"), as: file.media.objectKey, durable: false)
            let removals = PlaceRemovals(store, threads: .singleton, capacity: 1 << 20, patience: .zero, clock: SystemWallClock())
            for _ in 0..<2 {
                guard case .impossible(isFinal: false) = try await removals.outcome(of: file.media) else {
                    Issue.record("there was no time for that")
                    return
                }
                // What is known needs no file.
                try? await store.remove(file.media.objectKey)
            }
        }
    }

    @Test("what took too long is tried again after half a minute, and then after twice the time")
    func lateness() async throws {
        try await TestStores.withDisk { store in
            let file = TestFile(PlacedPicture.jpeg(20_000), contentType: "image/jpeg", filename: "a", place: .hidden)
            let folder = try TemporaryFolder("place")
            func put() async throws {
                try file.bytes.write(to: URL(fileURLWithPath: folder.file("a")))
                try await store.adopt(folder.file("a"), as: file.media.objectKey, durable: false)
            }
            let clock = LeapingClock()
            let removals = PlaceRemovals(store, threads: .singleton, capacity: 1 << 20, patience: .zero, clock: clock)
            func isLate() async throws -> Bool {
                if case .impossible(isFinal: false) = try await removals.outcome(of: file.media) { true } else { false }
            }
            try await put()
            #expect(try await isLate())
            // What is known needs no file, and what is looked for does.
            try await store.remove(file.media.objectKey)
            clock.leap(.seconds(29))
            #expect(try await isLate())
            clock.leap(.seconds(2))
            await #expect(throws: IOError.self) { try await isLate() }
            try await put()
            #expect(try await isLate())
            try await store.remove(file.media.objectKey)
            clock.leap(.seconds(59))
            #expect(try await isLate())
            clock.leap(.seconds(2))
            await #expect(throws: IOError.self) { try await isLate() }
        }
    }

    @Test("of what lies elsewhere, the same is not fetched again and again")
    func fetching() async throws {
        try await TestStores.withDisk { base in
            // A TIFF file whose empty directories, each of which tells where the next lies, are far apart.
            let block = 4 << 20
            var bytes = Data(count: 6 * block)
            func put(_ value: UInt32, at offset: Int) {
                withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(offset..<(offset + 4), with: $0) }
            }
            let places = (0..<60).map { $0 % 6 * block + 100 + $0 / 6 * 10 }
            put(0x4D4D_002A, at: 0)
            put(UInt32(places[0]), at: 4)
            for (place, next) in zip(places, places.dropFirst()) { put(UInt32(next), at: place + 2) }
            let file = TestFile(bytes, contentType: "image/tiff", filename: "a", place: .hidden)
            let folder = try TemporaryFolder("place")
            try file.bytes.write(to: URL(fileURLWithPath: folder.file("a")))
            try await base.adopt(folder.file("a"), as: file.media.objectKey, durable: false)
            let gate = Inbox<Void>()
            gate.close()
            let store = CountingStore(base, gate: gate, isElsewhere: true)
            let removals = PlaceRemovals(store, threads: .singleton, capacity: 1 << 20, patience: .seconds(60), clock: SystemWallClock())
            guard case .impossible(isFinal: false) = try await removals.outcome(of: file.media) else {
                Issue.record("that is too much")
                return
            }
            #expect((20..<32).contains(store.reads))
        }
    }

    @Test("a file is looked through once, however many ask, and once more after it could not be read")
    func sharing() async throws {
        try await TestStores.withDisk { base in
            let store = CountingStore(base, gate: Inbox<Void>())
            let file = TestFile(PlacedPicture.jpeg(20_000), contentType: "image/jpeg", filename: "a", place: .hidden)
            let removals = PlaceRemovals(store, threads: .singleton, capacity: 1 << 20, clock: SystemWallClock())
            await #expect(throws: IOError.self) { try await removals.outcome(of: file.media) }
            let folder = try TemporaryFolder("place")
            try file.bytes.write(to: URL(fileURLWithPath: folder.file("a")))
            try await store.adopt(folder.file("a"), as: file.media.objectKey, durable: false)
            let outcomes = try await withThrowingTaskGroup(of: PlaceRemovals.Outcome.self) { group in
                for _ in 0..<20 { group.addTask { try await removals.outcome(of: file.media) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 20)
            // What is known needs no file.
            try await store.remove(file.media.objectKey)
            guard case .patches(let patches) = try await removals.outcome(of: file.media) else {
                Issue.record("the picture cannot be looked through")
                return
            }
            #expect(!patches.isEmpty)
        }
    }
}
