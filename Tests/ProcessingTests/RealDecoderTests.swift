import Core
import Database
import Foundation
import ObjectStore
import Testing

@testable import Processing

/// The decoder next to the test binary, and the fixtures to give it.
enum Real {
    /// It bears the product's name, or the target's when that is built alone; the newer one is of this build.
    static let decoder: String? = {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = ["lumiere-decode", "LumiereDecode"].map { folder.appendingPathComponent($0) }
        return candidates.compactMap { url in
            (try? url.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate.map { (url.path, $0) }
        }.max { $0.1 < $1.1 }?.0
    }()

    static let media = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/media")

    static var hasMedia: Bool { FileManager.default.fileExists(atPath: media.appendingPathComponent("large-24mp.jpg").path) }
}

@Suite(
    .serialized, .enabled(if: Real.decoder != nil, "lumiere-decode is not built"),
    .enabled(if: Real.hasMedia, "the fixtures are not made"))
struct RealDecoderTests {
    @Test(arguments: [
        ("large-24mp.jpg", [.thumb, .small, .medium, .large]), ("photo.heic", [.thumb, .small, .medium, .large]),
        ("video-moov-last.mp4", [.thumb, .small, .medium, .large, .poster, .stream]),
        ("video-faststart.mp4", [.thumb, .small, .medium, .large, .poster, .stream]),
    ] as [(String, Set<RenditionName>)])
    func `a real file goes all the way`(name: String, expected: Set<RenditionName>) async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue(original: try Data(contentsOf: Real.media.appendingPathComponent(name)))
        try await house.running(house.configuration(try #require(Real.decoder))) {
            try await house.recorder.wait(for: "finished")
        }
        let renditions = try await house.renditions(of: job)
        #expect(Set(renditions.map(\.name)) == expected)
        #expect(house.recorder.log.suffix(2) == ["thumbnail", "finished"])
        for rendition in renditions { #expect(try house.looksRight(rendition), "\(rendition)") }
    }

    @Test(arguments: [
        ("broken-text.jpg", "failed unsupported_format"), ("broken-zero.jpg", "failed unsupported_format"),
        ("broken-bomb.png", "failed too_large"),
    ])
    func `what cannot be shown is refused at the first attempt`(name: String, entry: String) async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue(original: try Data(contentsOf: Real.media.appendingPathComponent(name)))
        try await house.running(house.configuration(try #require(Real.decoder))) {
            try await house.recorder.wait(for: entry)
        }
        #expect(try await house.state(of: job) == "failed 1")
        #expect(try await house.renditions(of: job) == [])
    }
}

extension TestHouse {
    fileprivate func looksRight(_ rendition: Rendition) throws -> Bool {
        let data = try Data(contentsOf: URL(fileURLWithPath: try #require(objects.localPath(of: rendition.objectKey))))
        guard data.count == rendition.size else { return false }
        return switch rendition.format {
        case .jpeg: data.starts(with: [0xFF, 0xD8])
        case .webp: data.starts(with: Data("RIFF".utf8))
        case .mp4: data[4..<8] == Data("ftyp".utf8)
        default: false
        }
    }
}
