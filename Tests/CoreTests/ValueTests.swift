import Core
import Foundation
import Testing

@Suite("Ids, times and cursors")
struct ValueTests {
    @Test("an id carries its moment, the version and the variant of a UUIDv7")
    func identifierLayout() throws {
        let id = UserID(at: Timestamp(milliseconds: 0x0193_9A2E_7C1B))
        #expect(id.description.hasPrefix("01939a2e-7c1b-7"))
        #expect("89ab".contains(id.description.dropFirst(19).first!))
        #expect(UserID(id.description) == id)
    }

    @Test("ids sort by the time they were made")
    func identifierOrder() {
        let ids = (1...50).map { UserID(at: Timestamp(milliseconds: Int64($0) * 1000)) }
        #expect(ids.shuffled().sorted() == ids)
    }

    @Test("text that is no UUID is no id", arguments: ["", "x", "01939a2e-7c1b-7d4e-9b54-0c9f5a3de0011", "01939a2e7c1b7d4e9b540c9f5a3de001"])
    func malformedIdentifier(text: String) {
        #expect(SessionID(text) == nil)
    }

    @Test("a time is RFC 3339 with milliseconds on the wire, and comes back the same")
    func timestampText() throws {
        let time = Timestamp(milliseconds: 1_795_253_400_125)
        #expect(time.description == "2026-11-21T09:30:00.125Z")
        #expect(Timestamp(time.description) == time)
        #expect(Timestamp("2026-11-21T09:30:00Z") == Timestamp(milliseconds: 1_795_253_400_000))
        #expect(Timestamp("yesterday") == nil)
    }

    @Test("every millisecond comes back as the same", arguments: [0, 1_000_000, 1_795_253_400_000, -5000] as [Int64])
    func milliseconds(start: Int64) {
        for time in (start..<start + 2000).map(Timestamp.init(milliseconds:)) where Timestamp(time.description) != time {
            Issue.record("\(time.milliseconds) became \(time)")
        }
    }

    @Test("a cursor comes back as it went out; anything else is a 400", arguments: ["", "????", "bm90aGluZw", Cursor(key: 0, id: "name~\0").text])
    func cursor(malformed: String) throws {
        let cursor = Cursor(key: -5, id: "a~b")
        #expect(try Cursor(cursor.text) == cursor)
        #expect(throws: Problem.self) { try Cursor(malformed) }
    }

    @Test("a page of limit + 1 rows says how to go on, a shorter one does not")
    func pages() throws {
        let full = Page([1, 2, 3], limit: 2) { Cursor(key: Int64($0), id: "x") }
        #expect(full.items == [1, 2])
        #expect(try full.nextCursor.map(Cursor.init)?.key == 2)
        #expect(Page([1, 2], limit: 2) { Cursor(key: Int64($0), id: "x") }.nextCursor == nil)
    }

    @Test("a secret shows three dots wherever it is printed")
    func secrets() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret)\(String(reflecting: secret))\(dumped)".contains("hunter2"))
    }

    @Test("base64url comes back for every length", arguments: 0..<20)
    func base64URL(count: Int) {
        let data = Data((0..<count).map { _ in UInt8.random(in: 0...255) })
        let text = data.base64URLEncodedString()
        #expect(!text.contains { "+/=".contains($0) })
        #expect(Data(base64URLEncoded: text) == data)
    }
}
