import Testing

@testable import Core

@Suite("Recipes")
struct RecipeTests {
    private typealias Size = Recipe.Size

    @Test("the standard one can be followed")
    func standard() { #expect(Recipe.standard.fault == nil) }

    @Test("sizes are bounded, ascending, named once, and begin with the thumbnail", arguments: [
        ([], false), ([Size(.small, longEdge: 640, quality: 80)], false), ([Size(.thumb, longEdge: 320, quality: 80)], true),
        ([Size(.thumb, longEdge: 320, quality: 0)], false), ([Size(.thumb, longEdge: 320, quality: 101)], false),
        ([Size(.thumb, longEdge: 63, quality: 80)], false), ([Size(.thumb, longEdge: 1025, quality: 80)], false),
        ([Size(.thumb, longEdge: 320, quality: 80), Size(.large, longEdge: 8192, quality: 80)], true),
        ([Size(.thumb, longEdge: 320, quality: 80), Size(.large, longEdge: 8193, quality: 80)], false),
        ([Size(.thumb, longEdge: 320, quality: 80), Size(.large, longEdge: 320, quality: 80)], false),
        ([Size(.thumb, longEdge: 320, quality: 80), Size(.thumb, longEdge: 640, quality: 80)], false),
        ([Size(.thumb, longEdge: 320, quality: 80), Size(.poster, longEdge: 640, quality: 80)], false),
    ])
    func sizes(sizes: [Recipe.Size], holds: Bool) {
        #expect((Recipe.standard.changed(by: RecipeChange(sizes: sizes)).fault == nil) == holds)
    }

    @Test("formats are pictures', each once, with JPEG", arguments: [
        ([.jpeg], true), ([.jpeg, .webp, .avif, .png], true), ([], false), ([.webp], false), ([.jpeg, .jpeg], false), ([.jpeg, .mp4], false),
    ] as [([MediaFormat], Bool)])
    func formats(formats: [MediaFormat], holds: Bool) {
        #expect((Recipe.standard.changed(by: RecipeChange(formats: formats)).fault == nil) == holds)
    }

    @Test("whatever is changed changes the hash, and nothing else does")
    func hashes() {
        var marked = Recipe.standard
        marked.watermark = Watermark(text: "A")
        var faint = marked
        faint.watermark?.opacity = 10
        let all = [
            Recipe.standard, Recipe.standard.changed(by: RecipeChange(metadata: Recipe.Metadata.none)),
            Recipe.standard.changed(by: RecipeChange(formats: [.jpeg])), marked, faint,
            Recipe.standard.changed(by: RecipeChange(animation: .medium)), Recipe.standard.changed(by: RecipeChange(animation: .large)),
        ]
        #expect(Set(all.map(\.hash)).count == all.count)
        #expect(Recipe.standard.changed(by: RecipeChange()).hash == Recipe.standard.hash)
    }

    @Test("pictures move in a size that there is, and stay still for those who say so")
    func animation() {
        let thumbAlone = [Size(.thumb, longEdge: 320, quality: 80)]
        #expect(Recipe.standard.changed(by: RecipeChange(animation: .medium)).fault == nil)
        #expect(Recipe.standard.changed(by: RecipeChange(sizes: thumbAlone, animation: .medium)).fault?.member == "animation")
        let moving = Recipe.standard.changed(by: RecipeChange(animation: .large))
        #expect(moving.animation == .large && moving.changed(by: RecipeChange()).animation == .large)
        #expect(moving.changed(by: RecipeChange(animation: .off)) == .standard)
        let still = moving.changed(by: RecipeChange(sizes: thumbAlone))
        #expect(still.animation == nil && still.fault == nil)
        #expect(moving.changed(by: RecipeChange(animation: .off)).hash == Recipe.standard.hash)
    }

    @Test("one from before there were policies is read, and every one comes back as it was written")
    func coding() throws {
        let old: Recipe = try JSON.decode(from: #"{"formats":["jpeg"],"sizes":[{"name":"thumb","longEdge":320,"quality":78}],"version":2}"#)
        #expect(old.metadata == .rights && old.watermark == nil)
        var marked = Recipe.standard
        marked.watermark = Watermark(text: "© Ada", place: .tiled, rotation: -30)
        marked.animation = .medium
        #expect(try JSON.decode(Recipe.self, from: try JSON.text(marked)) == marked)
    }
}

@Suite("Watermarks")
struct WatermarkTests {
    @Test("have either text that can be seen or a picture", arguments: [
        (Watermark(), false), (Watermark(text: "© Ada"), true), (Watermark(text: "مرحبا"), true), (Watermark(text: "写真"), true),
        (Watermark(text: "🙂"), true), (Watermark(text: "   "), false), (Watermark(text: "\u{200D}\u{2060}"), false),
        (Watermark(text: "\u{3164}"), false), (Watermark(text: "a\tb"), false), (Watermark(text: "a\u{2028}b"), false), (Watermark(text: "a\nb\nc\nd"), true),
        (Watermark(text: "a\nb\nc\nd\ne"), false), (Watermark(text: String(repeating: "a", count: 120)), true),
        (Watermark(text: String(repeating: "a", count: 121)), false), (Watermark(picture: String(repeating: "0a", count: 32)), true),
        (Watermark(picture: String(repeating: "0A", count: 32)), false), (Watermark(picture: "../../etc"), false),
        (Watermark(text: "A", picture: String(repeating: "0a", count: 32)), false),
    ])
    func content(mark: Watermark, holds: Bool) { #expect((mark.fault == nil) == holds) }

    @Test("have numbers and colours within bounds", arguments: [
        Watermark(text: "A", opacity: 0), Watermark(text: "A", opacity: 101), Watermark(text: "A", scale: 0),
        Watermark(text: "A", margin: 26), Watermark(text: "A", rotation: 181), Watermark(text: "A", colour: "red"),
        Watermark(text: "A", colour: "#fffff"), Watermark(text: "A", colour: "#gggggg"), Watermark(text: "A", colour: "#+12345"),
    ])
    func bounds(mark: Watermark) { #expect(mark.fault != nil) }

    @Test("are read with what is usual in the place of what is missing")
    func defaults() throws {
        #expect(try JSON.decode(Watermark.self, from: #"{"text":"A"}"#) == Watermark(text: "A"))
        #expect(Watermark(text: "A", colour: "#0080FF").rgb == (0, 128, 255))
    }
}
