import Accounts
import Core
import Database
import Foundation
import Logging
import Testing

@testable import Processing
@testable import Sessions

@Suite("What archives of sessions hold")
struct ArchiveListingTests {
    typealias Shoot = PairIntakeTests.Shoot

    private static let ada = ArchiveChooser(holder: "ada", isGuest: false)

    static func archives(_ house: TestHouse) -> SessionArchives {
        SessionArchives(
            database: house.database, grants: house.accounts.grants, attempts: house.accounts.attempts, renditions: house.renditions,
            clock: house.clock)
    }

    private static func subject(
        _ shoot: Shoot, _ files: ArchiveSubject.Files = .originals, desk: Bool = false, _ selection: String? = nil
    ) -> ArchiveSubject {
        ArchiveSubject(session: shoot.session, selection: selection, files: files, isForDesk: desk)
    }

    private static func names(_ house: TestHouse, _ subject: ArchiveSubject) async throws -> [String]? {
        guard let listing = try await archives(house).listing(subject) else { return nil }
        #expect(listing.title == "One")
        return (0..<listing.count).map { listing.layout.name(of: $0) }
    }

    @Test("staff gets all in the order it came; guests what they were shown, in that order", arguments: TestDriver.installed)
    func orders(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            try await house.change(shoot.session, #"{"showLocation":true}"#)
            var uploads: [CompletedUpload] = []
            for index in 0..<4 {
                house.clock.advance(by: .seconds(1))
                uploads.append(shoot.file("\(index).jpg"))
                try await shoot.send(uploads[index])
            }
            for index in [2, 0, 1] {
                house.clock.advance(by: .seconds(1))
                try await shoot.process(uploads[index], of: PhotoID(uploads[index].id), [.thumb, .large])
            }
            #expect(try await Self.names(house, Self.subject(shoot, desk: true)) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"])
            #expect(try await Self.names(house, Self.subject(shoot)) == ["2.jpg", "0.jpg", "1.jpg"])
            let seen = try #require(try await Self.archives(house).listing(Self.subject(shoot, .renditions)))
            #expect((0..<seen.count).map { seen.layout.name(of: $0) } == ["2.jpg", "0.jpg", "1.jpg"])
            #expect(seen.objectKey(of: 0)?.text.contains("renditions/") == true && seen.unknown.count == 3)
            // What was ready once stays where it was.
            house.clock.advance(by: .seconds(9))
            try await shoot.process(uploads[2], of: PhotoID(uploads[2].id), [.thumb, .large])
            #expect(try await Self.names(house, Self.subject(shoot, .renditions)) == ["2.jpg", "0.jpg", "1.jpg"])
            #expect(try await Self.names(house, ArchiveSubject(session: SessionID(at: house.clock.now()), files: .originals, isForDesk: true)) == nil)
        }
    }

    @Test("what is approved late comes behind what guests could take away before", arguments: TestDriver.installed)
    func approved(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            try await house.change(shoot.session, #"{"showLocation":true,"review":"all"}"#)
            let uploads = ["0.jpg", "1.jpg", "2.jpg"].map { shoot.file($0) }
            for upload in uploads {
                house.clock.advance(by: .seconds(1))
                try await shoot.send(upload)
                try await shoot.process(upload, of: PhotoID(upload.id), [.thumb, .large])
            }
            for index in [1, 2, 0] {
                house.clock.advance(by: .seconds(1))
                let editor = PhotoDesk.Editor(principal: shoot.owner, rights: .owner)
                _ = try await house.desk.perform(.review(.approved, note: nil), on: PhotoID(uploads[index].id), by: editor)
            }
            for files in [ArchiveSubject.Files.originals, .renditions] {
                #expect(try await Self.names(house, Self.subject(shoot, files)) == ["1.jpg", "2.jpg", "0.jpg"])
            }
            #expect(try await Self.names(house, Self.subject(shoot, .renditions, desk: true)) == ["0.jpg", "1.jpg", "2.jpg"])
        }
    }

    @Test("what guests are not shown any more is not given on, nor what is in the bin or elsewhere", arguments: TestDriver.installed)
    func withdrawn(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            try await house.change(shoot.session, #"{"showLocation":true}"#)
            let (jpeg, raw, other) = (shoot.file("IMG_1.JPG"), shoot.file("IMG_1.CR3"), shoot.file("IMG_2.JPG"))
            for upload in [jpeg, raw, other] { try await shoot.send(upload) }
            for upload in [jpeg, other] { try await shoot.process(upload, of: PhotoID(upload.id), [.thumb, .large]) }
            func given(_ uploads: [CompletedUpload], desk: Bool) async throws -> Bool {
                try await Self.archives(house).gives(uploads.map(\.objectKey), in: Self.subject(shoot, desk: desk))
            }
            func perform(_ operation: PhotoOperation) async throws {
                let editor = PhotoDesk.Editor(principal: shoot.owner, rights: .owner)
                _ = try await house.desk.perform(operation, on: PhotoID(jpeg.id), by: editor)
            }
            #expect(try await given([jpeg, raw, other], desk: false))
            let seen = try #require(try await Self.archives(house).listing(Self.subject(shoot, .renditions)))
            let rendition = try #require((0..<2).compactMap { seen.objectKey(of: $0) }.first { $0.originalID == OriginalID(jpeg.id) })
            #expect(try await Self.archives(house).gives([rendition], in: Self.subject(shoot, .renditions)))
            try await perform(.hide)
            for uploads in [[raw], [jpeg, other]] { #expect(try await given(uploads, desk: false) == false) }
            #expect(try await Self.archives(house).gives([rendition], in: Self.subject(shoot, .renditions)) == false)
            #expect(try await given([other], desk: false))
            #expect(try await given([jpeg, raw, other], desk: true))
            try await perform(.delete)
            #expect(try await given([raw], desk: true) == false)
            #expect(try await given([other], desk: true))
            let elsewhere = ArchiveSubject(session: SessionID(at: house.clock.now()), files: .originals, isForDesk: true)
            #expect(try await Self.archives(house).gives([other.objectKey], in: elsewhere) == false)
        }
    }

    @Test("a photo's other files are in it too, and only with the originals", arguments: TestDriver.installed)
    func companions(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (raw, jpeg) = (shoot.file("IMG_1.NEF"), shoot.file("IMG_1.JPG"))
            try await shoot.send(raw)
            house.clock.advance(by: .seconds(1))
            try await shoot.send(jpeg)
            try await shoot.process(jpeg, of: PhotoID(raw.id), [.thumb, .large])
            #expect(try await Self.names(house, Self.subject(shoot, desk: true))?.sorted() == ["IMG_1.JPG", "IMG_1.NEF"])
            #expect(try await Self.names(house, Self.subject(shoot, .renditions)) == ["IMG_1.jpg"])
            let listing = try #require(try await Self.archives(house).listing(Self.subject(shoot, desk: true)))
            #expect(listing.unknown.isEmpty && (0..<2).allSatisfy { listing.layout.crc32(of: $0) == 1 && listing.layout.size(of: $0) == 3 })
            #expect(Set((0..<2).map { listing.objectKey(of: $0) }) == [raw.objectKey, jpeg.objectKey])
        }
    }

    @Test("where the place is hidden, checksums are of what is given; what cannot be given is seen instead", arguments: TestDriver.installed)
    func places(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let uploads = ["a.jpg", "b.webm"].map { shoot.file($0) }
            for upload in uploads {
                house.clock.advance(by: .seconds(1))
                try await shoot.send(upload)
                try await shoot.process(upload, of: PhotoID(upload.id), [.thumb, .large])
            }
            let archives = Self.archives(house)
            let before = try #require(try await archives.listing(Self.subject(shoot)))
            #expect(before.unknown.map(\.objectKey) == uploads.map(\.objectKey) && before.isPlaceless(0))
            #expect(before.unknown.allSatisfy { $0.crc32 == 1 })
            try await archives.note([(before.unknown[0], 77), (before.unknown[1], nil)], of: shoot.session)
            let between = try #require(try await archives.listing(Self.subject(shoot)))
            #expect(between.layout.crc32(of: 0) == 77 && between.unknown.count == 1 && !between.isPlaceless(1))
            #expect(between.layout.name(of: 1) == "b.jpg" && between.objectKey(of: 1) != uploads[1].objectKey)
            // Renditions from before checksums were kept.
            try await archives.note([(between.unknown[0], 78)], of: shoot.session)
            let after = try #require(try await archives.listing(Self.subject(shoot)))
            #expect(after.unknown.isEmpty && after.layout.crc32(of: 1) == 78)
            // Staff gets them as they are.
            let desk = try #require(try await archives.listing(Self.subject(shoot, desk: true)))
            #expect(desk.unknown.isEmpty && !desk.isPlaceless(0) && desk.layout.crc32(of: 0) == 1)
        }
    }

    @Test("what is missing has a note in its place, and after a minute it is asked whether it is back", arguments: TestDriver.installed)
    func missing(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            var uploads: [CompletedUpload] = []
            for index in 0..<3 {
                house.clock.advance(by: .seconds(1))
                uploads.append(shoot.file("\(index).jpg"))
                try await shoot.send(uploads[index])
            }
            let (archives, subject) = (Self.archives(house), Self.subject(shoot, desk: true))
            let lost = MissingObject(objectKey: uploads[1].objectKey, size: uploads[1].size)
            #expect(try await archives.note(missing: [lost], of: shoot.session) == [lost])
            let listing = try #require(try await archives.listing(subject))
            #expect((0..<3).map { listing.layout.name(of: $0) } == ["0.jpg", "1.jpg.missing.txt", "2.jpg"])
            #expect(listing.isMissing(1) && listing.unknown.isEmpty)
            #expect(try await archives.doubts(of: shoot.session, limit: 10) == [])
            house.clock.advance(by: .seconds(61))
            #expect(try await archives.doubts(of: shoot.session, limit: 10) == [lost])
            #expect(try await archives.doubts(of: shoot.session, limit: 0) == [])
            #expect(try await archives.note(missing: [lost], of: shoot.session) == [lost])
            #expect(try await archives.doubts(of: shoot.session, limit: 10) == [])
            try await archives.note(found: [lost.objectKey], of: shoot.session)
            #expect(try await Self.names(house, subject) == ["0.jpg", "1.jpg", "2.jpg"])
            // Nothing is kept of a session that is gone, nor of what nobody speaks of.
            #expect(try await archives.note(missing: [lost], of: SessionID(at: house.clock.now())) == [])
            let stranger = MissingObject(objectKey: .original(OriginalID(at: house.clock.now())), size: 1)
            #expect(try await archives.note(missing: [stranger], of: shoot.session) == [])
            #expect(try await house.database.read { try $0.query("SELECT object_key FROM missing_objects").isEmpty })
        }
    }

    @Test("the revision is the listing's for as long as nothing of it changes, and another after anything has", arguments: TestDriver.installed)
    func revisions(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (archives, subject) = (Self.archives(house), Self.subject(shoot))
            var known: [String] = []
            func look(_ comment: Comment) async throws {
                let revision = try #require(try await archives.revision(subject))
                #expect(try await archives.listing(subject)?.revision == revision)
                #expect(!known.contains(revision), comment)
                known.append(revision)
            }
            try await look("nothing")
            let (raw, jpeg) = (shoot.file("IMG_1.NEF"), shoot.file("IMG_1.JPG"))
            try await shoot.send(raw)
            try await look("a photo")
            house.clock.advance(by: .seconds(1))
            try await shoot.send(jpeg)
            try await look("its companion")
            try await shoot.process(jpeg, of: PhotoID(raw.id), [.thumb, .large])
            try await look("shown")
            try await house.change(shoot.session, #"{"showLocation":true}"#)
            try await look("its place")
            _ = try await archives.note(missing: [MissingObject(objectKey: raw.objectKey, size: 3)], of: shoot.session)
            try await look("missing")
            let seen = try #require(try await archives.listing(Self.subject(shoot, .renditions))?.objectKey(of: 0))
            let picture = MissingObject(objectKey: seen, size: 1)
            #expect(try await archives.note(missing: [picture], of: shoot.session) == [picture])
            try await look("a rendition missing")
            try await archives.note(found: [raw.objectKey], of: shoot.session)
            _ = try await archives.note(missing: [MissingObject(objectKey: jpeg.objectKey, size: 3)], of: shoot.session)
            try await look("another missing in its stead")
            #expect(try await archives.tellsPlaces(shoot.session) == true)
            #expect(try await archives.revision(Self.subject(shoot, .originals, desk: false, "nothing")) == nil)
            let nobody = SessionID(at: house.clock.now())
            #expect(try await archives.tellsPlaces(nobody) == nil)
            #expect(try await archives.revision(ArchiveSubject(session: nobody, files: .originals, isForDesk: true)) == nil)
        }
    }

    @Test("ten thousand photos are listed in order, page after page, in little memory", arguments: [20_000, 777])
    func many(_ page: Int) async throws {
        try await TestHouse.with { house in
            let (session, _) = try await house.session(photos: 0)
            try await house.database.write { tx in
                for index in 0..<10_000 {
                    let id = OriginalID(at: house.clock.now())
                    let sha256 = String(repeating: id.description.filter { $0 != "-" }, count: 2)
                    try tx.execute(
                        """
                        INSERT INTO photos (id, original_id, session_id, original_key, filename, content_type, size, sha256, crc32,
                            status, created_at, shown_at)
                        VALUES (\(id), \(id), \(session.id), \(ObjectKey.original(id)), \("IMG_\(index).JPG"), 'image/jpeg', \(index), \(sha256),
                            \(index), 'processing', \(Int64(1000 + index / 10)), 2)
                        """)
                }
            }
            var archives = Self.archives(house)
            archives.files.page = page
            let listing = try #require(
                try await archives.listing(ArchiveSubject(session: session.id, files: .originals, isForDesk: true)))
            #expect(listing.count == 10_000 && listing.unknown.isEmpty)
            let sizes = (0..<10_000).map { listing.layout.size(of: $0) }
            #expect(Set(sizes).count == 10_000 && sizes.map { $0 / 10 } == sizes.map { $0 / 10 }.sorted())
            #expect((0..<10_000).allSatisfy { listing.layout.name(of: $0) == "IMG_\(sizes[$0]).JPG" })
            #expect((0..<10_000).allSatisfy { Int64(listing.layout.crc32(of: $0)) == sizes[$0] })
            #expect(listing.footprint < 10_000 * 140 + 20_000)
        }
    }

    @Test("a choice is kept under a name of its own, for whoever may see its photos", arguments: TestDriver.installed)
    func selections(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            var uploads: [CompletedUpload] = []
            for index in 0..<4 {
                house.clock.advance(by: .seconds(1))
                uploads.append(shoot.file("\(index).jpg"))
                try await shoot.send(uploads[index])
            }
            let archives = Self.archives(house)
            let (a, b, stranger) = (PhotoID(uploads[2].id), PhotoID(uploads[1].id), PhotoID(at: house.clock.now()))
            let name = try await archives.select([a, b, stranger, a], in: shoot.session, by: Self.ada)
            #expect(try await archives.select([b, stranger, a], in: shoot.session, by: Self.ada) == name)
            #expect(try await archives.select([b], in: shoot.session, by: Self.ada) != name)
            #expect(try await Self.names(house, Self.subject(shoot, desk: true, name)) == ["1.jpg", "2.jpg"])
            #expect(try await Self.names(house, Self.subject(shoot, .originals, desk: false, name)) == [])
            #expect(try await Self.names(house, Self.subject(shoot, desk: true, "nothing")) == nil)
            // Of many, too.
            let many = (0..<600).map { _ in PhotoID(at: house.clock.now()) } + [a]
            let large = try await archives.select(many, in: shoot.session, by: Self.ada)
            #expect(try await Self.names(house, Self.subject(shoot, desk: true, large)) == ["2.jpg"])
            house.clock.advance(by: ArchiveChoiceStore.lifetime + .seconds(1))
            #expect(try await Self.names(house, Self.subject(shoot, desk: true, name)) == nil)
        }
    }

    @Test("a choice is of photos of the session, and of some", arguments: TestDriver.installed)
    func foreign(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let upload = shoot.file("a.jpg")
            try await shoot.send(upload)
            let other = try await house.sessions.create(title: "Two", owner: shoot.owner.userID!)
            let archives = Self.archives(house)
            await #expect(throws: Problem.self) { try await archives.select([PhotoID(upload.id)], in: other.id, by: Self.ada) }
            await #expect(throws: Problem.self) { try await archives.select([], in: shoot.session, by: Self.ada) }
            let strangers = (0..<600).map { _ in PhotoID(at: house.clock.now()) }
            let name = try await archives.select(strangers + [PhotoID(upload.id)], in: shoot.session, by: Self.ada)
            let kept = try await house.database.read { [now = house.clock.now()] tx in
                try ArchiveChoiceStore(grants: house.accounts.grants).photos(name, in: shoot.session, at: now, tx)
            }
            #expect(kept == [PhotoID(upload.id)])
        }
    }

    @Test("only so many choices are kept of each who chooses, and none is left of a session that is gone")
    func limits() async throws {
        try await TestHouse.with { house in
            let shoot = try await Shoot(house)
            var photos: [PhotoID] = []
            for index in 0..<7 {
                let upload = shoot.file("\(index).jpg")
                try await shoot.send(upload)
                photos.append(PhotoID(upload.id))
            }
            let archives = Self.archives(house)
            // As many different choices as there are numbers.
            func choice(_ number: Int) -> [PhotoID] { photos.indices.filter { number >> $0 & 1 == 1 }.map { photos[$0] } }
            let bob = ArchiveChooser(holder: "bob", isGuest: true)
            let mine = try await archives.select(choice(1), in: shoot.session, by: bob)
            for number in 0..<ArchiveChoiceStore.keptOfHolder + 5 {
                house.clock.advance(by: .seconds(1))
                _ = try await archives.select(choice(number + 1), in: shoot.session, by: Self.ada)
            }
            let rows = { try await house.database.read { try $0.query("SELECT name FROM archive_selections").count } }
            #expect(try await rows() == ArchiveChoiceStore.keptOfHolder + 1)
            #expect(try await Self.names(house, Self.subject(shoot, desk: true, mine)) == ["0.jpg"])
            let now = house.clock.now()
            try await house.database.write { tx in
                try ArchiveStore().note(placeless: .original(OriginalID(at: now)), crc32: 1, of: shoot.session, tx)
            }
            let upload = shoot.file("lost.jpg")
            try await shoot.send(upload)
            let lost = MissingObject(objectKey: upload.objectKey, size: 3)
            #expect(try await archives.note(missing: [lost], of: shoot.session) == [lost])
            try await house.sessions.delete(shoot.session)
            house.clock.advance(by: .seconds(8 * 86_400))
            try await house.purger.purge()
            #expect(try await rows() == 0)
            #expect(try await house.database.read { try $0.query("SELECT object_key FROM placeless_checksums").isEmpty })
            #expect(try await house.database.read { try $0.query("SELECT object_key FROM missing_objects").isEmpty })
        }
    }
}

@Suite("Large archives of sessions", .enabled(if: ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil))
struct LargeArchiveTests {
    #if DEBUG
    private static let patience = Duration.seconds(8)
    #else
    private static let patience = Duration.milliseconds(200)
    #endif

    @Test("ten thousand photos are listed at once", arguments: TestDriver.installed)
    func many(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (session, _) = try await house.session(photos: 0)
            let recipe = Recipe.standard.hash
            for _ in 0..<20 {
                try await house.database.write { tx in
                    for _ in 0..<500 {
                        let id = OriginalID(at: house.clock.now())
                        let sha256 = String(repeating: id.description.filter { $0 != "-" }, count: 2)
                        try tx.execute(
                            """
                            INSERT INTO photos (id, original_id, session_id, original_key, filename, content_type, size, sha256, crc32,
                                status, created_at, shown_at, ready_at, recipe)
                            VALUES (\(id), \(id), \(session.id), \(ObjectKey.original(id)), 'IMG_0001.JPG', 'image/jpeg', 9, \(sha256), 5,
                                'ready', 1, 2, 3, \(recipe))
                            """)
                        for (width, name) in [RenditionName.thumb, .small, .medium, .large].enumerated() {
                            for format in [MediaFormat.jpeg, .webp] {
                                try tx.execute(
                                    """
                                    INSERT INTO renditions (original_id, recipe, name, format, session_id, width, height, size, sha256,
                                        crc32, object_key, created_at)
                                    VALUES (\(id), \(recipe), \(name), \(format), \(session.id), \(width + 1), 1, 1, \(sha256), 7,
                                        \(ObjectKey.rendition(id, name, recipe: recipe, format: format)), 0)
                                    """)
                            }
                        }
                    }
                }
            }
            let archives = ArchiveListingTests.archives(house)
            for (files, isForDesk) in [(ArchiveSubject.Files.originals, true), (.renditions, false)] {
                let start = ContinuousClock.now
                let listing = try #require(
                    try await archives.listing(ArchiveSubject(session: session.id, files: files, isForDesk: isForDesk)))
                let elapsed = ContinuousClock.now - start
                #expect(listing.count == 10_000 && listing.unknown.isEmpty && listing.footprint < 4_000_000)
                #expect(elapsed < Self.patience, "\(files): \(elapsed)")
            }
        }
    }
}
