import Foundation

/// Where things lie.
enum Place {
    /// The package's root.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let webRoot = repository.appendingPathComponent("web").path

    /// The server: named by `LUMIERE_BINARY`, or built beside these tests.
    static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["LUMIERE_BINARY"] { return path }
        let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let candidates = [
            beside.appendingPathComponent("lumiere").path, repository.appendingPathComponent(".build/debug/lumiere").path,
        ]
        return candidates.first(where: FileManager.default.isExecutableFile(atPath:)) ?? candidates[1]
    }()
}

/// What every program of these tests is told.
enum House {
    /// Passwords that cost an eighth of the usual: a debug build takes seconds for one of those.
    static let settings = ["LUMIERE_ACCOUNTS_PASSWORD_COST": "14"]
    static let assignments = settings.map { "\($0.key)=\($0.value)" }
}

/// How much the tests do: little by default, everything with `LUMIERE_SOAK=1`.
enum Scale {
    static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] == "1"
    /// Times the server is killed while files keep coming.
    static let kills = isSoak ? 30 : 2
    /// Files that come meanwhile, at least.
    static let files = isSoak ? 300 : 12
    /// Commands that are run one after the other.
    static let commands = isSoak ? 600 : 24
    /// Requests for the event-loop figures.
    static let requests = isSoak ? 20_000 : 500
    /// Broken copies of good files that a server is given.
    static let mutations = isSoak ? 2000 : 20
    /// Lengths to which each of them is cut.
    static let cuts = isSoak ? 100 : 1
    /// Photos of a large session.
    static let photos = isSoak ? 10_000 : 500
    /// Times a client that fetches a file is killed.
    static let interruptions = isSoak ? 20 : 3
    /// Pixels on a side of what unpacks to very much.
    static let bombEdge = isSoak ? 22_000 : 4000
    /// Clients that follow one session and are told next to nothing.
    static let idlers = isSoak ? 10_000 : 200
    /// Clients that lose their connections and come back at once.
    static let returners = isSoak ? 1000 : 50
    /// People who watch one film.
    static let watchers = isSoak ? 500 : 40
    /// Seconds that they do.
    static let watching = isSoak ? 60 : 4
    /// Clients beside one that stops reading.
    static let readers = isSoak ? 5000 : 200
    /// Clients of each hostile kind, one after the other.
    static let attackers = isSoak ? 50 : 2
    /// Bytes of one message that is too long.
    static let giant = isSoak ? 1 << 30 : 32 << 20
    /// Sockets of each kind that are begun or ended, and never to the end.
    static let unfinished = isSoak ? 1000 : 50
    /// How much is asked of a server out of its own document.
    static let fuzzing =
        isSoak ? ["--phases", "examples,coverage,fuzzing", "--max-examples", "60"] : ["--phases", "fuzzing", "--max-examples", "1", "--seed", "1"]
    /// Seconds for which connections are cut again and again.
    static let cutting = isSoak ? 180 : 4
    /// Events that a connection lives for at most.
    static let eventsUntilCut = isSoak ? 250 : 80
    /// Clients on each wire meanwhile. Each enters by the code every time, which one address may do only so often.
    static let followers = 2
}
