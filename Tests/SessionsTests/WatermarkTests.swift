import Core
import Database
import Foundation
import Synchronization
import Testing

@testable import Sessions

/// Remembers what it was asked for.
private final class Previews: PreviewMaker {
    struct Asked: Equatable {
        var original: ObjectKey?
        var longEdge: Int
        var watermark: Watermark?
        var picture: Data?
    }

    let asked = Mutex<[Asked]>([])

    func preview(of original: ObjectKey?, longEdge: Int, watermark: Watermark?, picture: Data?) async throws -> Data {
        asked.withLock { $0.append(Asked(original: original, longEdge: longEdge, watermark: watermark, picture: picture)) }
        return Data([1])
    }
}

@Suite("Pictures and previews of watermarks")
struct WatermarkServiceTests {
    private func service(_ house: TestHouse, _ previews: Previews) -> WatermarkService {
        var recipe = Recipe.standard
        recipe.watermark = Watermark(text: "The house")
        return WatermarkService(
            database: house.database, previews: previews, limiter: LocalRateLimiter(clock: house.clock), recipe: recipe,
            clock: house.clock)
    }

    private func session(_ house: TestHouse, _ name: String = "ada") async throws -> SessionID {
        try await house.sessions.create(title: "One", owner: try await house.photographer(name).userID!).id
    }

    /// The beginning of a PNG file, which is all that is looked at here.
    private func png(_ width: UInt8 = 40, _ height: UInt8 = 20, more: [UInt8] = []) -> Data {
        Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8) + [0, 0, 0, width, 0, 0, 0, height] + more)
    }

    @Test("only PNG files of a reasonable size are looked at", arguments: [
        (Data(), false), (Data("GIF89a".utf8), false), (Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), false),
    ])
    func heads(file: Data, holds: Bool) {
        #expect((PNGHead(file) != nil) == holds)
        #expect(PNGHead(png(0, 1)) == nil && PNGHead(png(1, 0)) == nil && PNGHead(png(40, 20))?.width == 40)
        var huge = png()
        huge[16] = 1
        #expect(PNGHead(huge) == nil)
    }

    @Test("a picture can be used once it has been uploaded, in its session alone", arguments: TestDriver.installed)
    func pictures(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (own, other) = (try await session(house), try await session(house, "bob"))
            let service = service(house, Previews())
            let picture = try await service.add(png(), to: own).picture
            let change = try JSON.decode(SessionChange.self, from: #"{"settings":{"watermark":{"picture":"\#(picture)"}}}"#)
            #expect(try await house.sessions.update(own, change).settings?.watermark?.picture == picture)
            await #expect(throws: Problem.self) { try await house.sessions.update(other, change) }
            let found = try await house.database.read { tx in
                try [own, other].map { try WatermarkPictureStore().picture(picture, of: $0, transaction: tx) }
            }
            #expect(found == [png(), nil])
            await #expect(throws: Problem.self) { try await service.preview(PreviewRequest(watermark: Watermark(picture: picture)), of: other) }
        }
    }

    @Test("of many pictures the latest stay, and the one in use", arguments: TestDriver.installed)
    func bounded(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let own = try await session(house)
            let service = service(house, Previews())
            let first = try await service.add(png(), to: own).picture
            let change = try JSON.decode(SessionChange.self, from: #"{"settings":{"watermark":{"picture":"\#(first)"}}}"#)
            _ = try await house.sessions.update(own, change)
            for number in 0..<15 {
                house.clock.advance(by: .seconds(10))
                _ = try await service.add(png(more: [UInt8(number)]), to: own)
            }
            let (count, hasFirst) = try await house.database.read { tx in
                let rows = try tx.query("SELECT sha256 FROM watermark_pictures")
                return (rows.count, try WatermarkPictureStore().picture(first, of: own, transaction: tx) != nil)
            }
            #expect(count == WatermarkPictureStore.kept + 2 && hasFirst)
        }
    }

    @Test("a preview shows what is asked for, else the session's own mark, else the house's; never another session's photo")
    func previews() async throws {
        try await TestHouse.with { house in
            let (own, other) = (try await session(house), try await session(house, "bob"))
            let upload = house.upload(into: own)
            _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
            let previews = Previews()
            let service = service(house, previews)
            _ = try await service.preview(PreviewRequest(), of: own)
            _ = try await house.sessions.update(own, try JSON.decode(from: #"{"settings":{"watermark":{"text":"Own"}}}"#))
            _ = try await service.preview(PreviewRequest(photoId: PhotoID(upload.id), longEdge: 640), of: own)
            _ = try await service.preview(PreviewRequest(watermark: Watermark(text: "New")), of: own)
            #expect(previews.asked.withLock { $0 } == [
                .init(longEdge: 1280, watermark: Watermark(text: "The house")),
                .init(original: upload.objectKey, longEdge: 640, watermark: Watermark(text: "Own")),
                .init(longEdge: 1280, watermark: Watermark(text: "New")),
            ])
            await #expect(throws: Problem.notFound("photo")) {
                try await service.preview(PreviewRequest(photoId: PhotoID(upload.id)), of: other)
            }
            await #expect(throws: Problem.self) { try await service.preview(PreviewRequest(watermark: Watermark()), of: own) }
            // Admins get this far with ids of nothing.
            let nothing = SessionID(at: house.clock.now())
            await #expect(throws: Problem.notFound("session")) { try await service.preview(PreviewRequest(watermark: Watermark()), of: nothing) }
            await #expect(throws: Problem.notFound("session")) { try await service.add(Data(), to: nothing) }
        }
    }

    @Test("previews of a session are limited")
    func limited() async throws {
        try await TestHouse.with { house in
            let own = try await session(house)
            let service = service(house, Previews())
            for _ in 0..<WatermarkService.rate.burst { _ = try await service.preview(PreviewRequest(), of: own) }
            let problem = await #expect(throws: Problem.self) { try await service.preview(PreviewRequest(), of: own) }
            #expect(problem?.status == 429)
        }
    }
}
