import Core
import Foundation
import Testing

@testable import Accounts

@Suite struct SigningKeysTests {
    private func permissions(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `the file is made once, for its owner only, and leaves nothing beside it`() async throws {
        try await withFolder { folder in
            let first = try SigningKeys.load(fromFolder: folder + "/data")
            let second = try SigningKeys.load(fromFolder: folder + "/data")
            #expect(first.all == second.all)
            #expect(first.all.count == 1)
            #expect(try permissions(folder + "/data/keys.json") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/data") == ["keys.json"])
        }
    }

    @Test func `processes that start at once share one key`() async throws {
        try await withFolder { folder in
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 { group.addTask { try SigningKeys.load(fromFolder: folder).all.map(\.id) } }
                return try await group.reduce(into: Set<[String]>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test func `who comes second to make the file leaves the first's as it is`() async throws {
        try await withFolder { folder in
            let file = SigningKeysFile(folder: folder)
            try file.create()
            let secrets = try file.read()
            try file.create()
            #expect(try file.read() == secrets)
        }
    }

    @Test func `a rotation puts a new key first, keeps four, and is seen by others`() async throws {
        try await withFolder { folder in
            let mine = try SigningKeys.load(fromFolder: folder)
            let others = try SigningKeys.load(fromFolder: folder)
            let original = mine.all
            try mine.rotate()
            #expect(mine.all.count == 2 && mine.all[1] == original[0])
            #expect(others.all == original)
            try others.reload()
            #expect(others.all == mine.all)
            for _ in 0..<4 { try mine.rotate() }
            #expect(mine.all.count == 5 && !mine.all.contains(original[0]))
            #expect(try permissions(folder + "/keys.json") == 0o600)
        }
    }

    @Test func `a file that others may read is closed to them`() async throws {
        try await withFolder { folder in
            _ = try SigningKeys.load(fromFolder: folder)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/keys.json")
            _ = try SigningKeys.load(fromFolder: folder)
            #expect(try permissions(folder + "/keys.json") == 0o600)
        }
    }

    @Test(arguments: [
        ("", "malformed"), ("{}", "malformed"), (#"{"keys":["%%%"]}"#, "malformed"), (#"{"keys":[]}"#, "none"),
        (#"{"keys":["c2hvcnQ"]}"#, "short"),
    ])
    func `a damaged file is refused, not replaced`(content: String, what: String) async throws {
        try await withFolder { folder in
            let path = folder + "/keys.json"
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            let expected: SigningKeyError =
                what == "none" ? .none : what == "short" ? .tooShort : .malformed(path: path)
            #expect(throws: expected) { try SigningKeys.load(fromFolder: folder) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
        }
    }

    @Test func `given keys have a least length, the same id everywhere, and no file to rotate`() throws {
        let secret = Secret(String(repeating: "s", count: 32))
        #expect(throws: SigningKeyError.tooShort) { try SigningKeys(secrets: [Secret("too short")]) }
        #expect(throws: SigningKeyError.none) { try SigningKeys(secrets: []) }
        let keys = try SigningKeys(secrets: [secret])
        #expect(try keys.all == SigningKeys(secrets: [secret]).all)
        #expect(throws: SigningKeyError.given) { try keys.rotate() }
    }
}
