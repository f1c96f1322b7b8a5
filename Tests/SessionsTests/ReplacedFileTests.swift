import Core
import Database
import Foundation
import Logging
import ObjectStore
import Testing

@testable import Processing
@testable import Sessions

@Suite("Pictures of a file that another has replaced")
struct ReplacedFileTests {
    typealias Shoot = PairIntakeTests.Shoot

    private static let failure = ProcessingFailure(code: "damaged", detail: "It is torn.")

    /// A RAW that is shown in two sizes, and the JPEG that has just taken its place.
    private func pair(_ shoot: Shoot) async throws -> (raw: CompletedUpload, jpeg: CompletedUpload, urls: [String]) {
        let (raw, jpeg) = (shoot.file("IMG_1.NEF"), shoot.file("IMG_1.JPG"))
        try await shoot.send(raw)
        try await shoot.process(raw, of: PhotoID(raw.id), [.thumb, .large])
        let urls = try #require(try await shoot.photos().first).renditions.map(\.url)
        #expect(urls.count == 2)
        try await shoot.send(jpeg)
        return (raw, jpeg, urls)
    }

    private func answering(_ urls: [String], _ shoot: Shoot) async throws -> [String] {
        var found: [String] = []
        for url in urls { if let file = try await shoot.media(url) { found.append(file.filename) } }
        return found
    }

    private func purge(_ house: TestHouse) async throws {
        try await SessionPurger(
            database: house.database, objects: house.objects, renditions: house.renditions, clock: house.clock,
            logger: Logger(label: "test")
        ).purge()
    }

    @Test("go, with rows and objects, once those of the other are there", arguments: TestDriver.installed)
    func finished(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg, urls) = try await pair(shoot)
            let keys = [RenditionName.thumb, .large].map { house.rendition($0, of: raw).objectKey }
            for key in keys + [raw.objectKey] { try await house.store(key) }
            #expect(try await answering(urls, shoot).count == 2)
            try await shoot.process(jpeg, of: PhotoID(raw.id), [.thumb, .large])
            #expect(try await answering(urls, shoot) == [])
            #expect(try await house.recipes(of: raw) == [])
            try await purge(house)
            for key in keys { #expect(try await house.objects.size(of: key) == nil) }
            #expect(try await house.objects.size(of: raw.objectKey) == 3)
            #expect(try await house.database.read { try DiscardedObjects().some(limit: 10, $0) } == [])
        }
    }

    @Test("that come late never stay", arguments: TestDriver.installed)
    func late(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg, urls) = try await pair(shoot)
            try await shoot.process(jpeg, of: PhotoID(raw.id), [.thumb, .large])
            try await shoot.process(raw, of: PhotoID(raw.id), [.thumb, .large])
            #expect(try await house.recipes(of: raw) == [])
            #expect(try await answering(urls, shoot) == [])
            #expect(try await shoot.photos().first?.status == .ready)
        }
    }

    @Test("that somebody has wished for, and that come late, never stay", arguments: TestDriver.installed)
    func wished(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg, urls) = try await pair(shoot)
            func grant(_ upload: CompletedUpload) async throws {
                var avif = house.rendition(.large, of: upload)
                (avif.format, avif.objectKey) = (.avif, .rendition(avif.originalID, .large, recipe: avif.recipe, format: .avif))
                try await house.database.write { [avif] tx in
                    try house.renditions.put(avif, of: shoot.session, in: tx)
                    try house.intake.granted(house.job(upload, of: PhotoID(raw.id)), in: tx)
                }
            }
            func formats(_ upload: CompletedUpload) async throws -> [MediaFormat] {
                let id = OriginalID(upload.id)
                return try await house.database.read { try house.renditions.renditions(of: [id], transaction: $0)[id] ?? [] }.map(\.format)
            }
            // As long as the file's pictures are all there is, it is one of them.
            try await grant(raw)
            #expect(try await answering(urls, shoot).count == 2)
            #expect(try await formats(raw).count { $0 == .avif } == 1)
            try await shoot.process(jpeg, of: PhotoID(raw.id), [.thumb, .large])
            let told = try await house.events(.desk(shoot.session)).count
            try await grant(raw)
            #expect(try await formats(raw) == [])
            try await grant(jpeg)
            #expect(try await formats(jpeg).count { $0 == .avif } == 1)
            #expect(try await house.events(.desk(shoot.session)).count == told)
        }
    }

    @Test("of an older version of this program answer nobody, and go with the next rendering", arguments: TestDriver.installed)
    func older(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg, urls) = try await pair(shoot)
            try await shoot.process(jpeg, of: PhotoID(raw.id), [.thumb, .large])
            try await house.database.write { tx in
                try house.renditions.put(house.rendition(.large, of: raw), of: shoot.session, in: tx)
            }
            #expect(try await answering(urls, shoot) == [])
            try await house.change(shoot.session, #"{"watermark":{"text":"A"}}"#)
            try await house.renderingService().feed()
            #expect(try await house.recipes(of: raw) == [])
        }
    }

    @Test("are all there is when the other fails; by a recipe that is wanted no more, only thumbnails", arguments: TestDriver.installed)
    func failed(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (_, jpeg, urls) = try await pair(shoot)
            let photo = try #require(try await shoot.photos().first)
            try await house.database.write { tx in try house.intake.failed(house.job(jpeg, of: photo.id), Self.failure, in: tx) }
            #expect(try await answering(urls, shoot).count == 2)
            let told = try await house.events(.session(shoot.session)).count
            try await house.change(shoot.session, #"{"watermark":{"text":"A"}}"#)
            try await house.renderingService(house.intake.events).feed()
            #expect(try await answering(urls, shoot) == ["IMG_1-thumb.jpg"])
            #expect(try await shoot.photos().first?.renditions.count == 1)
            #expect(try await house.events(.session(shoot.session)).count == told + 1)
        }
    }

    @Test("by an older recipe go when the other fails by the wanted one", arguments: TestDriver.installed)
    func failing(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg, urls) = try await pair(shoot)
            try await house.change(shoot.session, #"{"watermark":{"text":"A"}}"#)
            try await house.renderingService().feed()
            #expect(try await answering(urls, shoot).count == 2)
            try await house.database.write { tx in
                try house.intake.failed(house.job(jpeg, of: PhotoID(raw.id)), Self.failure, in: tx)
            }
            #expect(try await answering(urls, shoot) == ["IMG_1-thumb.jpg"])
            #expect(try await house.renderingService().progress(of: shoot.session)?.isOver == true)
        }
    }
}
