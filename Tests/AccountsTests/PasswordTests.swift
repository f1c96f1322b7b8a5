import Core
import Testing

@testable import Accounts

@Suite struct PasswordTests {
    @Test func `a hash survives being stored and knows its password only`() throws {
        let stored = try PasswordHash(of: "correct horse", cost: 10).text
        let hash = try #require(PasswordHash(stored))
        #expect(stored.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
        #expect(try hash.matches("correct horse"))
        #expect(try !hash.matches("correct horsf"))
    }

    @Test func `the standard cost fits in the memory it is given`() throws {
        #expect(try PasswordHash(of: "correct horse", cost: PasswordHash.standardCost).matches("correct horse"))
    }

    @Test func `the same password never has the same hash twice`() throws {
        #expect(try PasswordHash(of: "correct horse", cost: 10) != PasswordHash(of: "correct horse", cost: 10))
    }

    @Test func `an accent may be written in two ways`() throws {
        #expect(try PasswordHash(of: "cafe\u{301} noir", cost: 10).matches("caf\u{e9} noir"))
    }

    @Test func `the cost is part of the hash`() throws {
        let stored = try PasswordHash(of: "pleaseletmein", cost: 12).text
        #expect(try PasswordHash(stored.replacing("ln=12", with: "ln=11"))?.matches("pleaseletmein") == false)
    }

    @Test func `a hash made by another implementation opens`() throws {
        // Python: hashlib.scrypt(b"correct horse", salt=bytes(range(16)), n=4096, r=8, p=1, dklen=32)
        let hash = try #require(PasswordHash("$scrypt$ln=12,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$nxT5yUcmhFTg_6o1qwf57vRwZhaunnM-rEA0Ksy6waw"))
        #expect(try hash.matches("correct horse"))
    }

    @Test(arguments: [
        "", "plain", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$a2V5", "$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
        "$scrypt$ln=9,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=12,r=8,p=1$AA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `a foreign or expensive hash is not read`(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test func `an account that does not exist has no password`() async throws {
        let hasher = PasswordHasher(cost: 10)
        #expect(try await !hasher.verify("", against: nil))
        #expect(try await !hasher.verify("password", against: "not a hash"))
    }

    @Test func `when all places are taken the next is refused at once`() async {
        let hasher = PasswordHasher(cost: 10, running: 0, waiting: 0)
        #expect(await code { try await hasher.hash("password") } == "busy")
    }

    @Test func `more callers than threads are served in turn`() async throws {
        let hasher = PasswordHasher(cost: 10, running: 2, waiting: 16)
        let hashes = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<12 { group.addTask { try await hasher.hash("password \(number)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(hashes).count == 12)
    }
}

@Suite struct HashingLineTests {
    @Test func `two run, one waits, the next is refused`() {
        var line = HashingLine<Int>(running: 2, waiting: 1)
        let arrivals = (1...4).map { line.arrive($0) }
        #expect(arrivals == [.start, .start, .wait, .refuse])
    }

    @Test func `a thread takes the longest waiting and ends when nobody waits`() {
        var line = HashingLine<Int>(running: 1, waiting: 2)
        _ = (line.arrive(1), line.arrive(2), line.arrive(3))
        let next = (1...3).map { _ in line.finished() }
        #expect(next == [2, 3, nil])
        let arrival = line.arrive(4)
        #expect(arrival == .start)
    }
}
