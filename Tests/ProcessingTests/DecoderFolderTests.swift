import Foundation
import Testing

@testable import Processing

@Suite struct DecoderFolderTests {
    @Test func `an original is admitted as another name of the same file, and goes with the job`() throws {
        let folder = try TestFolder()
        let original = try folder.write("original", to: "photo")
        let folders = DecoderFolders(folder.path + "/work/1")
        try folders.prepare()
        let admitted = try folders.admit(original)
        #expect(try String(contentsOfFile: admitted, encoding: .utf8) == "original")
        #expect(try inode(admitted) == inode(original))
        folders.empty()
        #expect(folder.contents(of: "work/1/originals").isEmpty && FileManager.default.fileExists(atPath: original))
        folders.remove()
        #expect(folder.contents(of: "work").isEmpty)
    }

    @Test func `what an earlier decoder has left is gone, and its folders are the same`() throws {
        let folder = try TestFolder()
        let folders = DecoderFolders(folder.path + "/work/1")
        try folders.prepare()
        let before = try inode(folders.results)
        try Data("left".utf8).write(to: URL(fileURLWithPath: folders.results + "/large.jpg"))
        try folders.prepare()
        #expect(folder.contents(of: "work/1/results").isEmpty)
        #expect(try inode(folders.results) == before)
    }

    private func inode(_ path: String) throws -> UInt64? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
    }
}
