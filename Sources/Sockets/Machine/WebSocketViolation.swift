/// What a peer did that ends the connection, with the code and reason it is told.
struct WebSocketViolation: Error, Equatable {
    var code: WebSocketCloseCode
    var reason: String

    init(_ code: WebSocketCloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
