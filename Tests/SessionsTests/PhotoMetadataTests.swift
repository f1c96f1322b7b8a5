import Accounts
import Broker
import Core
import Database
import Foundation
import TestSupport
import Testing

@testable import Processing
@testable import Sessions

/// What a file tells besides its pixels, and who hears of it.
@Suite("Metadata of photos")
struct PhotoMetadataTests {
    /// What no guest is to read anywhere: places in numbers and words, equipment's numbers, people's names.
    private static let secrets = ["48.1372", "11.5756", "519.5", "Marienplatz", "SN-4711", "Ada's camera", "Ada at home"]

    private static var facts: MediaFacts {
        var exif = MediaFacts.Exif()
        exif.make = "Nikon"
        (exif.latitude, exif.longitude, exif.altitude) = (48.1372, 11.5756, 519.5)
        var facts = MediaFacts(kind: .photo, contentType: "image/jpeg", width: 6000, height: 4000, exif: exif)
        facts.placeholder = "3OcRJYB4d3hxiIeHeEh3eIhwaj2w"
        facts.dominantColour = "#a0b0c0"
        facts.perceptualHash = PerceptualHash(bits: 0x0123_4567_89AB_CDEF)
        var editorial = MediaFacts.Editorial()
        (editorial.title, editorial.caption) = ("Ada at home", "On the Marienplatz")
        (editorial.keywords, editorial.rating) = (["Marienplatz"], 4)
        facts.editorial = editorial
        facts.tags = [
            .init(group: "exif", name: "BodySerialNumber", value: "SN-4711"),
            .init(group: "exif", name: "CameraOwnerName", value: "Ada's camera"),
            .init(group: "gps", name: "GPSLatitude", value: "48.1372"),
        ]
        return facts
    }

    /// A photo of which everything is known, with its owner and a guest.
    private func withPhoto(
        _ driver: TestDriver = .sqlite, _ settings: SessionSettings = SessionSettings(),
        _ body: (TestHouse, SessionID, CompletedUpload, _ owner: Principal, _ guest: GrantToken) async throws -> Void
    ) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(
                title: "One", accessCode: "one-1", settings: settings, owner: owner.userID!)
            let upload = house.upload(into: session.id)
            try await house.database.write { tx in
                _ = try house.intake.completed(upload, in: tx)
                try house.intake.inspected(house.job(upload), Self.facts, in: tx)
                try house.intake.thumbnailReady(house.job(upload), in: tx)
                try house.intake.finished(house.job(upload), in: tx)
            }
            let (_, guest) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            try await body(house, session.id, upload, owner, guest)
        }
    }

    private func secrets(in value: some Encodable) throws -> [String] {
        let text = try JSON.text(value)
        return Self.secrets.filter(text.contains)
    }

    @Test("staff reads all of it, the table only of a single photo", arguments: TestDriver.installed)
    func staff(_ driver: TestDriver) async throws {
        try await withPhoto(driver) { house, session, upload, owner, _ in
            let one = try await house.photos.view(PhotoID(upload.id), for: owner, rights: .owner)
            #expect(one.metadata == Self.facts.tags && one.editorial == Self.facts.editorial)
            #expect(one.placeholder == Self.facts.placeholder && one.dominantColour == "#a0b0c0")
            #expect(one.perceptualHash?.description == "0123456789abcdef")
            try PhotoView.schema.validate(try JSON.decode(from: try JSON.encode(one)))
            let listed = try await house.photos.list(session, for: owner, rights: .owner, after: nil, limit: 1).items[0]
            #expect(listed.metadata == nil && listed.editorial == one.editorial && listed.exif == one.exif)
        }
    }

    @Test("guests see the likenesses, and nowhere a place, a number or a name", arguments: [false, true])
    func guests(showsCamera: Bool) async throws {
        var settings = SessionSettings()
        (settings.guestDownloads, settings.showCamera) = (true, showsCamera)
        try await withPhoto(.sqlite, settings) { house, session, upload, _, guest in
            let one = try await house.photos.view(PhotoID(upload.id), for: .guest(guest), rights: guest.rights)
            let listed = try await house.photos.list(session, for: .guest(guest), rights: guest.rights, after: nil, limit: 1)
            #expect(one.placeholder != nil && one.dominantColour != nil && one.perceptualHash != nil)
            #expect(one.exif?.make == (showsCamera ? "Nikon" : nil))
            #expect(try secrets(in: one).isEmpty && secrets(in: listed).isEmpty)
        }
    }

    @Test("guests of a session that shows places see the coordinates, and nothing else of it")
    func places() async throws {
        var settings = SessionSettings()
        settings.showLocation = true
        try await withPhoto(.sqlite, settings) { house, _, upload, _, guest in
            let view = try await house.photos.view(PhotoID(upload.id), for: .guest(guest), rights: guest.rights)
            #expect(view.exif?.latitude == 48.1372 && view.exif?.longitude == 11.5756)
            #expect(try secrets(in: view) == ["48.1372", "11.5756", "519.5"])
        }
    }

    @Test("events carry the placeholder; the guests' nothing that may be taken back, the desk's no table", arguments: [false, true])
    func events(showsAll: Bool) async throws {
        var settings = SessionSettings()
        (settings.showLocation, settings.showCamera, settings.guestDownloads) = (showsAll, showsAll, showsAll)
        try await withPhoto(.sqlite, settings) { house, session, _, _, _ in
            let topics = [Topic.session(session), .desk(session)]
            for topic in topics {
                let texts = try await house.broker.history(of: topic, after: 0, limit: 10).events.map(\.event.data)
                #expect(texts.contains { $0.contains("3OcRJYB4d3hxiIeHeEh3eIhwaj2w") })
                #expect(!texts.contains { $0.contains("SN-4711") })
                #expect(texts.contains { $0.contains("Nikon") } == (topic == .desk(session)))
                guard topic == .session(session) else { continue }
                for word in Self.secrets + ["\"exif\"", "\"original\""] { #expect(!texts.contains { $0.contains(word) }, "\(word)") }
            }
        }
    }

    @Test("originals may tell a place, to staff alone unless the session shows it; renditions only if they are the originals", arguments: [false, true])
    func media(showsPlace: Bool) async throws {
        try await TestHouse.with { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            let (still, raw) = (shoot.file("IMG_1.JPG"), shoot.file("IMG_1.DNG"))
            for file in [still, raw] { try await shoot.send(file) }
            let thumb = house.rendition(.thumb, of: still)
            let streams = [still, raw].map { file in
                var stream = house.rendition(.stream, of: file)
                stream.objectKey = file.objectKey
                return stream
            }
            try await house.database.write { tx in
                for rendition in [thumb] + streams { _ = try house.renditions.put(rendition, of: shoot.session, in: tx) }
                guard var session = try SessionStore().find(shoot.session, tx) else { throw Problem.notFound("session") }
                session.settings.showLocation = showsPlace
                try SessionStore().update(session, tx)
            }
            let media = SessionMedia(database: house.database, renditions: house.renditions)
            for file in [still, raw] {
                #expect(try await media.file(.original(OriginalID(file.id)))?.place == (showsPlace ? .shown : .hidden))
            }
            func file(of rendition: Rendition) async throws -> MediaFile? {
                try await media.file(.rendition(rendition.originalID, rendition.name, recipe: rendition.recipe, rendition.format))
            }
            #expect(try await file(of: thumb)?.place == .untold)
            #expect(try await media.stills(of: thumb.originalID, recipe: thumb.recipe) == [thumb])
            #expect(try await media.stills(of: thumb.originalID, recipe: "ffffffffffff").isEmpty)
            // Guests may watch without a right to originals, and these may tell as much as the originals.
            for stream in streams {
                let file = try await file(of: stream)
                #expect(file?.place == (showsPlace ? .shown : .hidden) && file?.requiredRights == [.view, .desk])
            }
        }
    }

    @Test("a file that takes the place of another takes its table away")
    func replaced() async throws {
        try await TestHouse.with { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            let raw = shoot.file("IMG_1.DNG")
            try await shoot.send(raw)
            try await house.database.write { tx in
                try house.intake.inspected(house.job(raw), Self.facts, in: tx)
                try house.intake.finished(house.job(raw), in: tx)
            }
            func tags() async throws -> [MediaFacts.Tag]? {
                try await house.photos.view(PhotoID(raw.id), for: shoot.owner, rights: .owner).metadata
            }
            #expect(try await tags() != nil)
            house.clock.advance(by: .seconds(1))
            try await shoot.send(shoot.file("IMG_1.JPG"))
            #expect(try await tags() == nil)
        }
    }
}
