import Core
import Testing

@testable import Delivery

@Suite("Stills that suit a client")
struct StillChoiceTests {
    private static let photo = OriginalID(at: TestFile.modified)
    private static let recipe = "0123456789ab"

    /// What browsers send for pictures, and what a person's typing of a URL sends.
    static let browsers: [(String?, [MediaFormat], MediaFormat)] = [
        // Chromium, `img` and address line.
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", [.avif, .webp, .jpeg], .avif),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", [.webp, .jpeg], .webp),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7", [.avif, .webp, .jpeg], .avif),
        // Firefox, new and old.
        ("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", [.avif, .webp, .jpeg], .avif),
        ("image/avif,image/webp,*/*", [.webp, .jpeg], .webp), ("image/webp,*/*", [.avif, .webp, .jpeg], .webp),
        // Safari, new and old.
        ("image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", [.avif, .webp, .jpeg], .avif),
        ("image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5", [.avif, .webp, .jpeg], .jpeg),
        // Internet Explorer, curl, and who says nothing.
        ("image/png, image/svg+xml, image/*;q=0.8, */*;q=0.5", [.webp, .jpeg], .jpeg), ("*/*", [.avif, .webp, .jpeg], .jpeg),
        (nil, [.avif, .webp, .jpeg], .jpeg), ("", [.avif, .webp], .webp),
    ]

    static let weights: [(String?, [MediaFormat], MediaFormat)] = [
        ("image/webp;q=0.5, image/jpeg;q=0.9", [.avif, .webp, .jpeg], .jpeg), ("image/webp;q=0.9, image/jpeg;q=0.5", [.webp, .jpeg], .webp),
        ("image/webp;q=0.5, */*;q=0.8", [.webp, .jpeg], .jpeg), ("image/avif;q=0, image/*", [.avif, .webp, .jpeg], .jpeg),
        ("image/webp;q=0, */*", [.webp, .jpeg], .jpeg), ("image/*;q=0, image/webp;q=0.001", [.webp, .jpeg], .webp),
        ("IMAGE/WEBP ; Q=1.000 , image/jpeg;q=0.999", [.webp, .jpeg], .webp), ("image/jpeg;q=0, */*", [.webp, .jpeg], .webp),
        ("*/*;q=0.1, image/*;q=0, image/png", [.jpeg, .png], .png), ("image/webp;q=0.4, image/webp;q=0.9, image/jpeg;q=0.5", [.webp, .jpeg], .webp),
        // What cannot be read says nothing; a type with parameters is another one.
        ("image/webp;q=2, image/jpeg;q=0.1", [.webp, .jpeg], .jpeg), ("image/webp;q=, image/jpeg", [.webp, .jpeg], .jpeg),
        ("image/webp;q=0.1234, image/jpeg;q=0.1", [.webp, .jpeg], .jpeg), ("image/avif;codecs=x, image/jpeg", [.avif, .jpeg], .jpeg),
        (";;;,,,/", [.webp, .jpeg], .jpeg), (String(repeating: "a/b,", count: 4000) + "image/webp", [.webp, .jpeg], .jpeg),
        // Of no use to the client, but of more than an error.
        ("text/html", [.avif, .webp, .jpeg], .jpeg), ("*/*;q=0", [.webp, .jpeg], .jpeg), ("image/webp;q=0, image/jpeg;q=0", [.webp], .webp),
        ("image/webp", [.jpeg], .jpeg),
    ]

    @Test("are in the format that it likes best", arguments: browsers + weights)
    func formats(accept: String?, there: [MediaFormat], expected: MediaFormat) throws {
        for formats in [there, there.reversed()] {
            let stills = formats.map { Self.still(.small, $0, 480) }
            let choice = try #require(StillChoice(stills, .small, width: nil, AcceptedTypes(accept)))
            #expect(choice.rendition.format == expected)
        }
    }

    @Test("would have been AVIF", arguments: [
        ("image/avif,image/webp,*/*", [.webp, .jpeg], true), ("image/avif,image/webp,*/*", [.avif, .webp], false),
        ("image/webp,*/*", [.webp, .jpeg], false), ("*/*", [.webp, .jpeg], false), ("image/avif;q=0,image/webp", [.webp], false),
        ("image/avif;q=0.5,image/webp", [.webp], false), ("image/avif", [.jpeg], true), ("image/avif", [.png], false), ("text/html", [.jpeg], false),
    ] as [(String, [MediaFormat], Bool)])
    func wishes(accept: String, there: [MediaFormat], isWanted: Bool) throws {
        let choice = try #require(StillChoice(there.map { Self.still(.small, $0, 480) }, .small, width: nil, AcceptedTypes(accept)))
        #expect(choice.wantsAVIF == isWanted)
    }

    @Test("are the narrowest that is wide enough, or else the widest", arguments: [
        (1, .thumb), (240, .thumb), (241, .small), (480, .small), (481, .medium), (960, .medium), (961, .large), (1920, .large),
        (1921, .large), (1_000_000, .large), (nil, .poster),
    ] as [(Int?, RenditionName)])
    func widths(width: Int?, expected: RenditionName) {
        let widths: [(RenditionName, Int)] = [(.large, 1920), (.thumb, 240), (.medium, 960), (.small, 480), (.poster, 100)]
        var stills = widths.map { Self.still($0, .jpeg, $1) }
        if width != nil { stills.removeLast() }
        #expect(StillChoice(stills, .poster, width: width, AcceptedTypes(nil))?.rendition.name == expected)
    }

    @Test("are none where there is none of that size, or nothing but what is no still")
    func nothing() {
        let thumb = Self.still(.thumb, .jpeg, 240)
        #expect(StillChoice([], .thumb, width: nil, AcceptedTypes(nil)) == nil)
        #expect(StillChoice([], .thumb, width: 100, AcceptedTypes(nil)) == nil)
        #expect(StillChoice([thumb], .large, width: nil, AcceptedTypes(nil)) == nil)
        #expect(StillChoice([thumb], .large, width: 1000, AcceptedTypes(nil))?.rendition == thumb)
        let others = [Self.still(.sprite, .jpeg, 1000), Self.still(.animation, .webp, 1000)]
        #expect(StillChoice(others, .thumb, width: 100, AcceptedTypes(nil)) == nil)
    }

    @Test("are asked for in pixels of the screen", arguments: [
        (nil, nil, nil), (nil, "2", nil), ("100", nil, 100), ("100", "2", 200), ("333", "1.5", 500), ("100", "2.625", 263),
        ("100000", "10", 1_000_000), ("100", "1.", 100), ("100", ".5", 50),
    ] as [(String?, String?, Int?)])
    func hints(width: String?, ratio: String?, pixels: Int?) throws {
        let target = try MediaTarget(id: Self.photo.description, file: "thumb-\(Self.recipe)", width: width, ratio: ratio)
        guard case .still(_, let found) = target else {
            Issue.record("no still")
            return
        }
        #expect(found == pixels)
    }

    @Test("are refused for hints that make no sense, which count for nothing else", arguments: [
        ("0", nil), ("-1", nil), ("1e3", nil), ("100001", nil), ("99999999999999999999", nil), ("", nil), ("1.5", nil), ("100", "0"),
        ("100", "inf"), ("100", "nan"), ("100", "0x1p3"), ("100", "-1"), ("100", "11"), ("100", ""), ("100", "."), ("100", "1.2.3"),
    ] as [(String, String?)])
    func nonsense(width: String, ratio: String?) throws {
        #expect(throws: Problem.self) {
            try MediaTarget(id: Self.photo.description, file: "thumb-\(Self.recipe)", width: width, ratio: ratio)
        }
        guard case .file = try MediaTarget(id: Self.photo.description, file: "thumb-\(Self.recipe).jpg", width: width, ratio: ratio) else {
            Issue.record("no file")
            return
        }
    }

    private static func still(_ name: RenditionName, _ format: MediaFormat, _ width: Int) -> Rendition {
        Rendition(
            originalID: photo, name: name, format: format, recipe: recipe, width: width, height: width, size: 10, sha256: "",
            objectKey: .rendition(photo, name, recipe: recipe, format: format))
    }
}
