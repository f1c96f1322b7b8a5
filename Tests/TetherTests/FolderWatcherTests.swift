import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Tether

/// A watched temporary folder and what is told about it.
final class Watched: Sendable {
    let folder: TemporaryFolder
    let news = Inbox<WatchNews>()
    private let watcher: FolderWatcher
    private let listening: Task<Void, Never>

    var root: String { folder.file("shoot") }

    init(limits: FolderWatcher.Limits = FolderWatcher.Limits(), before: (String) throws -> Void = { _ in }) throws {
        folder = try TemporaryFolder("watched")
        let root = folder.file("shoot")
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try before(root)
        let watcher = FolderWatcher(root, filter: .usual, limits: limits)
        self.watcher = watcher
        listening = Task { [news] in
            for await piece in watcher.inlet.news {
                news.push(piece)
                watcher.inlet.taken()
            }
            news.close()
        }
        watcher.start()
    }

    deinit {
        watcher.stop()
        listening.cancel()
    }

    /// Names of files that were told to be ready, as often as they were.
    var ready: [String] { Self.names(news.elements, root) }

    func ready(_ name: String, times: Int = 1, within limit: Duration = .seconds(20)) async throws {
        try await news.wait(for: "\(name) to be ready", within: limit) { [root] news, _ in
            Self.names(news, root).count { $0 == name } >= times ? () : nil
        }
    }

    func told(_ piece: WatchNews, times: Int = 1) async throws {
        try await news.wait(for: "\(piece)") { news, _ in news.count { $0 == piece } >= times ? () : nil }
    }

    private static func names(_ news: [WatchNews], _ root: String) -> [String] {
        news.flatMap { piece -> [String] in
            guard case .ready(let files) = piece else { return [] }
            return files.map { String($0.path.dropFirst(root.count + 1)) }
        }
    }
}

/// Writes text into a file, which closes it.
func put(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

@Suite("A watched folder")
struct FolderWatcherTests {
    @Test("tells a file when its writer has closed it, not before")
    func closed() async throws {
        let watched = try Watched()
        try await watched.told(.quiet)
        let descriptor = open(watched.root + "/a.jpg", O_WRONLY | O_CREAT, 0o600)
        #expect(write(descriptor, "half", 4) == 4)
        // Another file that is closed meanwhile shows that the open one was passed over.
        try put("whole", watched.root + "/b.jpg")
        try await watched.ready("b.jpg")
        #expect(!watched.ready.contains("a.jpg"))
        close(descriptor)
        try await watched.ready("a.jpg")
    }

    @Test("tells a file that is renamed to its place, and passes over what is not meant")
    func renamed() async throws {
        let watched = try Watched()
        try await watched.told(.quiet)
        for name in ["a.jpg.part", ".hidden.jpg", "notes.txt", "empty.jpg"] {
            try put(name.hasPrefix("empty") ? "" : "x", watched.root + "/" + name)
        }
        #expect(symlink("/etc/passwd", watched.root + "/link.jpg") == 0)
        #expect(rename(watched.root + "/a.jpg.part", watched.root + "/a.jpg") == 0)
        try await watched.ready("a.jpg")
        #expect(Set(watched.ready) == ["a.jpg"])
        try put("grown", watched.root + "/empty.jpg")
        try await watched.ready("empty.jpg")
    }

    @Test("looks into folders that are there, come, and are moved")
    func folders() async throws {
        let watched = try Watched { root in
            try FileManager.default.createDirectory(atPath: root + "/old/deep", withIntermediateDirectories: true)
        }
        try await watched.told(.quiet)
        try put("x", watched.root + "/old/deep/a.jpg")
        try await watched.ready("old/deep/a.jpg")
        let aside = watched.folder.file("aside")
        try FileManager.default.createDirectory(atPath: aside + "/in", withIntermediateDirectories: true)
        try put("x", aside + "/in/b.jpg")
        #expect(rename(aside, watched.root + "/new") == 0)
        try await watched.ready("new/in/b.jpg")
        #expect(rename(watched.root + "/old", watched.root + "/renamed") == 0)
        try await watched.ready("renamed/deep/a.jpg")
        try put("x", watched.root + "/renamed/deep/c.jpg")
        try await watched.ready("renamed/deep/c.jpg")
        #expect(!watched.ready.contains("old/deep/c.jpg"))
    }

    @Test("scans what was there before, the fresh once it has rested")
    func scanned() async throws {
        let watched = try Watched { root in
            for name in ["old.jpg", "fresh.jpg"] { try put("x", root + "/" + name) }
            var times = [timespec(tv_sec: 1_500_000_000, tv_nsec: 0), timespec(tv_sec: 1_500_000_000, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, root + "/old.jpg", &times, 0) == 0)
        }
        try await watched.ready("old.jpg")
        #expect(!watched.ready.contains("fresh.jpg"))
        try await watched.ready("fresh.jpg")
        try await watched.told(.quiet)
    }

    @Test("is waited for when it goes away, and scanned when it is back")
    func goneAndBack() async throws {
        let watched = try Watched()
        try await watched.told(.quiet)
        let aside = watched.folder.file("aside")
        #expect(rename(watched.root, aside) == 0)
        try await watched.told(.missing)
        try put("x", aside + "/a.jpg")
        #expect(rename(aside, watched.root) == 0)
        try await watched.told(.back)
        try await watched.ready("a.jpg")
        // Another folder in its place is another folder.
        try FileManager.default.removeItem(atPath: watched.root)
        try await watched.told(.missing, times: 2)
        try FileManager.default.createDirectory(atPath: watched.root, withIntermediateDirectories: true)
        try await watched.told(.back, times: 2)
        try put("x", watched.root + "/b.jpg")
        try await watched.ready("b.jpg")
    }

    @Test("is watched anew when it was removed and is back before anybody looked")
    func replaced() async throws {
        let watched = try Watched()
        try await watched.told(.quiet)
        for number in 1...5 {
            #expect(rmdir(watched.root) == 0)
            #expect(mkdir(watched.root, 0o700) == 0)
            try put("x", "\(watched.root)/\(number).jpg")
            try await watched.ready("\(number).jpg")
            try FileManager.default.removeItem(atPath: "\(watched.root)/\(number).jpg")
        }
    }

    @Test("is scanned to its depth alone")
    func depth() async throws {
        var limits = FolderWatcher.Limits()
        limits.depth = 1
        let watched = try Watched(limits: limits) { root in
            try FileManager.default.createDirectory(atPath: root + "/1/2", withIntermediateDirectories: true)
        }
        try await watched.told(.quiet)
        try put("x", watched.root + "/1/2/no.jpg")
        try put("x", watched.root + "/1/yes.jpg")
        try await watched.ready("1/yes.jpg")
        #expect(watched.ready == ["1/yes.jpg"])
    }
}
