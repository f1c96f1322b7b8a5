import Accounts
import Core
import Database
import Testing

@testable import Sessions

@Suite("Sessions")
struct SessionServiceTests {
    @Test("a created session has a code made up, and its owner sees everything of it")
    func creation() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let made = try await house.sessions.create(title: "Wedding", owner: owner.userID!)
            #expect(made.accessCode?.count == 6)
            #expect(made.galleryPath == "/gallery/\(made.accessCode!)")
            let page = try await house.sessions.list(for: owner, after: nil, limit: 10)
            #expect(page.items == [made])
            #expect(try await house.door.resource(owner, made.id) == .session(made.id, held: .owner))
        }
    }

    @Test("a code is taken whatever its case, and free again once the session is deleted")
    func uniqueCodes() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            let first = try await house.sessions.create(title: "One", accessCode: "party-1", owner: owner)
            await #expect(throws: Problem.conflict("code_taken", "Another session uses that access code.")) {
                try await house.sessions.create(title: "Two", accessCode: "PARTY-1", owner: owner)
            }
            try await house.sessions.delete(first.id)
            _ = try await house.sessions.create(title: "Two", accessCode: "PARTY-1", owner: owner)
        }
    }

    @Test("a code that could not stand in a URL is refused", arguments: ["abc", "a b c d", "éclair", "a/b/c", ""])
    func malformedCodes(code: String) async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            await #expect(throws: Problem.self) {
                try await house.sessions.create(title: "One", accessCode: code, owner: owner)
            }
        }
    }

    @Test("a guest enters by the code in any case, sees what guests see, and holds no more than that")
    func entry() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            let made = try await house.sessions.create(title: "One", accessCode: "Party", owner: owner)
            let (entry, token) = try await house.sessions.enter(made.id, code: "pARTY", name: "Bo", address: "1.2.3.4")
            #expect(token.rights == [.view, .download])
            #expect(entry.session.accessCode == nil && entry.session.settings == nil)
            #expect(house.accounts.grantChecker.check(entry.token) == token)
            #expect(try await house.door.resource(.guest(token), made.id) == .session(made.id, held: [.view, .download]))
        }
    }

    @Test("what goes into media URLs opens the files of the session, and is no bearer")
    func mediaTokens() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let made = try await house.sessions.create(title: "One", owner: owner.userID!)
            let (entry, token) = try await house.sessions.enter(made.id, code: made.accessCode!, name: nil, address: "a")
            let own = try await house.door.mediaToken(of: owner, for: made.id)
            #expect(try await house.door.mediaToken(of: .guest(token), for: made.id) == entry.mediaToken)
            #expect(try await house.door.mediaToken(of: .anonymous, for: made.id) == nil)
            let expected: [(String?, Rights)] = [
                (entry.mediaToken, [.view, .download, .mediaOnly]), (own, [.view, .original, .desk, .download, .mediaOnly]),
            ]
            for (text, rights) in expected {
                let text = try #require(text)
                #expect(house.accounts.grantChecker.check(text)?.rights == rights)
                await #expect(throws: Problem.self) { try await house.accounts.authenticator.principal(bearer: text) }
            }
        }
    }

    @Test("the code of another session, or none, opens nothing; guessing is limited")
    func wrongCodes() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            let one = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner)
            _ = try await house.sessions.create(title: "Two", accessCode: "two-2", owner: owner)
            var statuses: [Int] = []
            for _ in 0..<40 {
                do {
                    _ = try await house.sessions.enter(one.id, code: "two-2", name: nil, address: "1.2.3.4")
                } catch let problem as Problem { statuses.append(problem.status) }
            }
            #expect(statuses.first == 403 && statuses.last == 429 && statuses.count == 40)
        }
    }

    @Test("a new code shows guests out, a new title does not")
    func changes() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            let made = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner)
            let (entry, _) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            _ = try await house.sessions.update(made.id, SessionChange(title: "Better"))
            #expect(house.accounts.grantChecker.check(entry.token) != nil)
            let changed = try await house.sessions.update(made.id, SessionChange(accessCode: "two-2"))
            #expect(changed.title == "Better" && changed.accessCode == "two-2")
            #expect(house.accounts.grantChecker.check(entry.token) == nil)
        }
    }

    @Test("guests save what the session lets them, and whoever could save more before comes in anew")
    func downloads() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            let made = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner)
            func change(_ downloads: SessionSettings.Downloads?, guestDownloads: Bool? = nil) async throws -> SessionSettings.Downloads? {
                let change = SettingsChange(downloads: downloads, guestDownloads: guestDownloads)
                return try await house.sessions.update(made.id, SessionChange(settings: change)).settings?.downloads
            }
            func rights() async throws -> Rights {
                try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a").1.rights
            }
            #expect(try await rights() == [.view, .download])
            #expect(try await change(nil, guestDownloads: true) == .original)
            let (entry, token) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            #expect(token.rights == [.view, .download, .original] && entry.session.rights == ["view", "download", "original"])
            #expect(try await change(nil, guestDownloads: false) == .watermarked)
            #expect(house.accounts.grantChecker.check(entry.mediaToken) == nil)
            #expect(try await change(SessionSettings.Downloads.none) == SessionSettings.Downloads.none)
            #expect(try await rights() == .view)
            // Programs that know only the older setting take nothing back by repeating it.
            #expect(try await change(nil, guestDownloads: false) == SessionSettings.Downloads.none)
        }
    }

    @Test("what guests may save stands when a program that does not know of it writes the settings", arguments: [
        (.none, #"{"guestDownloads":false}"#, .none),
        (.none, #"{"guestDownloads":true}"#, .original), (.original, #"{"guestDownloads":false}"#, .watermarked),
        (.original, #"{"guestDownloads":true}"#, .original), (.watermarked, #"{"guestDownloads":false}"#, .watermarked),
    ] as [(SessionSettings.Downloads, String, SessionSettings.Downloads)])
    func rollingUpgrade(chosen: SessionSettings.Downloads, written: String, result: SessionSettings.Downloads) async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer().userID!
            let made = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner)
            let change = SettingsChange(downloads: chosen)
            #expect(try await house.sessions.update(made.id, SessionChange(settings: change)).settings?.downloads == chosen)
            _ = try await house.database.write { tx in try tx.execute("UPDATE sessions SET settings = \(written)") }
            #expect(try await house.sessions.view(made.id, rights: .owner).settings?.downloads == result)
            let (_, token) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            #expect(token.rights == result.rights.union(.view))
            // Of a session from before there was a choice, what its settings say counts.
            _ = try await house.database.write { tx in try tx.execute("UPDATE sessions SET downloads = NULL") }
            let older: SessionSettings = try JSON.decode(from: written)
            #expect(try await house.sessions.view(made.id, rights: .owner).settings?.downloads == older.downloads)
        }
    }

    @Test("settings from before there was a choice mean what they meant", arguments: [(#"{"guestDownloads":true}"#, true), ("{}", false)])
    func olderSettings(text: String, isOriginal: Bool) throws {
        let settings: SessionSettings = try JSON.decode(from: text)
        #expect(settings.downloads == (isOriginal ? .original : .watermarked))
        #expect(try JSON.decode(from: try JSON.text(settings)) == settings)
    }

    @Test("a deleted session is gone for its owner, its guests and its code at once")
    func deletion() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let made = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let (entry, _) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            try await house.sessions.delete(made.id)
            #expect(try await house.door.resource(owner, made.id) == .session(made.id, held: []))
            #expect(house.accounts.grantChecker.check(entry.token) == nil)
            #expect(try await house.sessions.list(for: owner, after: nil, limit: 10).items.isEmpty)
            await #expect(throws: Problem.self) {
                try await house.sessions.enter(nil, code: "one-1", name: nil, address: "b")
            }
        }
    }

    @Test("nobody but those with rights uploads, and only while the session is active")
    func admission() async throws {
        try await TestHouse.with { house in
            let owner = try await house.photographer()
            let stranger = try await house.photographer("eve")
            let made = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let (_, guest) = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "a")
            let file = house.upload(into: made.id).declaration
            #expect(try await house.door.admit(file, from: owner).sessionID == made.id)
            await #expect(throws: Problem.notFound("session")) { try await house.door.admit(file, from: stranger) }
            await #expect(throws: Problem.self) { try await house.door.admit(file, from: .guest(guest)) }
            _ = try await house.sessions.update(made.id, SessionChange(status: .ended))
            await #expect(throws: Problem.self) { try await house.door.admit(file, from: owner) }
        }
    }
}
