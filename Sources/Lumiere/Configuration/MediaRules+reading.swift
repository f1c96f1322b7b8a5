import Core

extension MediaRules {
    /// Reads which types of files may be uploaded; faults are noted in the source.
    init(_ source: inout SettingsSource) {
        self.init()
        allowed = source.list("ingest.types").map { types in
            types.compactMap { Self.pattern($0, of: "ingest.types", &source) }
        }
        for text in source.list("ingest.type.mebibytes") ?? [] {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let mebibytes = Int64(parts[1]), (1...1 << 24).contains(mebibytes) else {
                source.add(["ingest.type.mebibytes must be a list such as image/*=200,video/*=4096, not \(text)."])
                continue
            }
            if let pattern = Self.pattern(parts[0], of: "ingest.type.mebibytes", &source) {
                limits.append((pattern, mebibytes << 20))
            }
        }
    }

    private static func pattern(_ text: String, of key: String, _ source: inout SettingsSource) -> Pattern? {
        let pattern = Pattern(text)
        if pattern == nil { source.add(["\(key): there are no files of the type \(text) that could be read."]) }
        return pattern
    }
}
