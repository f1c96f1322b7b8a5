import Testing

@testable import Core

@Suite("What may be uploaded")
struct MediaRulesTests {
    @Test(
        "is judged by the name, else by the declared type; what says nothing is welcome",
        arguments: [
            ("a.jpg", "image/jpeg", true), ("a.JPG", "", true), ("a.cr3", "application/octet-stream", true),
            ("a.nef", "image/tiff", true), ("a.nef", "image/x-dcraw", true), ("a", "image/x-nikon-nef", true), ("a", "", true),
            ("a.part", "binary/octet-stream", true), ("a.bin", "Image/JPEG; q=1", true), ("a", "image/x-something", true),
            ("a.mov", "image/jpeg", true), ("a.heif", "image/heif", true), ("a.mp4", "application/mp4", true),
            ("a.pdf", "", false), ("a.svg", "image/svg+xml", false), ("a.jpg", "text/html", false), ("a.txt", "text/plain", false),
            ("a", "application/pdf", false), ("a", "image/svg+xml", false), ("a.jpg.html", "image/jpeg", false), ("a", "x", false),
            ("a.mp3", "", false), ("a.psd", "image/vnd.adobe.photoshop", false), ("a.jpg", "font/woff2", false),
        ])
    func declared(name: String, type: String, isWelcome: Bool) {
        let verdict = MediaRules().judge(name: name, declared: type, size: 1 << 50)
        #expect(verdict == (isWelcome ? .welcome : .unwanted))
    }

    @Test(
        "is judged by its name alone when the declared type is what its sender's program sends with everything",
        arguments: [
            "application/x-www-form-urlencoded", "Application/Octet-Stream", "binary/octet-stream", "text/plain; charset=utf-8",
            "application/x-download", "application/force-download", "application/vnd.photobooth", "", " ",
        ])
    func defaults(type: String) throws {
        for (name, isWelcome) in [("a.jpg", true), ("a.MOV", true), ("photo", true), ("a.x", true), ("a.pdf", false), ("a.html", false)] {
            let verdict = MediaRules().judge(name: name, declared: type, size: 1)
            #expect(verdict == (isWelcome ? .welcome : .unwanted), "\(name)")
        }
        var rules = MediaRules()
        rules.allowed = [try #require(.init("image/*"))]
        rules.limits = [(try #require(.init("image/jpeg")), 5)]
        #expect(rules.judge(name: "a.mp4", declared: type, size: 1) == .unwanted)
        #expect(rules.judge(name: "a.jpg", declared: type, size: 6) == .tooLarge(limit: 5))
    }

    @Test(
        "is refused for a declared type that is certainly that of something else, whatever its name",
        arguments: [
            "text/html", "application/xhtml+xml", "application/javascript", "text/javascript", "text/xml", "application/xml",
            "application/json", "application/pdf", "application/zip", "application/x-zip-compressed", "audio/mpeg", "text/css",
            "multipart/form-data",
        ])
    func others(type: String) {
        for name in ["a.jpg", "a", "a.mp4"] {
            #expect(MediaRules().judge(name: name, declared: type, size: 1) == .unwanted, "\(name)")
        }
    }

    @Test("is refused without a name that tells for a declared medium that may not come")
    func media() throws {
        var rules = MediaRules()
        rules.allowed = [try #require(.init("image/jpeg"))]
        for type in ["image/png", "video/mp4", "application/mp4", "image/svg+xml", "image/bmp", "audio/mp4"] {
            #expect(rules.judge(name: "a", declared: type, size: 1) == .unwanted, "\(type)")
        }
        #expect(rules.judge(name: "a", declared: "image/pjpeg", size: 1) == .welcome)
    }

    @Test("is what the house allows")
    func allowed() throws {
        var rules = MediaRules()
        rules.allowed = [try #require(.init("image/heic")), try #require(.init("IMAGE/x-*"))]
        #expect(rules.judge("image/heic", size: nil) == .welcome)
        #expect(rules.judge("image/heif", size: nil) == .welcome)
        #expect(rules.judge("image/x-canon-cr3", size: nil) == .welcome)
        #expect(rules.judge("image/jpeg", size: nil) == .unwanted)
        #expect(rules.judge(name: "a.mov", declared: "", size: nil) == .unwanted)
        rules.allowed = []
        #expect(rules.judge("image/heic", size: nil) == .unwanted)
    }

    @Test("has at most the smallest number of bytes that is said for its type")
    func limits() throws {
        var rules = MediaRules()
        rules.limits = [(try #require(.init("image/*")), 100), (try #require(.init("image/x-*")), 50)]
        #expect(rules.judge("image/jpeg", size: 100) == .welcome)
        #expect(rules.judge("image/jpeg", size: 101) == .tooLarge(limit: 100))
        #expect(rules.judge("image/x-sony-arw", size: 51) == .tooLarge(limit: 50))
        #expect(rules.judge("image/x-sony-arw", size: nil) == .welcome)
        #expect(rules.judge("video/mp4", size: .max) == .welcome)
    }

    @Test("is named by types that can be read", arguments: ["", "*", "image", "text/*", "image/svg+xml", "audio/*", "video/*"])
    func patterns(text: String) {
        #expect((MediaRules.Pattern(text) == nil) == !["*", "video/*"].contains(text))
    }

    @Test("can be read by one of the types that bytes have")
    func readable() {
        let types: [SniffedType] = [.jpeg, .png, .webp, .gif, .heic, .avif, .tiff, .mp4, .mov, .webm, .matroska]
        #expect(types.allSatisfy { MediaRules.readable.contains($0.contentType) })
        for example in MediaSnifferTests.examples {
            if let type = example.type { #expect(MediaRules.readable.contains(type.contentType), "\(type)") }
        }
    }
}
