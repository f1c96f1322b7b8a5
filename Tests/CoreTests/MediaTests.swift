import Core
import Testing

@Suite("Media names")
struct MediaTests {
    static let photo = OriginalID(at: Timestamp(milliseconds: 1))

    @Test("a media path comes back from its text")
    func paths() {
        for path in [MediaPath.original(Self.photo), .rendition(Self.photo, .thumb, recipe: "0123456789ab", .jpeg)] {
            let parts = path.text.split(separator: "/").map(String.init)
            #expect(parts.count == 3)
            #expect(MediaPath(id: parts[1], file: parts[2]) == path)
        }
    }

    @Test(
        "anything else names nothing",
        arguments: [
            "", "thumb.jpg", "thumb-0123456789ab", "thumb-0123456789ab.exe", "huge-0123456789ab.jpg",
            "thumb-0123456789AB.jpg", "thumb-0123456789abc.jpg", "../original", "thumb-0123456789ab.jpg.jpg",
        ])
    func malformed(file: String) {
        #expect(MediaPath(id: Self.photo.description, file: file) == nil)
    }

    @Test("a still's path is a rendition's without its extension", arguments: [
        ("thumb-0123456789ab", .thumb), ("poster-0123456789ab", .poster), ("thumb-0123456789ab.jpg", nil), ("stream-0123456789ab", nil),
        ("hls-0123456789ab", nil), ("original", nil), ("thumb", nil), ("thumb-0123456789AB", nil), ("huge-0123456789ab", nil), ("", nil),
    ] as [(String, RenditionName?)])
    func stills(file: String, name: RenditionName?) {
        let path = StillPath(id: Self.photo.description, file: file)
        #expect(path == name.map { StillPath(Self.photo, $0, recipe: "0123456789ab") })
        if let path { #expect(path.text == "/media/\(Self.photo)/\(file)") }
        #expect(StillPath(id: "x", file: file) == nil)
    }

    @Test(
        "an object key cannot leave its store",
        arguments: ["", "/", "a//b", "../a", "a/../b", "a/.hidden", "A", "a b", "a\\b", "a/", "é"])
    func keys(text: String) {
        #expect(ObjectKey(text) == nil)
    }

    @Test("a recipe's hash changes with the recipe and with nothing else")
    func recipes() {
        var other = Recipe.standard
        #expect(other.hash == Recipe.standard.hash)
        #expect(other.hash.count == 12)
        other.sizes[0].quality += 1
        #expect(other.hash != Recipe.standard.hash)
    }

    @Test("a topic comes back from its name; others are none", arguments: ["", "session", "session:", "session:x", "room:1"])
    func topics(malformed: String) {
        for topic in [Topic.session(SessionID(Self.photo)), .desk(SessionID(Self.photo)), .party(SessionID(Self.photo)), .user(UserID(Self.photo))] {
            #expect(Topic(topic.name) == topic)
        }
        #expect(Topic(malformed) == nil)
    }
}
