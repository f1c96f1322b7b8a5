/// What stands between file names.
enum NameSeparator: String, CaseIterable, Sendable {
    case comma, space, newline, semicolon

    var text: String {
        switch self {
        case .comma: ","
        case .space: " "
        case .newline: "\n"
        case .semicolon: ";"
        }
    }
}

/// File names for the search of a program that has the photos, each of them once.
struct NameList: Sendable, Equatable {
    var names: [String]

    /// - Parameter stripsExtensions: leaves out what is behind the last dot: the RAW file of a JPEG is found, too.
    init(_ filenames: [String], stripsExtensions: Bool) {
        var seen = Set<String>()
        names = filenames.map { stripsExtensions ? $0.withoutExtension : $0 }.filter { seen.insert($0).inserted }
    }

    func text(_ separator: NameSeparator) -> String { names.joined(separator: separator.text) }
}

extension String {
    /// A file's name without what is behind its last dot; a name that begins with its only dot stays.
    var withoutExtension: String {
        guard let dot = lastIndex(of: "."), dot != startIndex else { return self }
        return String(self[..<dot])
    }
}
