import Foundation
import Testing
import WebServer

@Suite("File names for saving")
struct ContentDispositionTests {
    @Test(
        "are quoted, and given in UTF-8 when ASCII would lose something",
        arguments: [
            ("IMG_1.JPG", "attachment; filename=\"IMG_1.JPG\""), ("a b (1).jpg", "attachment; filename=\"a b (1).jpg\""),
            ("a;b,c='d'.jpg", "attachment; filename=\"a;b,c='d'.jpg\""),
            ("été 1.jpg", "attachment; filename=\"_t_ 1.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9%201.jpg"),
            ("婚礼.heic", "attachment; filename=\"__.heic\"; filename*=UTF-8''%E5%A9%9A%E7%A4%BC.heic"),
            ("👰🏽.jpg", "attachment; filename=\"__.jpg\"; filename*=UTF-8''%F0%9F%91%B0%F0%9F%8F%BD.jpg"),
            ("a\"b.jpg", "attachment; filename=\"a_b.jpg\"; filename*=UTF-8''a%22b.jpg"),
            ("100%.jpg", "attachment; filename=\"100_.jpg\"; filename*=UTF-8''100%25.jpg"),
            ("a'*.jpg", "attachment; filename=\"a'*.jpg\""), ("ä'*.jpg", "attachment; filename=\"_'*.jpg\"; filename*=UTF-8''%C3%A4%27%2A.jpg"),
        ])
    func headers(filename: String, header: String) {
        #expect(ContentDisposition.text(filename, isAttachment: true) == header)
        #expect(ContentDisposition.text(filename, isAttachment: false) == header.replacing("attachment", with: "inline"))
    }

    @Test(
        "are names and nothing else",
        arguments: [
            ("a\r\nX: y.jpg", "a__X: y.jpg"), ("a\nb\u{0}c\u{7F}d\u{85}.jpg", "a_b_c_d_.jpg"), ("C:\\shoot\\1.jpg", "C:_shoot_1.jpg"),
            ("../../etc/passwd", "___.._etc_passwd"), ("/etc/passwd", "_etc_passwd"), (".htaccess", "_htaccess"), ("..", "__"), (".", "_"),
            ("", "file"), ("   ", "file"), ("  a.jpg ", "a.jpg"), ("photo\u{202E}gpj.exe", "photo_gpj.exe"), ("a\u{2028}b\u{FEFF}", "a_b_"),
            ("\u{FFFF}a", "_a"), ("👨‍👩‍👧.jpg", "👨‍👩‍👧.jpg"), ("e\u{301}.jpg", "e\u{301}.jpg"),
        ])
    func names(filename: String, name: String) {
        #expect(ContentDisposition.name(filename).unicodeScalars.elementsEqual(name.unicodeScalars))
    }

    @Test("that are too long are cut before their extension, between characters", arguments: [
        (String(repeating: "a", count: 1000) + ".jpeg", 200, "a.jpeg"), (String(repeating: "é", count: 500) + ".jpg", 200, "é.jpg"),
        (String(repeating: "👨‍👩‍👧", count: 100) + ".jpg", 184, "👨‍👩‍👧.jpg"), ("a." + String(repeating: "b", count: 400), 200, "bb"),
        ("e" + String(repeating: "\u{301}", count: 400) + ".jpg", 199, "\u{301}.jpg"), (String(repeating: ".", count: 300), 200, "___"),
    ])
    func long(filename: String, bytes: Int, end: String) {
        let name = ContentDisposition.name(filename)
        #expect(name.utf8.count == bytes)
        #expect(name.unicodeScalars.reversed().starts(with: end.unicodeScalars.reversed()))
    }

    @Test("make one header of any text", arguments: 0..<10)
    func fuzz(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let odd = Array("\"\\/%'*;=.\r\n\0 ").flatMap(\.unicodeScalars)
        for _ in 0..<200 {
            let filename = String(String.UnicodeScalarView((0..<Int.random(in: 0...300, using: &random)).map { _ in
                if Bool.random(using: &random) { return odd.randomElement(using: &random)! }
                return Unicode.Scalar(UInt32.random(in: 0...0x2FFFF, using: &random)) ?? "x"
            }))
            let header = ContentDisposition.text(filename, isAttachment: true)
            #expect(header.utf8.allSatisfy { (32...126).contains($0) } && header.utf8.count < 1000)
            let match = try #require(header.wholeMatch(of: /attachment; filename="([^"\\%]+)"(?:; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+))?/))
            let name = ContentDisposition.name(filename)
            #expect((match.2.map { String($0).removingPercentEncoding } ?? String(match.1)) == name)
            #expect(!name.isEmpty && name.utf8.count <= ContentDisposition.longestName && !name.hasPrefix("."))
        }
    }
}
