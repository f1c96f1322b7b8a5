import Core

/// What has passed between the server and one decoder child, so that nothing out of place is believed; pure.
struct DecoderConversation {
    /// Why a conversation ended.
    enum End: Error, Sendable, Equatable {
        /// The child went away by itself.
        case exited
        /// The child sent what it must not.
        case violation(String)
        case timedOut
        /// The work is no longer wanted here: shutdown, or the job went to another worker.
        case interrupted
    }

    private(set) var isBusy = false
    private(set) var jobsEnded = 0
    private(set) var end: End?

    /// A request is about to be written.
    /// - Throws: `End.interrupted` when the child has gone: that is not the request's fault.
    mutating func requestSent() throws(End) {
        guard end == nil else { throw .interrupted }
        isBusy = true
    }

    /// A whole message has come.
    /// - Throws: `End.violation` when nobody asked, or it is no reply.
    mutating func received(_ payload: [UInt8]) throws(End) -> DecodeReply {
        guard isBusy else { throw .violation("a reply that nobody asked for") }
        guard let reply = try? JSON.decode(DecodeReply.self, from: payload) else { throw .violation("not a reply") }
        switch reply {
        case .done, .failed:
            isBusy = false
            jobsEnded += 1
        case .facts, .rendition: break
        }
        return reply
    }

    /// The first cause stays: a child killed for a time-out also exits.
    mutating func ended(_ cause: End) -> End {
        let first = end ?? cause
        end = first
        return first
    }
}
