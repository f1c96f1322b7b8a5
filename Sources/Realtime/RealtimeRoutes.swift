import Core
import HTTPTypes
public import WebServer

/// The documents of the wires.
public struct RealtimeRoutes: Sendable {
    private let table: EventTable

    public init(_ table: EventTable) { self.table = table }

    public var routes: [Route] {
        [
            Route(
                .get, "/asyncapi.json", .readPublic, "The events and commands of /ws as AsyncAPI 3", tag: "Documents",
                output: .bytes(.ok, contentType: "application/json")
            ) { _ in
                try .json(AsyncAPIDocument.json(table))
            }
        ]
    }
}
