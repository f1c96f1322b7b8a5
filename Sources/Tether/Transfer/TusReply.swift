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
}

/// What came of asking a server.
enum TusHeard: Sendable, Equatable {
    case reply(TusReply)
    /// No answer: the network, a time limit.
    case silence(String)
}
