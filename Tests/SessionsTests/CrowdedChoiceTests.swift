import Core
import Database
import Testing

@testable import Sessions

@Suite("What guests choose when many choose much")
struct CrowdedChoiceTests {
    /// A session with a photo for each choice, in which guests have chosen as much as is kept.
    private struct Crowd {
        let house: TestHouse
        let shoot: PairIntakeTests.Shoot
        let photos: [PhotoID]
        let archives: SessionArchives
        /// Whoever came in again and again, and chose all they could each time.
        let greedy: [ArchiveChooser]

        init(_ house: TestHouse) async throws {
            self.house = house
            let shoot = try await PairIntakeTests.Shoot(house)
            var photos: [PhotoID] = []
            for index in 0..<3 {
                let upload = shoot.file("\(index).jpg")
                try await shoot.send(upload)
                photos.append(PhotoID(upload.id))
            }
            (self.shoot, self.photos) = (shoot, photos)
            archives = ArchiveListingTests.archives(house)
            var greedy: [ArchiveChooser] = []
            for _ in 0..<ArchiveChoiceStore.keptOfGuests / ArchiveChoiceStore.keptOfHolder {
                greedy.append(try await Self.guest(house, shoot.session))
                try await Self.fill(house, shoot.session, "guest \(greedy[greedy.count - 1].holder)", ArchiveChoiceStore.keptOfHolder)
            }
            self.greedy = greedy
        }

        static func guest(_ house: TestHouse, _ session: SessionID) async throws -> ArchiveChooser {
            house.clock.advance(by: .seconds(1))
            let token = try await house.sessions.enter(session, code: "one-1", name: nil, address: "192.0.2.1").1
            return ArchiveChooser(holder: token.grantID.description, isGuest: true)
        }

        static func fill(_ house: TestHouse, _ session: SessionID, _ holder: String, _ count: Int) async throws {
            let now = house.clock.now()
            try await house.database.write { tx in
                for number in 0..<count {
                    try tx.execute(
                        """
                        INSERT INTO archive_selections (session_id, name, holder, photos, created_at)
                        VALUES (\(session), \("\(holder) \(number)"), \(holder), \([UInt8]()), \(now + .milliseconds(number)))
                        """)
                }
            }
        }

        func choose(_ index: Int, by guest: ArchiveChooser) async throws -> String {
            house.clock.advance(by: .seconds(1))
            return try await archives.select([photos[index]], in: shoot.session, by: guest)
        }

        /// How many choices are kept of somebody; of all guests for `nil`.
        func kept(of holder: String?) async throws -> Int {
            try await house.database.read { tx in
                try tx.query("SELECT holder FROM archive_selections").map { try $0.get("holder", as: String.self) }
            }.filter { kept in holder.map { kept.hasSuffix($0) } ?? kept.hasPrefix("guest ") }.count
        }

        func isKept(_ name: String) async throws -> Bool {
            try await archives.listing(ArchiveSubject(session: shoot.session, selection: name, files: .originals, isForDesk: true)) != nil
        }
    }

    @Test("a guest does not choose without end, and holds up nobody else")
    func pace() async throws {
        try await TestHouse.with { house in
            let shoot = try await PairIntakeTests.Shoot(house)
            let upload = shoot.file("a.jpg")
            try await shoot.send(upload)
            let archives = ArchiveListingTests.archives(house)
            func choose(_ holder: String, isGuest: Bool = true) async throws {
                _ = try await archives.select(
                    [PhotoID(upload.id)], in: shoot.session, by: ArchiveChooser(holder: holder, isGuest: isGuest))
            }
            for _ in 0..<60 { try await choose("ann") }
            let refusal = await #expect(throws: Problem.self) { try await choose("ann") }
            #expect(refusal?.code == "too_many_requests")
            try await choose("bo")
            for _ in 0..<100 { try await choose("ada", isGuest: false) }
            house.clock.advance(by: .seconds(1))
            try await choose("ann")
        }
    }

    @Test("those who keep the most make room for the others, who came in last first, and of each the oldest", arguments: TestDriver.installed)
    func sharing(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let crowd = try await Crowd(house)
            let latest = Array(crowd.greedy.reversed())
            let ann = try await Crowd.guest(house, crowd.shoot.session)
            let first = try await crowd.choose(0, by: ann)
            #expect(try await crowd.kept(of: nil) == ArchiveChoiceStore.keptOfGuests)
            #expect(try await crowd.kept(of: ann.holder) == 1)
            #expect(try await crowd.kept(of: latest[0].holder) == ArchiveChoiceStore.keptOfHolder - 1)
            #expect(try await !crowd.isKept("guest \(latest[0].holder) 0"))
            let second = try await crowd.choose(1, by: ann)
            #expect(try await crowd.kept(of: latest[1].holder) == ArchiveChoiceStore.keptOfHolder - 1)
            // Of somebody who has as much as anybody, it is their own oldest, and nobody else's.
            let last = try await crowd.choose(0, by: latest[2])
            #expect(try await crowd.kept(of: latest[2].holder) == ArchiveChoiceStore.keptOfHolder)
            #expect(try await !crowd.isKept("guest \(latest[2].holder) 0"))
            #expect(try await crowd.isKept(last))
            #expect(try await crowd.kept(of: latest[3].holder) == ArchiveChoiceStore.keptOfHolder)
            // What is kept already takes no more room.
            #expect(try await crowd.choose(0, by: ann) == first)
            #expect(try await crowd.kept(of: nil) == ArchiveChoiceStore.keptOfGuests)
            for name in [first, second] { #expect(try await crowd.isKept(name)) }
        }
    }

    @Test("what guests chose who are not in any more makes room first", arguments: TestDriver.installed)
    func leaving(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let crowd = try await Crowd(house)
            for guest in crowd.greedy.suffix(3) { try await house.sessions.showOut(GrantID(guest.holder), of: crowd.shoot.session) }
            let ann = try await Crowd.guest(house, crowd.shoot.session)
            let name = try await crowd.choose(0, by: ann)
            #expect(try await crowd.kept(of: nil) == ArchiveChoiceStore.keptOfGuests - 3 * ArchiveChoiceStore.keptOfHolder + 1)
            for guest in crowd.greedy.dropLast(3) { #expect(try await crowd.kept(of: guest.holder) == ArchiveChoiceStore.keptOfHolder) }
            for guest in crowd.greedy.suffix(3) { #expect(try await crowd.kept(of: guest.holder) == 0) }
            #expect(try await crowd.isKept(name))
            // A new code shows all of them out.
            try await Crowd.fill(house, crowd.shoot.session, "guest nobody", 3 * ArchiveChoiceStore.keptOfHolder)
            _ = try await house.sessions.update(crowd.shoot.session, SessionChange(accessCode: "one-2"))
            _ = try await house.sessions.update(crowd.shoot.session, SessionChange(accessCode: "one-1"))
            let bo = try await Crowd.guest(house, crowd.shoot.session)
            _ = try await crowd.choose(1, by: bo)
            #expect(try await crowd.kept(of: nil) == 1)
            #expect(try await crowd.kept(of: bo.holder) == 1)
        }
    }

    @Test("what staff chooses counts for nothing among guests, and stays", arguments: TestDriver.installed)
    func staff(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let crowd = try await Crowd(house)
            let ada = ArchiveChooser(holder: "ada", isGuest: false)
            let mine = try await crowd.choose(0, by: ada)
            #expect(try await crowd.kept(of: nil) == ArchiveChoiceStore.keptOfGuests)
            for account in 0..<3 { try await Crowd.fill(house, crowd.shoot.session, "account \(account)", ArchiveChoiceStore.keptOfHolder) }
            for guest in crowd.greedy { _ = try await crowd.choose(1, by: guest) }
            let ann = try await Crowd.guest(house, crowd.shoot.session)
            _ = try await crowd.choose(0, by: ann)
            #expect(try await crowd.isKept(mine))
            for account in 0..<3 { #expect(try await crowd.kept(of: "account \(account)") == ArchiveChoiceStore.keptOfHolder) }
            #expect(try await crowd.kept(of: nil) == ArchiveChoiceStore.keptOfGuests)
        }
    }
}
