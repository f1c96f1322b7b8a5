import Core
import NIOCore
import Sockets

/// How far a client has heard of one topic, as it says itself.
struct TopicPlace: Sendable, Equatable {
    /// Names the history that the offset belongs to.
    var epoch: String
    var offset: Int64

    init?(epoch: String?, offset: Int64?) {
        guard let epoch, let offset, offset >= 0 else { return nil }
        (self.epoch, self.offset) = (epoch, offset)
    }

    /// Reads `epoch` and `offset` out of the query of a handshake; `nil` unless both are there.
    init?(uri: String) {
        let query = uri.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let members = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        func value(_ name: String) -> String? { members.last { $0.count == 2 && $0[0] == name }.map { String($0[1]) } }
        self.init(epoch: value("epoch"), offset: value("offset").flatMap { Int64($0) })
    }

    /// Reads `epoch` and `userOffset` out of what a client of Socket.IO sends with its wish to connect. There `offset` is the
    /// client library's own, for all topics. The number may be a string, as the events have it.
    init?(auth: JSONText?) {
        let offset = auth?.member("userOffset").flatMap { text in text.stringValue ?? String(buffer: text.bytes) }
        self.init(epoch: auth?.member("epoch")?.stringValue, offset: offset.flatMap { Int64($0) })
    }
}
