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
        let files: @Sendable (Int) -> [UInt8] = { round in
            var random = SeededGenerator(seed: UInt64(round))
            var changed = whole
            // Headers are short and everything depends on them: every other change hits the beginning.
            for index in 0..<Int.random(in: 1...20, using: &random) {
                let end = index % 2 == 0 ? changed.count : min(changed.count, 2000)
                changed[Int.random(in: 0..<end, using: &random)] = [0, 0xFF, UInt8.random(in: 0...255, using: &random)][round % 3]
            }
            return changed
        }
        try await expectAnswers(count, name, files)
    }

    @Test("a file cut anywhere is shown or refused", arguments: names)
    func cut(name: String) async throws {
        let count = Self.isSoak ? 100 : 5
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media(name))))
        try await expectAnswers(count, name) { Array(whole.prefix(whole.count * $0 / count)) }
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

    @Test("few bytes that announce very many pixels are refused before they are decoded")
    func bomb() async throws {
        var file = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.media("orientation-1.jpg"))))
        // The frame header of three components with eight bits; height and width follow.
        let start = try #require(Data(file).range(of: Data([0xFF, 0xC0, 0, 17, 8]))?.upperBound)
        file.replaceSubrange(start..<(start + 4), with: [0xFF, 0xDC, 0xFF, 0xDC])
        let folder = try TemporaryFolder()
        let path = try folder.write(file, as: "bomb")
        #expect(try await decode(path, Self.recipe).failure?.code == "too_large")
    }
}
