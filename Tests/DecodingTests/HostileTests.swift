import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Files made to break a decoder, given to a real child: it answers each, or ends and is replaced.
@Suite(
    "Hostile files", .enabled(if: ChildProcess.executable != nil && Fixtures.areMade, "lumiere-decode or the fixtures are not built"),
    // A child started meanwhile would inherit the pipes of another and keep them open.
    .serialized)
struct HostileTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] != nil
    private static let names = [
        "orientation-6.jpg", "progressive.jpg", "alpha.png", "photo.webp", "photo.heic", "photo.avif", "photo.tiff", "animation.gif", "photo.dng",
    ]

    /// The smallest size alone: what is read is the same.
    private static let recipe = Recipe(sizes: [Recipe.Size(.thumb, longEdge: 320, quality: 78)], formats: [.jpeg], version: 1)

    @Test("a changed file is shown or refused", arguments: names)
    func mutated(name: String) async throws {
        let count = Self.isSoak ? 2000 / Self.names.count : 6
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media(name))))
        try await expectAnswers(count, name) { BrokenCopy.mutated(whole, round: $0) }
    }

    @Test("a file cut anywhere is shown or refused", arguments: names)
    func cut(name: String) async throws {
        let count = Self.isSoak ? 100 : 5
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media(name))))
        try await expectAnswers(count, name) { BrokenCopy.cut(whole, at: $0, of: count) }
    }

    /// A child that ends without an answer costs that job alone; most files may not do so.
    private func expectAnswers(_ count: Int, _ name: String, _ file: @escaping @Sendable (Int) -> [UInt8]) async throws {
        let (answers, deaths) = try await onOwnThread {
            let folder = try TemporaryFolder()
            var child = try ChildProcess(folders: [folder.path])
            var (answers, deaths) = (0, 0)
            for round in 0..<count {
                let path = try folder.write(file(round), as: "file")
                let outcome = try child.run(request(path, into: folder, Self.recipe), into: folder)
                if outcome.isDone || outcome.failure != nil { answers += 1; continue }
                deaths += 1
                child = try ChildProcess(folders: [folder.path])
            }
            return (answers, deaths)
        }
        #expect(answers + deaths == count)
        #expect(deaths * 20 <= count, "\(deaths) of \(count) changes of \(name) ended the child")
    }

    @Test("few bytes that announce very many pixels are refused before they are decoded, other bombs are shown or refused")
    func bombs() async throws {
        let bombs = try Bomb.all(edge: Self.isSoak ? 22_000 : 6000) {
            Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media($0))))
        }
        let endings = try await onOwnThread {
            let folder = try TemporaryFolder()
            var child = try ChildProcess(folders: [folder.path])
            return try bombs.map { bomb in
                let path = try folder.write(bomb.bytes, as: bomb.name)
                let start = ContinuousClock.now
                let outcome = try child.run(request(path, into: folder, Self.recipe), into: folder)
                let ending = outcome.failure?.code ?? (outcome.isDone ? "done" : "dead")
                if ending == "dead" { child = try ChildProcess(folders: [folder.path]) }
                return (bomb, ending, start.duration(to: .now))
            }
        }
        let answers = ["done", "damaged", "too_large", "unsupported_format"]
        for (bomb, ending, time) in endings {
            #expect(bomb.isTooLarge ? ending == "too_large" : answers.contains(ending), "\(bomb): \(ending) after \(time)")
            if bomb.isTooLarge { #expect(time < .seconds(2), "\(bomb)") }
        }
    }
    @Test("a film that says that it lasts for a century is measured")
    func century() async throws {
        let bombs = try Bomb.all(edge: 16) { Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media($0)))) }
        let century = bombs.first { $0.name == "bomb-duration.mp4" }
        let folder = try TemporaryFolder()
        let path = try folder.write(try #require(century).bytes, as: "film")
        let outcome = try await decode(path)
        #expect(abs((outcome.facts?.video?.duration ?? 0) - 6000) < 200)
        let track = String(decoding: try outcome.bytes(.sprite, .vtt), as: UTF8.self)
        #expect(SpriteTrack(track)?.duration == outcome.facts?.video?.duration)
    }
}
