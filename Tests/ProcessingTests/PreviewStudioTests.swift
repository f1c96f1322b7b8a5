import Core
import Foundation
import Logging
import Testing

@testable import Processing

@Suite(
    "Previews", .serialized, .enabled(if: Real.decoder != nil, "lumiere-decode is not built"),
    .enabled(if: Real.hasMedia, "the fixtures are not made"))
struct PreviewStudioTests {
    private func studio(_ house: TestHouse) throws -> PreviewStudio {
        var configuration = house.configuration(try #require(Real.decoder))
        configuration.scratchFolder = house.folder.path + "/previews"
        return PreviewStudio(
            configuration: configuration, objects: house.objects, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `a watermark is shown on a neutral picture and on a photo, and nothing stays behind`() async throws {
        let house = try await TestHouse()
        let studio = try studio(house)
        let key = house.job().objectKey
        try await house.put(try Data(contentsOf: Real.media.appendingPathComponent("orientation-6.jpg")), key)
        let mark = Watermark(text: "© Lumiere", place: .tiled)
        var all: [Data] = []
        for original in [nil, key] {
            for mark in [nil, mark] {
                all.append(try await studio.preview(of: original, longEdge: 480, watermark: mark, picture: nil))
            }
        }
        #expect(all.allSatisfy { FileHead(bytes: Array($0.prefix(FileHead.length))).begins(.jpeg, width: 480, height: 320) })
        #expect(Set(all).count == 4)
        #expect(house.folder.contents(of: "previews/work").isEmpty)
    }

    @Test func `what cannot be drawn is said`() async throws {
        let house = try await TestHouse()
        let mark = Watermark(picture: String(repeating: "e", count: 64))
        let problem = await #expect(throws: Problem.self) {
            try await studio(house).preview(of: nil, longEdge: 480, watermark: mark, picture: Data("no picture".utf8))
        }
        #expect(problem?.code == "preview_failed")
        #expect(problem?.detail.hasPrefix("The watermark cannot be drawn") == true)
    }

    @Test func `who comes while all are busy is asked to come back`() async throws {
        let house = try await TestHouse()
        let studio = try studio(house)
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        _ = try await studio.preview(of: nil, longEdge: 480, watermark: nil, picture: nil)
                        return nil
                    } catch { return (error as? Problem)?.code }
                }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(codes.contains("busy") && codes.contains(nil))
        _ = try await studio.preview(of: nil, longEdge: 480, watermark: nil, picture: nil)
    }
}
