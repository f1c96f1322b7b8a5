import ArgumentParser
import Core
import Foundation
import Testing

@testable import Lumiere

@Suite("Progress of a move")
struct MoveProgressTests {
    static func progress(_ change: (inout MoveProgress) -> Void = { _ in }) -> MoveProgress {
        var progress = MoveProgress(objects: 10, bytes: 1000 << 20)
        change(&progress)
        return progress
    }

    @Test("is told in files, bytes, rate and what is left")
    func line() {
        let half = Self.progress {
            $0.done = 5
            $0.copiedBytes = 400 << 20
            $0.presentBytes = 100 << 20
        }
        #expect(half.line(after: .seconds(4)) == "50%, 5 of 10 files, 500.0 MiB of 1000.0 MiB, 100.0 MiB/s, 0:05 left")
        // Before there is a rate nothing is promised.
        #expect(half.line(after: .milliseconds(300)) == "50%, 5 of 10 files, 500.0 MiB of 1000.0 MiB")
    }

    @Test("fits the terminal, however narrow", arguments: [0, 1, 10, 40, 60, 80, 120, 300])
    func bar(columns: Int) {
        let bar = Self.progress { $0.copiedBytes = 500 << 20 }.bar(after: .seconds(10), columns: columns)
        #expect(bar.count <= max(0, columns - 1))
        let half = "[####################....................] 50%"
        if columns >= 120 { #expect(bar.hasPrefix(half)) }
    }

    @Test("never goes beyond the end, also when files come in meanwhile")
    func growth() {
        let more = Self.progress {
            $0.done = 12
            $0.copiedBytes = 1200 << 20
        }
        #expect(more.fraction == 1)
        #expect(more.line(after: .seconds(12)) == "100%, 12 of 12 files, 1.2 GiB of 1.2 GiB, 100.0 MiB/s, 0:00 left")
        #expect(MoveProgress(objects: 0, bytes: 0).fraction == 1)
    }

    @Test("ends in numbers for scripts")
    func json() throws {
        let end = Self.progress {
            $0.done = 10
            $0.present = 3
            $0.copiedBytes = 7
            $0.presentBytes = 4
        }
        let json = end.json(from: "disk", to: "s3", isRemoved: true)
        #expect(json["copied"] == .integer(7) && json["present"] == .integer(3) && json["removed"] == .bool(true))
        #expect(end.summary == "Copied 7 files (7 B); 3 were there already (4 B).")
    }

    @Test("a scratch folder clears away what killed processes left, and nothing of others")
    func scratch() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("move-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // No process has so high a number; number 1 always runs.
        for name in ["move-1", "move-2000000000", "other"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let scratch = try MoveScratch(in: folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(names) == ["move-1", "other", URL(fileURLWithPath: scratch.path).lastPathComponent])
        scratch.remove()
        #expect(!FileManager.default.fileExists(atPath: scratch.path))
    }

    @Test("a move makes sense or is refused", arguments: [
        ["--from", "disk", "--to", "disk"], ["--from", "tape", "--to", "s3"], ["--from", "disk"],
        ["--from", "disk", "--to", "s3", "--parallel", "0"], ["--from", "disk", "--to", "s3", "--prefix", "../etc"],
    ])
    func arguments(_ words: [String]) {
        #expect(throws: (any Error).self) { try MediaCommand.Move.parse(words) }
    }

    @Test("a move's options are read")
    func options() throws {
        let move = try MediaCommand.Move.parse(["--from", "disk", "--to", "s3", "--prefix", "originals", "--delete"])
        #expect(move.from == .disk && move.to == .s3 && move.delete && move.prefix == ["originals"] && move.parallel == 4)
    }
}
