import Core
import Testing

@testable import Tether

/// Holds a `FileWatch`, so that an expectation can ask it.
private final class Watch {
    private var watch = FileWatch()

    var isQuiet: Bool { watch.isQuiet }
    var nextDue: ContinuousClock.Instant? { watch.nextDue }

    func found(_ file: ReadyFile, at now: ContinuousClock.Instant, wallTime: Timestamp) -> Bool {
        watch.found(file, at: now, wallTime: wallTime)
    }

    func closed(_ file: ReadyFile) -> Bool { watch.closed(file) }
    func due(at now: ContinuousClock.Instant) -> [String] { watch.due(at: now) }

    func looked(at path: String, _ facts: FileFacts?, at now: ContinuousClock.Instant) -> Bool {
        watch.looked(at: path, facts, at: now)
    }
}

@Suite("When a file is ready")
struct FileWatchTests {
    private static let wall = Timestamp(milliseconds: 1_800_000_000_000)
    private let start = ContinuousClock.now

    /// A file last written so many seconds before the clock on the wall.
    private static func file(_ size: Int64 = 100, age: Int64 = 0) -> ReadyFile {
        let modified = (wall.milliseconds - age * 1000) * 1_000_000
        return ReadyFile(path: "/shoot/a.jpg", facts: FileFacts(size: size, modified: modified, inode: 1))
    }

    @Test("a closed file is ready at once")
    func closed() {
        let watch = Watch()
        #expect(watch.closed(Self.file()))
        #expect(watch.isQuiet)
    }

    @Test("an empty file is never ready, however it came")
    func empty() {
        let watch = Watch()
        #expect(!watch.closed(Self.file(0)))
        #expect(!watch.found(Self.file(0, age: 100), at: start, wallTime: Self.wall))
        #expect(watch.isQuiet)
    }

    @Test("a found file that has rested is ready", arguments: [(2, true), (3600, true), (1, false), (0, false), (-3600, false)])
    func rested(age: Int64, isReady: Bool) {
        let watch = Watch()
        #expect(watch.found(Self.file(age: age), at: start, wallTime: Self.wall) == isReady)
        #expect(watch.isQuiet == isReady)
    }

    @Test("a found file that is fresh is looked at until it stays the same")
    func growing() {
        let watch = Watch()
        #expect(!watch.found(Self.file(100), at: start, wallTime: Self.wall))
        #expect(watch.due(at: start + .seconds(1)) == [])
        let later = start + .seconds(2)
        #expect(watch.due(at: later) == ["/shoot/a.jpg"])
        #expect(!watch.looked(at: "/shoot/a.jpg", Self.file(200).facts, at: later))
        #expect(watch.nextDue == later + .seconds(2))
        #expect(watch.looked(at: "/shoot/a.jpg", Self.file(200).facts, at: later + .seconds(2)))
        #expect(watch.isQuiet)
    }

    @Test("another scan does not begin the rest anew, and closing ends it")
    func again() {
        let watch = Watch()
        #expect(!watch.found(Self.file(), at: start, wallTime: Self.wall))
        #expect(!watch.found(Self.file(), at: start + .seconds(1), wallTime: Self.wall))
        #expect(watch.nextDue == start + .seconds(2))
        #expect(watch.closed(Self.file()))
        #expect(watch.due(at: start + .seconds(9)) == [])
    }

    @Test("a file that vanishes is forgotten")
    func vanished() {
        let watch = Watch()
        #expect(!watch.found(Self.file(), at: start, wallTime: Self.wall))
        #expect(!watch.looked(at: "/shoot/a.jpg", nil, at: start + .seconds(2)))
        #expect(watch.isQuiet)
    }

    @Test("only so many are looked after at a time")
    func bounded() {
        let watch = Watch()
        for number in 0..<(FileWatch.limit + 100) {
            let file = ReadyFile(path: "/shoot/\(number).jpg", facts: Self.file().facts)
            #expect(!watch.found(file, at: start, wallTime: Self.wall))
        }
        #expect(watch.due(at: start + .seconds(2)).count == FileWatch.limit)
    }
}

@Suite("Folders under watch")
struct WatchedTreeTests {
    @Test("are known by their watch, also after a rename")
    func renamed() {
        var tree = WatchedTree()
        tree.insert(1, "/shoot")
        tree.insert(2, "/shoot/a")
        tree.insert(3, "/shoot/a/b")
        tree.insert(4, "/shoot/ab")
        let gone = tree.remove(under: "/shoot/a")
        #expect(gone == [2, 3])
        #expect(tree.path(of: 4) == "/shoot/ab")
        tree.insert(4, "/shoot/c")
        #expect(tree.path(of: 4) == "/shoot/c")
        tree.remove(4)
        #expect(tree.count == 1)
    }

    @Test("events are read from the kernel's buffer, and a cut one ends it")
    func events() {
        var bytes: [UInt8] = []
        func add(_ watch: Int32, _ mask: UInt32, _ name: [UInt8]) {
            for number in [UInt32(bitPattern: watch), mask, 0, UInt32(name.count)] {
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            }
            bytes += name
        }
        add(1, InotifyFlag.closed, Array("a.jpg".utf8) + [0, 0, 0])
        add(-1, InotifyFlag.overflow, [])
        add(2, InotifyFlag.movedIn, [0xFF, 0xFE, 0, 0])
        let whole = bytes
        add(3, InotifyFlag.closed, Array("cut.jpg".utf8))
        let expected = [
            InotifyEvent(watch: 1, mask: InotifyFlag.closed, name: "a.jpg"),
            InotifyEvent(watch: -1, mask: InotifyFlag.overflow, name: nil),
            // Not UTF-8: no name that could be opened.
            InotifyEvent(watch: 2, mask: InotifyFlag.movedIn, name: nil),
        ]
        #expect(whole.withUnsafeBytes { InotifyEvent.parse($0) } == expected)
        #expect(bytes.dropLast(3).withUnsafeBytes { InotifyEvent.parse($0) } == expected)
    }
}
