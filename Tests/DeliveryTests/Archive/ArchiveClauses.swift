import Checksums
import Core
import Foundation
import TestSupport
import Testing

/// What has to hold for archives wherever the files lie.
struct ArchiveClause: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (ArchiveBench) async throws -> Void

    static let names = ["IMG_1.JPG", "été.jpg", "img_1 (2).jpg"]

    static let all = [
        ArchiveClause(testDescription: "unzip unpacks every file, byte for byte") { bench in
            let files = try await bench.fill()
            let answer = try await bench.get()
            #expect(answer.status == 200 && answer.headers["content-length"] == "\(answer.body.count)")
            #expect(answer.headers["content-type"] == "application/zip" && answer.headers["accept-ranges"] == "bytes")
            let disposition = try #require(answer.headers["content-disposition"])
            #expect(disposition.hasPrefix("attachment; ") && disposition.contains("filename*=UTF-8''%C3%89t%C3%A9%20-%202026.zip"))
            #expect(answer.headers["cache-control"] == "private, no-cache" && answer.headers["vary"]?.contains("Authorization") == true)
            #expect(try await bench.unpacked(answer.body) == Dictionary(uniqueKeysWithValues: zip(names, files)))
        },
        ArchiveClause(testDescription: "any range of it is that slice of the whole, and HEAD says what GET would") { bench in
            _ = try await bench.fill()
            let whole = try await bench.get()
            let etag = try #require(whole.headers["etag"])
            var random = SplitMix(state: 7)
            for _ in 0..<12 {
                let start = Int.random(in: 0..<whole.body.count, using: &random)
                let end = Int.random(in: start..<whole.body.count, using: &random)
                let part = try await bench.get(["Range": "bytes=\(start)-\(end)", "If-Range": etag])
                #expect(part.status == 206 && part.body == whole.body[start...end])
                #expect(part.headers["content-range"] == "bytes \(start)-\(end)/\(whole.body.count)")
                #expect(part.headers["etag"] == etag)
            }
            let several = try await bench.get(["Range": "bytes=1000-1009,700000-700099"])
            #expect(several.status == 206 && several.headers["content-type"]?.hasPrefix("multipart/byteranges") == true)
            #expect(several.body.contains(whole.body[1000...1009]) && several.body.contains(whole.body[700_000...700_099]))
            #expect(try await bench.get(["Range": "bytes=-22"]).body == whole.body.suffix(22))
            let beyond = try await bench.get(["Range": "bytes=\(whole.body.count)-"])
            #expect(try beyond.status == 416 && beyond.code == "range_not_satisfiable")
            #expect(beyond.headers["content-range"] == "bytes */\(whole.body.count)")
            let head = try await bench.head(["Range": "bytes=0-1"])
            #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == "\(whole.body.count)")
            #expect(head.headers["etag"] == etag)
            #expect(try await bench.get(["If-None-Match": etag]).status == 304)
            #expect(try await bench.get(["If-Match": "\"x\""]).status == 412)
        },
        ArchiveClause(testDescription: "originals are given without their places, and those that cannot be are left out") { bench in
            let picture = PlacedPicture.jpeg(1_500_000)
            try await bench.add(picture, "IMG_1.JPG", isPlaced: true)
            try await bench.add(PlacedPicture.jpeg(9000, isPlaced: false), "IMG_2.JPG", isPlaced: true)
            try await bench.add(Data("RIFF....".utf8), "film.webm", isPlaced: true)
            let answer = try await bench.get()
            #expect(answer.status == 200 && !answer.body.contains(PlacedPicture.secret.prefix(12)))
            let unpacked = try await bench.unpacked(answer.body)
            #expect(try unpacked["IMG_1.JPG"] == PlacedPicture.placeless(picture) && unpacked.count == 2)
            let half = answer.body.count / 2
            #expect(try await bench.get(["Range": "bytes=\(half)-"]).body == answer.body[half...])
            // What was found is not looked for again; staff gets all as it is.
            #expect(bench.catalog.files.filter { $0.givenCRC32 != nil }.count == 2)
            let staffs = try await bench.unpacked(try await bench.get(grant: ArchiveGrants.staff).body)
            #expect(staffs["IMG_1.JPG"] == picture && staffs.count == 3)
        },
        ArchiveClause(testDescription: "checksums that nobody has kept are found and kept") { bench in
            let files = [Data.noise(2_500_000), Data.noise(10)]
            for (index, file) in files.enumerated() { try await bench.add(file, "\(index).jpg", isKnown: false) }
            #expect(try await bench.unpacked(try await bench.get().body) == ["0.jpg": files[0], "1.jpg": files[1]])
            #expect(bench.catalog.files.map(\.crc32) == files.map(\.crc32))
        },
        ArchiveClause(testDescription: "a file that is missing, or is another by now, ends the connection, and is left out then") { bench in
            let files = try await bench.fill()
            let whole = try await bench.get()
            let last = try #require(bench.catalog.files.last)
            try await bench.store.remove(last.objectKey)
            let answer = try await bench.get()
            // Nothing is sent of it, nor what stands before it: what was received is a part of the next archive, too.
            #expect(answer.status == 200 && answer.isCut && answer.body == whole.body.prefix(answer.body.count))
            let next = try await bench.get()
            #expect(next.status == 200 && !next.isCut && next.headers["etag"] != whole.headers["etag"])
            #expect(answer.body == next.body.prefix(answer.body.count))
            let unpacked = try await bench.unpacked(next.body)
            #expect(unpacked["img_1.jpg.missing.txt"] == Data(MissingNote.bytes) && unpacked["IMG_1.JPG"] == files[0])
            #expect(unpacked.count == 3 && bench.catalog.missing == [MissingObject(objectKey: last.objectKey, size: 20_000)])
            // Another is not that file either; once it is back it is in the archive again.
            try await bench.put(Data.noise(20_001), as: last.objectKey)
            bench.catalog.change { _ in }
            #expect(try await bench.get().body == next.body)
            try await bench.put(files[2], as: last.objectKey)
            bench.catalog.change { _ in }
            let again = try await bench.get()
            #expect(again.body == whole.body && bench.catalog.missing.isEmpty)
        },
        ArchiveClause(testDescription: "a file that is missing when its checksum is to be found keeps nobody from the others") { bench in
            let file = try await bench.add(Data.noise(5000), "lost.jpg", isKnown: false)
            try await bench.add(PlacedPicture.jpeg(9000), "placed.jpg", isPlaced: true)
            try await bench.add(Data.noise(600), "kept.jpg", isKnown: false)
            let truncated = try await bench.add(Data.noise(4000), "short.jpg", isKnown: false)
            try await bench.store.remove(file.objectKey)
            try await bench.store.remove(try #require(bench.catalog.files.first { $0.name == "placed.jpg" }).objectKey)
            try await bench.put(Data.noise(100), as: truncated.objectKey)
            let unpacked = try await bench.unpacked(try await bench.get().body)
            #expect(unpacked["kept.jpg"] == Data.noise(600))
            #expect(unpacked.keys.sorted() == ["kept.jpg", "lost.jpg.missing.txt", "placed.jpg.missing.txt", "short.jpg.missing.txt"])
        },
    ]
}

extension ArchiveBench {
    /// Puts other bytes in the place of an object.
    func put(_ bytes: Data, as key: ObjectKey) async throws {
        let path = folder.file("\(UUID())")
        try bytes.write(to: URL(fileURLWithPath: path))
        try await store.adopt(path, as: key, durable: false)
    }
}

extension Data {
    var crc32: UInt32 { withUnsafeBytes { CRC32.update(0, $0) } }
}
