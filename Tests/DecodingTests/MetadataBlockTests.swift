import Core
import TestSupport
import Testing

@testable import Decoding

@Suite("What photographers write") struct EditorialTests {
    private static let attributes = """
        <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
        xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating='4'>
        <dc:title><rdf:Alt><rdf:li xml:lang="de">Gipfel</rdf:li><rdf:li xml:lang="x-default">Summit &amp; sky &#x2603;</rdf:li></rdf:Alt></dc:title>
        <!-- <dc:title>no</dc:title> -->
        <dc:subject><rdf:Bag><rdf:li>snow</rdf:li><rdf:li>ice</rdf:li></rdf:Bag></dc:subject>
        <dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>
        <dc:rights><rdf:Alt><rdf:li xml:lang="x-default"><![CDATA[© <Ada>]]></rdf:li></rdf:Alt></dc:rights>
        </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>
        """

    @Test("an XMP packet is read: lists, languages, references, attributes")
    func packet() throws {
        let content = try #require(XMPReader.read(Array(Self.attributes.utf8)))
        #expect(content.editorial.title == "Summit & sky ☃")
        #expect(content.editorial.keywords == ["snow", "ice"])
        #expect(content.editorial.rating == 4)
        #expect(content.editorial.caption == nil)
        #expect((content.creator, content.rights) == ("Ada", "© <Ada>"))
    }

    @Test("names count by what their prefix stands for")
    func prefixes() {
        let packet = { (space: String) in
            Array("<r:Description xmlns:q=\"\(space)\"><q:Rating>5</q:Rating></r:Description>".utf8)
        }
        #expect(XMPReader.read(packet("http://ns.adobe.com/xap/1.0/"))?.editorial.rating == 5)
        #expect(XMPReader.read(packet("http://example.com/")) == nil)
    }

    @Test("a rating is a number of stars or none", arguments: [
        ("5", 5), ("-1", -1), ("3.0", 3), ("6", nil), ("99999999999999999999", nil), ("nan", nil), ("five", nil), ("", nil),
    ] as [(String, Int?)])
    func rating(text: String, expected: Int?) {
        let packet = "<r:Description xmlns:x=\"http://ns.adobe.com/xap/1.0/\" x:Rating=\"\(text)\"/>"
        #expect(XMPReader.read(Array(packet.utf8))?.editorial.rating == expected)
    }

    @Test("a document type, deep nesting and cut or changed packets end the reading, at no great cost")
    func hostile() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><r:Description xmlns:x=\"http://ns.adobe.com/xap/1.0/\" x:Rating=\"1\"/>"
        #expect(XMPReader.read(Array(bomb.utf8)) == nil)
        _ = XMPReader.read(Array(String(repeating: "<a:b>", count: 100_000).utf8))
        _ = XMPReader.read(Array(String(repeating: "&", count: 200_000).utf8))
        _ = XMPReader.read(Array(("<a b=\"" + String(repeating: "&#", count: 100_000)).utf8))
        let whole = Array(Self.attributes.utf8)
        for count in stride(from: 0, to: whole.count, by: 7) { _ = XMPReader.read(Array(whole.prefix(count))) }
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            var changed = whole
            for _ in 0..<8 { changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            _ = XMPReader.read(changed)
        }
    }

    /// One data set of the application record.
    private static func dataSet(_ number: UInt8, _ text: String) -> [UInt8] {
        let value = Array(text.utf8)
        return [0x1C, 2, number, UInt8(value.count >> 8), UInt8(value.count & 0xFF)] + value
    }

    private static let records = dataSet(5, "Summit") + dataSet(25, "snow") + dataSet(25, "ice") + dataSet(80, "Ada")
        + dataSet(116, "Ada's") + dataSet(120, "Morning, Grüße")

    @Test("IPTC records are read, bare or within Photoshop's resources", arguments: [true, false])
    func iptc(isBare: Bool) throws {
        let length = withUnsafeBytes(of: UInt32(Self.records.count).bigEndian, Array.init)
        let other = Array("8BIM".utf8) + [4, 0x0B, 3] + Array("url".utf8) + [0, 0, 0, 1, 9, 0]
        let wrapped = Array("Photoshop 3.0\0".utf8) + other + Array("8BIM".utf8) + [4, 4, 0, 0] + length + Self.records
        let content = try #require(IPTCReader.read(isBare ? Self.records : wrapped))
        #expect(content.editorial.title == "Summit" && content.editorial.caption == "Morning, Grüße")
        #expect(content.editorial.keywords == ["snow", "ice"])
        #expect((content.creator, content.rights) == ("Ada", "Ada's"))
        for count in wrapped.indices { _ = IPTCReader.read(Array(wrapped.prefix(count))) }
    }
}
