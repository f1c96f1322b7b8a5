/// Answers requests at once, on the event loop of their connection, before they are decoded for the routes: what is asked
/// for a thousand times a second and can be said without waiting.
///
/// Asked about GET and HEAD without a body, over HTTP/1.1, without a request of the connection before them still open, and
/// only if nothing about them is unusual. Its answers must be those that the route would have given.
public protocol DirectResponder: Sendable {
    /// What the targets begin with; of requests for others nothing is read.
    var prefix: String { get }
    /// The declared path of the route that it answers for, in metrics and log.
    var route: String { get }

    /// Must neither wait nor take long: other connections wait meanwhile.
    /// - Returns: `nil` to have the route answer.
    func answer(_ request: DirectRequest) -> DirectAnswer?
}
