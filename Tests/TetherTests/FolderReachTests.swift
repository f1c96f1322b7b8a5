import Foundation
import Glibc
import TestSupport
import Testing

@testable import Tether

@Suite("What lies in a folder")
struct FolderReachTests {
    private let temporary: TemporaryFolder
    private var root: String { temporary.file("shoot") }

    init() throws {
        temporary = try TemporaryFolder("reach")
        for folder in ["shoot/a/b", "shoot-2", "outside/b"] {
            try FileManager.default.createDirectory(atPath: temporary.file(folder), withIntermediateDirectories: true)
        }
        for file in ["shoot/1.jpg", "shoot/a/b/2.jpg", "shoot-2/3.jpg", "outside/4.jpg", "outside/b/2.jpg"] {
            try put(file, temporary.file(file))
        }
        for (link, target) in [
            ("shoot/link.jpg", "1.jpg"), ("shoot/l", temporary.file("outside")), ("shoot/a/up", ".."), ("root", root),
        ] {
            try FileManager.default.createSymbolicLink(atPath: temporary.file(link), withDestinationPath: target)
        }
    }

    private func content(_ name: String, _ isAtOnce: Bool, below folder: String? = nil) throws -> String {
        let reach = FolderReach(folder: folder ?? root, isAtOnce: isAtOnce)
        let file = try OpenedFile(temporary.file(name), in: reach)
        #expect(reach.facts(temporary.file(name)) == file.facts)
        return String(decoding: try file.bytes(100, at: 0), as: UTF8.self)
    }

    @Test("is reached, and so is what a hook names elsewhere", arguments: [
        "shoot/1.jpg", "shoot/a/b/2.jpg", "shoot/a//b/./2.jpg", "shoot-2/3.jpg", "outside/4.jpg",
    ], [true, false])
    func reached(name: String, isAtOnce: Bool) throws {
        #expect(try content(name, isAtOnce) == name.replacing("//", with: "/").replacing("./", with: ""))
    }

    @Test("is not left by a link, wherever it is, nor by a step up", arguments: [
        "shoot/link.jpg", "shoot/l/4.jpg", "shoot/l/b/2.jpg", "shoot/a/up/1.jpg", "shoot/../outside/4.jpg", "shoot/none.jpg",
        "shoot/1.jpg/x",
    ], [true, false])
    func refused(name: String, isAtOnce: Bool) {
        let reach = FolderReach(folder: root, isAtOnce: isAtOnce)
        #expect(reach.facts(temporary.file(name)) == nil)
        let failure = #expect(throws: OpenedFile.Failure.self) { try OpenedFile(temporary.file(name), in: reach) }
        #expect(failure?.isMissing == true)
    }

    @Test("may be asked for by a link to the folder itself", arguments: [true, false])
    func root(isAtOnce: Bool) throws {
        #expect(try content("root/1.jpg", isAtOnce, below: temporary.file("root")) == "shoot/1.jpg")
    }

    @Test("is no longer there once the folder on the way is a link, also one to the very same file", arguments: [true, false])
    func swapped(isAtOnce: Bool) throws {
        let (path, reach) = (temporary.file("shoot/a/b/2.jpg"), FolderReach(folder: root, isAtOnce: isAtOnce))
        let facts = try #require(reach.facts(path))
        let prepare = {
            FilePreparation(path: path, reach: reach, facts: facts, takes: { _ in true }, gauge: TransferGauge()).run()
        }
        guard case .ready = prepare() else {
            Issue.record("a file in a folder is not taken")
            return
        }
        #expect(rename(temporary.file("shoot/a"), temporary.file("moved")) == 0)
        try FileManager.default.createSymbolicLink(atPath: temporary.file("shoot/a"), withDestinationPath: temporary.file("moved"))
        guard case .missing = prepare() else {
            Issue.record("a link is followed")
            return
        }
        #expect(FolderListing(temporary.file("shoot/a/b"), in: reach) == nil)
        #expect(FolderListing(root, in: reach)?.files == ["1.jpg"])
    }
}
