import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Tether

@Suite("Who writes to a file")
struct WritersTests {
    @Test("is told by a lease where one kernel writes, and by nothing elsewhere", arguments: [
        (0xEF53, 0, Writers.nobody), (0xEF53, EAGAIN, .somebody), (0xEF53, EACCES, .unseen), (0xEF53, EINVAL, .unseen),
        (0x9123_683E, EAGAIN, .somebody), (0x4D44, 0, .nobody),
        // NFS, SMB 1, SMB 2 and later, FUSE, 9P, Ceph.
        (0x6969, EAGAIN, .unseen), (0xFF53_4D42, EAGAIN, .unseen), (0xFE53_4D42, EAGAIN, .unseen),
        (0x6573_5546, 0, .unseen), (0x0102_1997, 0, .unseen), (0x00C3_6400, 0, .unseen),
    ] as [(UInt32, Int32, Writers)])
    func lease(fileSystem: UInt32, answer: Int32, expected: Writers) {
        #expect(Writers(fileSystem: fileSystem) { answer } == expected)
    }

    @Test("a share is not asked for leases")
    func notAsked() {
        var isAsked = false
        _ = Writers(fileSystem: 0x6969) {
            isAsked = true
            return 0
        }
        #expect(!isAsked)
    }

    @Test("and a long file is not read to its end once nobody waits for it")
    func cancelled() throws {
        let folder = try TemporaryFolder("cancelled")
        let (path, gauge) = (folder.file("a.jpg"), TransferGauge())
        try Data([0xFF, 0xD8] + [UInt8](repeating: 0xFF, count: 1_000_000)).write(to: URL(fileURLWithPath: path))
        let reach = FolderReach(folder: folder.path)
        let outcome = FilePreparation(
            path: path, reach: reach, facts: try #require(reach.facts(path)),
            takes: { doubt in
                if case .wholeness = doubt { Issue.record("it was read") }
                gauge.cancel()
                return true
            }, gauge: gauge
        ).run()
        guard case .cancelled = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("an open file is known here, and is held until that has lasted too long")
    func open() throws {
        let folder = try TemporaryFolder("writers")
        let (path, reach) = (folder.file("a.jpg"), FolderReach(folder: folder.path))
        let writer = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(write(writer, "anything", 8) == 8)
        let facts = try #require(reach.facts(path))
        let prepare = { (takes: @escaping @Sendable (Doubt) -> Bool) in
            FilePreparation(path: path, reach: reach, facts: facts, takes: takes, gauge: TransferGauge()).run()
        }
        let writers = try OpenedFile(path, in: reach).writers
        #expect(writers != .nobody)
        guard case .doubted(.writers(writers)) = prepare({ $0 != .writers(writers) }) else {
            Issue.record("an open file is taken")
            return
        }
        guard case .ready = prepare({ _ in true }) else {
            Issue.record("a file is held for ever")
            return
        }
        close(writer)
        #expect(try OpenedFile(path, in: reach).writers != .somebody)
    }
}
