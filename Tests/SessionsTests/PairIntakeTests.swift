import Broker
import Core
import Database
import Foundation
import Logging
import ObjectStore
import TestSupport
import Testing

@testable import Processing
@testable import Sessions

@Suite("Several files, one photo")
struct PairIntakeTests {
    /// A session with its owner, who uploads.
    struct Shoot: Sendable {
        let house: TestHouse
        let owner: Principal
        let session: SessionID

        init(_ house: TestHouse, pairs: Bool = true) async throws {
            self.house = house
            owner = try await house.photographer()
            var settings = SessionSettings()
            settings.pairFiles = pairs
            settings.guestDownloads = true
            session = try await house.sessions.create(
                title: "One", accessCode: "one-1", settings: settings, owner: owner.userID!
            ).id
        }

        func file(_ name: String, sha256: String? = nil) -> CompletedUpload {
            var upload = house.upload(into: session)
            upload.sha256 = sha256 ?? (upload.id.description + upload.id.description).filter { $0 != "-" }
            upload.declaration.filename = name
            upload.declaration.contentType = "application/octet-stream"
            upload.uploaderID = owner.userID
            return upload
        }

        @discardableResult
        func send(_ upload: CompletedUpload) async throws -> UploadOutcome {
            try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
        }

        /// Decodes a file and stores what there is to be of it, as a worker does.
        func process(_ upload: CompletedUpload, of photo: PhotoID, _ names: [RenditionName] = [.thumb]) async throws {
            let job = house.job(upload, of: photo)
            try await house.database.write { tx in
                try house.intake.inspected(job, PhotoIntakeTests.facts, in: tx)
                for name in names { try house.renditions.put(house.rendition(name, of: upload), of: session, in: tx) }
                try house.intake.thumbnailReady(job, in: tx)
                try house.intake.finished(job, in: tx)
            }
        }

        func photos(rights: Rights = .owner) async throws -> [PhotoView] {
            try await house.photos.list(session, for: owner, rights: rights, after: nil, limit: 50).items
        }

        func roles() async throws -> [[String]] {
            try await photos().map { $0.originals?.map { "\($0.role.rawValue) \($0.filename)" } ?? [] }
        }

        func media(_ url: String) async throws -> MediaFile? {
            let parts = url.split(separator: "?")[0].split(separator: "/").map(String.init)
            let path = try #require(MediaPath(id: parts[1], file: parts[2]))
            return try await SessionMedia(database: house.database, renditions: house.renditions).file(path)
        }

        func stills(of upload: CompletedUpload) async throws -> Int {
            try await SessionMedia(database: house.database, renditions: house.renditions)
                .stills(of: OriginalID(upload.id), recipe: house.rendition(.thumb, of: upload).recipe).count
        }

        func queued() async throws -> [String] {
            try await house.database.read { tx in
                try tx.query("SELECT original_id FROM processing_jobs ORDER BY original_id").map { try $0.get("original_id") }
            }
        }
    }

    @Test("a RAW after its JPEG joins it silently for guests: no job, no second photo", arguments: TestDriver.installed)
    func rawSecond(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (jpeg, raw) = (shoot.file("IMG_1.JPG"), shoot.file("img_1.nef"))
            let id = PhotoID(jpeg.id)
            try await shoot.send(jpeg)
            try await shoot.process(jpeg, of: id)
            #expect(try await shoot.send(raw) == .created(id))
            #expect(try await shoot.queued() == [jpeg.id.description])
            #expect(try await shoot.roles() == [["primary IMG_1.JPG", "raw img_1.nef"]])
            #expect(try await house.events(.session(shoot.session)) == ["new_photo", "photo_status_updated"])
            #expect(try await house.events(.desk(shoot.session)).last == "photo_status_updated")
            let view = try #require(try await shoot.photos().first)
            try PhotoView.schema.validate(try JSON.decode(from: try JSON.encode(view)))
            let file = try await shoot.media(try #require(view.originals?.last?.url))
            #expect(file?.objectKey == raw.objectKey && file?.requiredRights == .original)
            #expect(file?.contentType == "image/x-nikon-nef" && file?.filename == "img_1.nef")
        }
    }

    @Test("a JPEG after its RAW is displayed in its place, and no URL ever gives something else", arguments: TestDriver.installed)
    func rawFirst(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg) = (shoot.file("IMG_1.NEF"), shoot.file("IMG_1.JPG"))
            let id = PhotoID(raw.id)
            try await shoot.send(raw)
            try await shoot.process(raw, of: id)
            let before = try #require(try await shoot.photos().first)
            #expect(try await shoot.send(jpeg) == .created(id))
            let between = try #require(try await shoot.photos().first)
            #expect(try await shoot.media(try #require(before.renditions.first?.url))?.sha256 == raw.sha256)
            #expect(between.status == .processing && between.renditions.map(\.size) == before.renditions.map(\.size))
            #expect(try await shoot.roles() == [["primary IMG_1.JPG", "raw IMG_1.NEF"]])
            #expect(try await shoot.stills(of: raw) == 1)
            #expect(try await shoot.stills(of: jpeg) == 0)
            try await shoot.process(jpeg, of: id)
            let after = try #require(try await shoot.photos().first)
            #expect(after.status == .ready && after.id == id)
            #expect(try await shoot.stills(of: raw) == 0)
            #expect(try await shoot.stills(of: jpeg) == 1)
            #expect(after.renditions.first?.url != before.renditions.first?.url)
            for (url, upload) in [(before.original?.url, raw), (after.original?.url, jpeg)] {
                #expect(try await shoot.media(try #require(url))?.objectKey == upload.objectKey)
            }
            #expect(try await shoot.media(try #require(before.renditions.first?.url)) == nil)
            #expect(try await shoot.media(try #require(after.renditions.first?.url))?.sha256 == jpeg.sha256)
            #expect(try await house.events(.session(shoot.session)).filter { $0 == "new_photo" }.count == 1)
        }
    }

    @Test("what a replaced file's job still says changes nothing; one that nobody began is dropped", arguments: TestDriver.installed)
    func lateJob(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg) = (shoot.file("IMG_1.NEF"), shoot.file("IMG_1.JPG"))
            try await shoot.send(raw)
            try await shoot.send(jpeg)
            #expect(try await shoot.queued() == [jpeg.id.description])
            let late = house.job(raw)
            try await house.database.write { tx in
                try house.intake.thumbnailReady(late, in: tx)
                try house.intake.failed(late, .init(code: "damaged", detail: "It is torn."), in: tx)
            }
            let view = try #require(try await shoot.photos().first)
            #expect(view.status == .processing && view.failure == nil)
            #expect(try await house.events(.session(shoot.session)).isEmpty)
        }
    }

    static let orders = [
        ["IMG_1.JPG", "IMG_1.NEF", "IMG_1.MOV"], ["IMG_1.JPG", "IMG_1.MOV", "IMG_1.NEF"],
        ["IMG_1.NEF", "IMG_1.JPG", "IMG_1.MOV"], ["IMG_1.NEF", "IMG_1.MOV", "IMG_1.JPG"],
        ["IMG_1.MOV", "IMG_1.JPG", "IMG_1.NEF"], ["IMG_1.MOV", "IMG_1.NEF", "IMG_1.JPG"],
    ]

    @Test("three files are one photo in whatever order they come", arguments: TestDriver.installed, orders)
    func three(_ driver: TestDriver, names: [String]) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            for name in names { try await shoot.send(shoot.file(name)) }
            #expect(try await shoot.roles() == [["primary IMG_1.JPG", "raw IMG_1.NEF", "motion IMG_1.MOV"]])
            #expect(try await shoot.photos().first?.kind == .photo)
        }
    }

    @Test("files of many pairs that end at the same time all find each other", arguments: TestDriver.installed)
    func concurrent(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let files = (0..<8).flatMap { [shoot.file("IMG_\($0).JPG"), shoot.file("IMG_\($0).NEF")] }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for file in files { group.addTask { _ = try await shoot.send(file) } }
                try await group.waitForAll()
            }
            let roles = try await shoot.roles()
            #expect(roles.count == 8 && roles.allSatisfy { $0.count == 2 && $0[0].hasSuffix("JPG") })
        }
    }

    @Test("the same bytes again are the same photo, whichever of its files they are", arguments: TestDriver.installed)
    func again(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg) = (shoot.file("IMG_1.NEF"), shoot.file("IMG_1.JPG"))
            let id = PhotoID(raw.id)
            for file in [raw, jpeg] {
                try await shoot.send(file)
                #expect(try await shoot.send(file) == .created(id), "an outcome that was lost is told again")
            }
            for file in [raw, jpeg] {
                let copy = shoot.file("OTHER.\(file == raw ? "NEF" : "JPG")", sha256: file.sha256)
                #expect(try await shoot.send(copy) == .duplicate(of: id))
            }
            #expect(try await shoot.roles() == [["primary IMG_1.JPG", "raw IMG_1.NEF"]])
        }
    }

    @Test("a counter that starts again makes new photos, and a third file of a kind finds no place", arguments: TestDriver.installed)
    func renumbered(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            for name in ["IMG_1.JPG", "IMG_1.NEF"] { try await shoot.send(shoot.file(name)) }
            house.clock.advance(by: .seconds(60))
            for name in ["IMG_1.JPG", "IMG_1.NEF"] { try await shoot.send(shoot.file(name)) }
            house.clock.advance(by: .seconds(16 * 60))
            try await shoot.send(shoot.file("IMG_1.MOV"))
            #expect(try await shoot.roles().map(\.count) == [1, 2, 2])
        }
    }

    @Test("a JPEG that fails leaves its RAW to be fetched, and takes no further file", arguments: TestDriver.installed)
    func failure(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (jpeg, raw) = (shoot.file("IMG_1.JPG"), shoot.file("IMG_1.NEF"))
            for file in [jpeg, raw] { try await shoot.send(file) }
            try await house.database.write { tx in
                try house.intake.failed(house.job(jpeg), .init(code: "damaged", detail: "It is torn."), in: tx)
            }
            let view = try #require(try await shoot.photos().first)
            #expect(view.status == .failed && view.originals?.map(\.role) == [.primary, .raw])
            let url = try #require(view.originals?.last?.url)
            #expect(try await shoot.media(url)?.requiredRights == [.original, .desk])
            let clip = shoot.file("IMG_1.MOV")
            #expect(try await shoot.send(clip) == .created(PhotoID(clip.id)))
        }
    }

    @Test("a session may keep files apart", arguments: TestDriver.installed)
    func switchedOff(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house, pairs: false)
            for name in ["IMG_1.JPG", "IMG_1.NEF"] { try await shoot.send(shoot.file(name)) }
            #expect(try await shoot.roles().count == 2)
            _ = try await house.sessions.update(shoot.session, SessionChange(settings: SettingsChange(pairFiles: true)))
            try await shoot.send(shoot.file("IMG_1.MOV"))
            #expect(try await shoot.roles().count == 2)
        }
    }

    @Test("those who may not fetch originals see none of them, nor their names", arguments: TestDriver.installed)
    func guests(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (jpeg, raw) = (shoot.file("IMG_1.JPG"), shoot.file("SECRET/IMG_1.NEF"))
            for file in [raw, jpeg] { try await shoot.send(file) }
            try await shoot.process(jpeg, of: PhotoID(raw.id))
            let guest = try #require(try await shoot.photos(rights: .view).first)
            #expect(guest.original == nil && guest.originals == nil)
            #expect(!(try JSON.text(guest)).contains("NEF"))
            let log = try await house.broker.history(of: .session(shoot.session), after: 0, limit: 100).events
            #expect(!log.isEmpty)
            for event in log { #expect(!(try JSON.text(event.event.data)).contains("NEF")) }
            #expect(try await shoot.photos(rights: [.view, .original]).first?.originals?.count == 2)
        }
    }

    @Test("a purged session leaves no file and no row of any part", arguments: TestDriver.installed)
    func purge(_ driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let files = ["IMG_1.MOV", "IMG_1.NEF", "IMG_1.JPG"].map { shoot.file($0) }
            for file in files {
                try await house.store(file.objectKey)
                try await shoot.send(file)
                try await shoot.process(file, of: PhotoID(files[0].id))
                try await house.store(house.rendition(.thumb, of: file).objectKey)
            }
            try await house.sessions.delete(shoot.session)
            house.clock.advance(by: .seconds(8 * 86_400))
            let purger = SessionPurger(
                database: house.database, objects: house.objects, renditions: house.renditions, clock: house.clock,
                logger: Logger(label: "test"))
            try await purger.purge()
            for key in files.flatMap({ [$0.objectKey, house.rendition(.thumb, of: $0).objectKey] }) {
                #expect(try await house.objects.size(of: key) == nil, "\(key)")
            }
            let rows = try await house.database.read { tx in
                let tables: [SQL] = ["photos", "companions", "renditions", "processing_jobs"]
                return try tables.map { try tx.query("SELECT * FROM \(sql: $0)").count }
            }
            #expect(rows == [0, 0, 0, 0])
        }
    }
}

extension TestHouse {
    /// A thumbnail that bears its original's hash.
    func rendition(_ name: RenditionName, of upload: CompletedUpload) -> Rendition {
        let recipe = Recipe.standard.hash
        return Rendition(
            originalID: OriginalID(upload.id), name: name, format: .jpeg, recipe: recipe, width: 3, height: 2, size: 3,
            sha256: upload.sha256,
            objectKey: .rendition(OriginalID(upload.id), name, recipe: recipe, format: .jpeg))
    }

    /// Puts an object where that key says.
    func store(_ key: ObjectKey) async throws {
        let file = folder.appendingPathComponent(UUID().uuidString)
        try Data("abc".utf8).write(to: file)
        try await objects.adopt(file.path, as: key, durable: false)
    }
}
