import Core

/// The parts of a server's answer that decisions are made on.
struct TusReply: Sendable, Equatable {
    var status: Int
    /// It speaks tus or answers with problems: it is Lumiere, not a proxy or a hotel's sign-in page.
    var isOurs = true
    var location: String?
    /// A well-formed offset.
    var offset: Int64?
    /// What it asks to wait.
    var retryAfter: Duration?
    /// The problem's sentence for a person.
    var detail: String?
    /// What it says of an upload it was asked for.
    var upload: Upload?

    /// An upload as the REST API shows it.
    struct Upload: Sendable, Equatable {
        var state: String
        var offset: Int64
        /// Why it failed: a stable code.
        var failure: String?

        init(state: String, offset: Int64, failure: String? = nil) {
            self.state = state
            self.offset = offset
            self.failure = failure
        }

        /// - Returns: `nil` when it is something else.
        init?(_ json: JSONValue?) {
            guard let state = json?["state"]?.stringValue, let offset = json?["offset"]?.integerValue else { return nil }
            self.init(state: state, offset: offset, failure: json?["failure"]?.stringValue.map { String($0.prefix(64)) })
        }
    }
}

/// What came of asking a server.
enum TusHeard: Sendable, Equatable {
    case reply(TusReply)
    /// No answer: the network, a time limit.
    case silence(String)
}
