import Core
import Foundation
import Hummingbird

/// A declared path with its parameters numbered, so that routes which name the same segment differently share one
/// place in the router: it would otherwise find only the first, and the methods of the others would be missing.
struct RoutePattern: Sendable {
    /// E.g. `/api/sessions/{1}`.
    let numbered: String
    private let names: [String]

    init(_ path: String) {
        var names: [String] = []
        let segments = path.split(separator: "/").map { segment -> String in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return String(segment) }
            names.append(String(segment.dropFirst().dropLast()))
            return "{\(names.count)}"
        }
        self.numbered = "/" + segments.joined(separator: "/")
        self.names = names
    }

    /// The values under their declared names, percent-decoded.
    /// - Throws: `Problem` 400 `bad_path` for a value that is not valid UTF-8 once decoded.
    func named(_ values: Parameters) throws -> [String: String] {
        var named: [String: String] = [:]
        for (index, name) in names.enumerated() {
            guard let raw = values.get(String(index + 1)), let value = raw.removingPercentEncoding else {
                throw Problem.badRequest("bad_path", "The path is not percent-encoded UTF-8.")
            }
            named[name] = value
        }
        return named
    }
}
