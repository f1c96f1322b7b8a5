import Core
import HTTPTypes

/// Knows which methods a path has, for the answer to one that it has not.
struct RouteIndex: Sendable {
    private let patterns: [(segments: [Substring], method: HTTPRequest.Method)]

    init(_ routes: [Route]) {
        patterns = routes.map { ($0.path.split(separator: "/"), $0.method) }
    }

    /// The methods of a path, sorted; empty when there is no such path. GET brings HEAD along.
    ///
    /// A segment that is named is found before one that takes any, and only where that leads: `/photos/upload` is no photo.
    func methods(of path: String) -> [String] {
        var found = patterns
        let segments = path.split(separator: "/")
        found.removeAll { $0.segments.count != segments.count }
        for (index, segment) in segments.enumerated() {
            let named = found.filter { $0.segments[index] == segment }
            found = named.isEmpty ? found.filter { $0.segments[index].hasPrefix("{") } : named
        }
        var methods = Set(found.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.sorted()
    }
}
