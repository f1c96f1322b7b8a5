import Core
import Testing

@Suite struct MediaCookieTests {
    private static let session = SessionID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de001")!
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func setting(isSecure: Bool = false, until end: Timestamp = now + .seconds(60)) -> String {
        MediaCookie.setting("lg1.abc.def", of: Self.session, until: end, now: Self.now, isSecure: isSecure)
    }

    @Test func `a cookie goes to media alone, is hidden from scripts, and stays with its own site`() {
        #expect(
            setting() == "lumiere-media-01939a2e-7c1b-7d4e-9b54-0c9f5a3de001=lg1.abc.def; Path=/media; Max-Age=60; HttpOnly; SameSite=Lax")
        #expect(setting(isSecure: true).hasSuffix("; Secure"))
        #expect(setting(until: Self.now - .seconds(5)).contains("Max-Age=0;"))
    }

    @Test func `a cookie is removed by one that is over, and says nothing`() {
        let removal = MediaCookie.removal(of: Self.session, isSecure: true)
        #expect(removal == "lumiere-media-\(Self.session)=; Path=/media; Max-Age=0; HttpOnly; SameSite=Lax; Secure")
        #expect(MediaCookie.tokens(in: "lumiere-media-\(Self.session)=").isEmpty)
    }

    @Test(arguments: [
        (nil, []), ("", []), ("lumiere-media-", []), ("lumiere-media-x=", []), ("theme=dark", []), ("theme=lumiere-media-x", []),
        ("lumiere-media-a=1", ["1"]), ("theme=dark; lumiere-media-a=1;lumiere-media-b=2=3; x", ["1", "2=3"]),
        ("xlumiere-media-a=1", []), (";;==;lumiere-media-a=1", ["1"]),
    ] as [(String?, [String])])
    func `of a browser's cookies those for media are found`(field: String?, tokens: [String]) {
        #expect(MediaCookie.tokens(in: field) == tokens)
    }

    @Test func `of many sessions the latest count, and a field without end is not read`() {
        let pairs = (0..<40).map { "lumiere-media-\($0)=\($0)" }
        #expect(MediaCookie.tokens(in: pairs.joined(separator: "; ")) == (24..<40).map(String.init))
        #expect(MediaCookie.tokens(in: String(repeating: "lumiere-media-a=1;", count: 1000)).isEmpty)
    }

    @Test func `the token of one session is found wherever it stands, and no other is taken for it`() {
        let own = "lumiere-media-\(Self.session)"
        let others = (0..<40).map { "lumiere-media-\($0)=\($0)" }
        let field = (["\(own)=mine"] + others).joined(separator: "; ")
        #expect(MediaCookie.token(in: field, of: Self.session) == "mine")
        #expect(MediaCookie.furtherTokens(in: field) == ["mine"] + (0..<24).map(String.init))
        #expect(!MediaCookie.tokens(in: field).contains("mine"))
        // Of two with one name, the one that was set later.
        #expect(MediaCookie.token(in: "\(own)=old; \(own)=new", of: Self.session) == "new")
        for field in [nil, "", others.prefix(16).joined(separator: "; ")] { #expect(MediaCookie.furtherTokens(in: field).isEmpty) }
        for field in [nil, "", "x\(own)=a", "\(own)a=a", "\(own)", others.joined(separator: "; ")] {
            #expect(MediaCookie.token(in: field, of: Self.session) == nil)
        }
    }
}
