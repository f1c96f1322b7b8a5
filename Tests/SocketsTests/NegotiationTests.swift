import NIOHTTP1
import Testing

@testable import Sockets

@Suite("What is agreed on about compression")
struct NegotiationTests {
    static func element(_ name: String, _ parameters: (String, String?)...) -> WebSocketExtension {
        WebSocketExtension(name: name, parameters: parameters.map { .init(name: $0.0, value: $0.1) })
    }

    @Test(
        "offers are read in their order",
        arguments: [
            ([], []), ([""], []), ([" , ,"], []), (["a"], [element("a")]),
            (["a, b", "c"], [element("a"), element("b"), element("c")]),
            (["a;x;y=1 ; z = \"2\"\t,,b"], [element("a", ("x", nil), ("y", "1"), ("z", "2")), element("b")]),
            ([#"a; x="1\5""#], [element("a", ("x", "15"))]),
        ] as [([String], [WebSocketExtension])])
    func wellFormed(fields: [String], expected: [WebSocketExtension]) {
        #expect(WebSocketExtension.list(fields) == expected)
    }

    static let malformed = [
        "a b", "a;", "a; ,b", "a;=1", "a;x=", "a;x=\"", "a;x=\"\"", "a;x=\"1 2\"", "a;x=\"1", "=a", "a/b", "ä", ";x", "a;x=1=2",
        "a;x=\"\\",
    ]

    @Test("a malformed field is refused", arguments: malformed)
    func refused(field: String) {
        #expect(WebSocketExtension.list(["x", field]) == nil)
        let head = HandshakeTests.head([("Sec-WebSocket-Extensions", field)])
        #expect(HandshakeTests.status(WebSocketHandshake.decide(head, origins: .any)) == .badRequest)
    }

    @Test("fields longer than any client needs are refused")
    func tooLong() {
        #expect(WebSocketExtension.list([String(repeating: "a,", count: 2048)])?.count == 2048)
        #expect(WebSocketExtension.list([String(repeating: "a,", count: 2048), "a"]) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var offers: String
        var answer: String?
        var change: @Sendable (inout PermessageDeflate.Configuration) -> Void
        var testDescription: String { "\(offers) -> \(answer ?? "nothing")" }

        init(
            _ offers: String, _ answer: String?, _ change: @escaping @Sendable (inout PermessageDeflate.Configuration) -> Void = { _ in }
        ) {
            (self.offers, self.answer, self.change) = (offers, answer, change)
        }
    }

    static let pmd = "permessage-deflate"
    static let both: @Sendable (inout PermessageDeflate.Configuration) -> Void = {
        $0.serverContextTakeover = true
        $0.clientContextTakeover = true
    }
    static let none = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    static let cases: [Case] = [
        // The server's wish, and the client's.
        Case(pmd, none),
        Case("Permessage-Deflate", none),
        Case(pmd, pmd, both),
        Case(pmd, pmd + "; client_no_context_takeover") { $0.serverContextTakeover = true },
        Case(pmd + "; server_no_context_takeover", pmd + "; server_no_context_takeover", both),
        Case(pmd + "; client_no_context_takeover", pmd + "; client_no_context_takeover", both),
        // Windows.
        Case(pmd + "; client_max_window_bits", pmd, both),
        Case(pmd + "; client_max_window_bits=15", pmd + "; client_max_window_bits=15", both),
        Case(pmd + "; client_max_window_bits=\"10\"", pmd + "; client_max_window_bits=10", both),
        Case(pmd + "; client_max_window_bits=8", pmd + "; client_max_window_bits=8", both),
        Case(pmd + "; server_max_window_bits=15", pmd + "; server_max_window_bits=15", both),
        Case(pmd + "; server_max_window_bits=8", pmd + "; server_max_window_bits=8", both),
        Case(pmd + "; server_max_window_bits=12", none + "; server_max_window_bits=10") { $0.serverWindowBits = 10 },
        Case(pmd, none) { $0.serverWindowBits = 10 },
        Case(pmd + "; client_max_window_bits", none + "; client_max_window_bits=11") { $0.clientWindowBits = 11 },
        Case(pmd + "; client_max_window_bits=9", none + "; client_max_window_bits=9") { $0.clientWindowBits = 11 },
        Case(pmd, nil) { $0.clientWindowBits = 11 },
        Case(pmd + ", " + pmd + "; client_max_window_bits", none + "; client_max_window_bits=11") { $0.clientWindowBits = 11 },
        // What declines an offer, but not the next.
        Case("x-webkit-deflate-frame", nil),
        Case(pmd + "; what", nil),
        Case(pmd + "; server_no_context_takeover=1", nil),
        Case(pmd + "; client_no_context_takeover=1", nil),
        Case(pmd + "; server_max_window_bits", nil),
        Case(pmd + "; server_no_context_takeover; server_no_context_takeover", nil),
        Case(pmd + "; client_max_window_bits; client_max_window_bits=9", nil),
        Case(pmd + "; what, x; y=z, " + pmd, none),
        Case(pmd + "; server_max_window_bits=7, " + pmd + "; server_max_window_bits=9", none + "; server_max_window_bits=9"),
    ]

    @Test("the first offer that can be met is answered", arguments: cases)
    func negotiate(example: Case) throws {
        var configuration = PermessageDeflate.Configuration()
        example.change(&configuration)
        let head = HandshakeTests.head([("Sec-WebSocket-Extensions", example.offers)])
        let decision = WebSocketHandshake.decide(head, origins: .any, compression: configuration)
        guard case .accept(let headers) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(headers["Sec-WebSocket-Extensions"] == (example.answer.map { [$0] } ?? []))
        // What was told to the client is what holds.
        let offers = try #require(WebSocketExtension.list([example.offers]))
        let agreed = PermessageDeflate.negotiate(offers, configuration)?.0
        let read = PermessageDeflate(acceptedIn: headers)
        #expect((agreed == nil) == (read == nil))
        #expect(agreed?.clientWindowBits == read?.clientWindowBits)
        #expect(agreed?.serverContextTakeover == read?.serverContextTakeover)
        #expect(agreed?.clientContextTakeover == read?.clientContextTakeover)
    }

    @Test(
        "a window is 8 to 15, in decimal digits without zeros before them",
        arguments: ["", "7", "16", "08", "+9", "9 ", "0x9", "99999999999"])
    func windows(value: String) throws {
        for name in ["client_max_window_bits", "server_max_window_bits"] {
            let offer = Self.element("permessage-deflate", (name, value))
            #expect(PermessageDeflate.negotiate([offer], .init()) == nil)
        }
    }

    @Test("without compression configured nothing is agreed on")
    func off() {
        let head = HandshakeTests.head([("Sec-WebSocket-Extensions", "permessage-deflate")])
        guard case .accept(let headers) = WebSocketHandshake.decide(head, origins: .any) else {
            Issue.record("refused")
            return
        }
        #expect(!headers.contains(name: "Sec-WebSocket-Extensions"))
    }
}
