/// Which watch belongs to which folder.
struct WatchedTree {
    private var paths: [Int32: String] = [:]
    private var watches: [String: Int32] = [:]

    var count: Int { paths.count }

    /// The folder of a watch.
    func path(of watch: Int32) -> String? { paths[watch] }

    /// A watch keeps its folder when that is renamed, so it may come under another path.
    mutating func insert(_ watch: Int32, _ path: String) {
        if let old = paths[watch] { watches[old] = nil }
        if let old = watches[path], old != watch { paths[old] = nil }
        paths[watch] = path
        watches[path] = watch
    }

    /// The kernel has dropped a watch.
    mutating func remove(_ watch: Int32) {
        guard let path = paths.removeValue(forKey: watch) else { return }
        if watches[path] == watch { watches[path] = nil }
    }

    /// A folder was moved away with all its own.
    /// - Returns: their watches.
    mutating func remove(under path: String) -> [Int32] {
        let gone = paths.filter { $0.value == path || $0.value.hasPrefix(path + "/") }.map(\.key)
        for watch in gone { remove(watch) }
        return gone.sorted()
    }
}
