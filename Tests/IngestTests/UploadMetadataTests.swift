import Core
import Foundation
import Testing

@testable import Ingest

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

@Suite("Upload-Metadata")
struct UploadMetadataTests {
    @Test("is read as pairs of key and Base64")
    func pairs() throws {
        let metadata = try UploadMetadata("filename \(base64("Grüße.jpg")), relativePath bnVsbA==,is_confidential")
        #expect(metadata.pairs == ["filename": "Grüße.jpg", "relativePath": "null", "is_confidential": ""])
        #expect(try UploadMetadata("").pairs.isEmpty)
    }

    @Test("is refused when malformed or too large", arguments: [
        "a YQ==,a Yg==", "a YQ==,", ",a YQ==", " ", "a  YQ==", "a YQ== x", "a !!!!", "a YQ", "a \u{7F}", "a /w==", "a wK8=", "a 7aCA", "a 9JCAgA==", "\u{202E}a YQ==", "a\0 YQ==",
        "\(String(repeating: "k", count: 65)) YQ==",
        (0...UploadMetadata.maxPairs).map { "k\($0) YQ==" }.joined(separator: ","),
        "a " + String(repeating: "QUFB", count: 1100),
    ])
    func refused(_ header: String) {
        let problem = #expect(throws: Problem.self) { try UploadMetadata(header) }
        #expect(problem?.code == "bad_metadata")
    }

    @Test("asks for a file that is there already to be complete in one way only", arguments: [
        ("ifKnown \(base64("complete"))", true), ("ifKnown", false), ("ifKnown \(base64("skip"))", false),
        ("sha256 \(base64(String(repeating: "ab", count: 32)))", false), ("", false),
    ])
    func known(_ header: String, _ isAccepted: Bool) throws {
        #expect(try UploadMetadata(header).acceptsKnown == isAccepted)
    }

    @Test("gives the declaration under any of the names clients use")
    func declaration() throws {
        let id = "01939A2E-7C1B-7D4E-9B54-0C9F5A3DE001"
        let header = """
            sessionId \(base64(id)),name \(base64("../../etc/a.JPG")),type \(base64("Image/JPEG; q=1")),\
            sha256 \(base64(String(repeating: "AB", count: 32)))
            """
        let declaration = try UploadMetadata(header).declaration(length: 5)
        #expect(
            declaration == UploadDeclaration(
                purpose: "session", target: id.lowercased(), filename: "a.JPG", contentType: "image/jpeg", length: 5,
                sha256: String(repeating: "ab", count: 32)))
    }

    @Test("must not carry a digest that is none")
    func badDigest() throws {
        let header = "session \(base64("01939a2e-7c1b-7d4e-9b54-0c9f5a3de001")),sha256 \(base64("abc"))"
        #expect(throws: Problem.self) { try UploadMetadata(header).declaration(length: nil) }
    }

    @Test("of any bytes is read or refused, and never more than it says", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(_ seed: UInt64) {
        var random = SeededGenerator(seed)
        let alphabet = Array("ab Yg==,;\u{0}\u{e9}\"ZA/+-_\t")
        for _ in 0..<2000 {
            let text = String((0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
            guard let metadata = try? UploadMetadata(text) else { continue }
            let again = metadata.pairs.map { $0.value.isEmpty ? $0.key : "\($0.key) \(base64($0.value))" }
            #expect((try? UploadMetadata(again.joined(separator: ",")).pairs) == metadata.pairs, "\(text)")
        }
    }
}

@Suite("Names from clients")
struct FileNameTests {
    @Test("of files lose paths and what cannot be seen", arguments: [
        ("a.jpg", "a.jpg"), ("/etc/passwd", "passwd"), ("C:\\fakepath\\b.jpg", "b.jpg"), ("..", "upload"), ("", "upload"),
        ("...", "upload"), ("a/", "a"), ("\u{0}\u{1F}x\u{7F}.jpg\r\n", "x.jpg"), ("\u{202E}gpj.exe", "gpj.exe"),
        ("  spaced name.png ", "spaced name.png"), ("👩‍👧.jpg", "👩‍👧.jpg"),
        ("nul", "_nul"), ("CON.tar.jpg", "_CON.tar.jpg"), ("com1.jpg", "_com1.jpg"), ("console.jpg", "console.jpg"),
        ("a.jpg. .", "a.jpg"), ("\u{200D}\u{200C}", "upload"), ("a\0/../b\0.jpg", "b.jpg"), ("/\u{301}a", "\u{301}a"),
        ("\u{2066}a\u{2069}\u{FEFF}\u{2028}.jpg", "a.jpg"), ("%2e%2e%2f", "%2e%2e%2f"),
    ])
    func clean(_ name: String, _ expected: String) {
        #expect(SafeFileName.clean(name) == expected)
    }

    @Test("of files keep their extension when they are cut")
    func cut() {
        let name = SafeFileName.clean(String(repeating: "é", count: 300) + ".jpeg")
        #expect(name.utf8.count == 255)
        #expect(name.hasSuffix("é.jpeg"))
        #expect(SafeFileName.clean(String(repeating: "x", count: 300)).utf8.count == 255)
        #expect(SafeFileName.clean("a" + String(repeating: "\u{301}", count: 300) + ".jpg") == "upload.jpg")
    }

    @Test("of media types are well-formed or replaced", arguments: [
        ("image/jpeg", "image/jpeg"), ("Image/PNG ; a=b", "image/png"), ("", "application/octet-stream"),
        ("image", "application/octet-stream"), ("a/b/c", "application/octet-stream"), ("a/<b>", "application/octet-stream"),
    ])
    func mediaType(_ name: String, _ expected: String) {
        #expect(MediaTypeName.clean(name) == expected)
    }
}
