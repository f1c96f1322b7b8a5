import Core
import Testing

@testable import Lumiere

@Suite("What the settings say of renditions")
struct RecipeSettingsTests {
    private func recipe(_ flags: [String: String]) async throws -> Recipe { try await Settings.read(flags: flags, file: nil).recipe }

    @Test("is the standard recipe unless they say more")
    func standard() async throws { #expect(try await recipe([:]) == .standard) }

    @Test("changes sizes, formats, policy and the mark")
    func all() async throws {
        let recipe = try await recipe([
            "renditions.sizes": "thumb=240:70,large=2000:90", "renditions.formats": "jpeg,png", "renditions.metadata": "none",
            "renditions.watermark.text": "© House", "renditions.watermark.place": "tiled", "renditions.watermark.opacity": "20",
            "renditions.watermark.scale": "10",
        ])
        #expect(recipe.sizes == [.init(.thumb, longEdge: 240, quality: 70), .init(.large, longEdge: 2000, quality: 90)])
        #expect(recipe.formats == [.jpeg, .png] && recipe.metadata == .none)
        #expect(recipe.watermark == Watermark(text: "© House", place: .tiled, opacity: 20, scale: 10))
    }

    @Test("AVIF is made on demand, always or never")
    func avif() async throws {
        #expect(try await Settings.read(flags: [:], file: nil).makesAVIFOnDemand)
        #expect(try await Settings.read(flags: ["renditions.avif": "onDemand"], file: nil).makesAVIFOnDemand)
        #expect(try await !Settings.read(flags: ["renditions.avif": "off"], file: nil).makesAVIFOnDemand)
        #expect(try await recipe(["renditions.formats": "jpeg,avif"]).formats == [.jpeg, .avif])
    }

    @Test("pictures that move are made as such when somebody wants that")
    func animation() async throws {
        #expect(try await recipe(["renditions.animation": "off"]) == .standard)
        #expect(try await recipe(["renditions.animation": "medium"]).animation == .medium)
    }

    @Test("is refused where nothing could follow it", arguments: [
        ("renditions.sizes", "thumb=240"), ("renditions.sizes", "small=640:80"), ("renditions.sizes", "thumb=240:70,large=99999:90"),
        ("renditions.sizes", "thumb=240:70,gigantic=3000:90"), ("renditions.formats", "webp"), ("renditions.formats", "jpeg,bmp"),
        ("renditions.metadata", "all"), ("renditions.watermark.place", "everywhere"), ("renditions.watermark.opacity", "0"),
        ("renditions.watermark.text", "   "), ("renditions.avif", "always"), ("renditions.animation", "thumb"),
    ])
    func refused(key: String, value: String) async throws {
        await #expect(throws: SettingsError.self) { try await recipe([key: value]) }
    }
}
