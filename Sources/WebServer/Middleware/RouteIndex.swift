import Core
import HTTPTypes

/// Knows which methods a path has, for the answer to one that it has not.
struct RouteIndex: Sendable {
    private let patterns: [(segments: [Substring], method: HTTPRequest.Method)]

    init(_ routes: [Route]) {
        patterns = routes.map { ($0.path.split(separator: "/"), $0.method) }
    }

    /// The methods of a path, sorted; empty when there is no such path. GET brings HEAD along.
    func methods(of path: String) -> [String] {
        let segments = path.split(separator: "/")
        var methods = Set(patterns.filter { Self.matches($0.segments, segments) }.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.sorted()
    }

    private static func matches(_ pattern: [Substring], _ path: [Substring]) -> Bool {
        pattern.count == path.count && zip(pattern, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
