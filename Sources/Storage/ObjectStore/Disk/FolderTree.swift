import Core
import Synchronization

/// Makes folders below a root, and knows which of the shared ones are certain to survive a power cut.
///
/// "It exists" does not say that: somebody may have made it a moment ago, here or before a crash, without having synced
/// its parent yet. So each is synced once per process, under a lock, before anybody relies on it.
final class FolderTree: Sendable {
    private let root: String
    /// Bounded by the fan-out: 65 792 folders for each first segment.
    private let durable = Mutex<Set<String>>([])

    init(root: String) { self.root = root }

    /// Makes the folders of a path, and lets their entries survive a power cut if asked to.
    /// - Parameter shared: how many of the leading folders are never removed, and thus worth remembering.
    /// - Returns: the innermost folder.
    func make(_ folders: [String], durable isDurable: Bool, shared: Int) throws -> String {
        var path = root
        for (depth, folder) in folders.enumerated() {
            let parent = path
            path += "/" + folder
            if isDurable {
                try makeDurably(path, in: parent, remember: depth < shared)
            } else {
                try FileSystem.makeFolder(path)
            }
        }
        return path
    }

    /// Somebody has removed folders: what was remembered has to be made sure of again.
    func forget() { durable.withLock { $0 = [] } }

    private func makeDurably(_ path: String, in parent: String, remember: Bool) throws {
        try durable.withLock { known in
            if known.contains(path) { return }
            try FileSystem.makeFolder(path)
            try FileSystem.syncFolder(parent)
            if remember { known.insert(path) }
        }
    }
}
