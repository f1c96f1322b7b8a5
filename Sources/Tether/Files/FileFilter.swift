/// Which names in the folder are meant to be sent.
public struct FileFilter: Sendable, Equatable {
    /// Endings in lower case, without the dot.
    private let endings: Set<String>
    private static let temporary: Set<String> = ["part", "partial", "tmp", "temp", "filepart", "crdownload", "download"]

    /// What cameras write: photos, RAW files and films.
    public static let usual = FileFilter(endings: Set(KnownTypes.byExtension.keys))

    /// - Parameter endings: the only ones that are taken, in any case, with or without a dot.
    public init(only endings: [String]) {
        self.init(endings: Set(endings.map { ($0.hasPrefix(".") ? String($0.dropFirst()) : $0).lowercased() }))
    }

    private init(endings: Set<String>) { self.endings = endings }

    /// Whether a file of that name is sent: neither hidden nor a name that programs give to what they have not finished.
    public func takes(file name: String) -> Bool {
        let ending = FileName.ending(name)
        return !name.hasPrefix(".") && !name.hasSuffix("~") && !Self.temporary.contains(ending) && endings.contains(ending)
    }

    /// Whether a folder of that name is looked into.
    func enters(folder name: String) -> Bool { !name.hasPrefix(".") }
}
