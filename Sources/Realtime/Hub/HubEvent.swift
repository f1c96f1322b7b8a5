package import Core
import NIOCore
import Sockets
import Synchronization

/// An event on its way to the followers of its topic, on whatever event loops and wires.
///
/// It is written down at most once for each wire format: by the first event loop on which somebody follows with it, for all. So
/// nobody needs to know beforehand who will want it how, and nothing is written down that nobody reads.
package final class HubEvent: Sendable {
    package enum Kind: Sendable, Equatable {
        case durable(offset: Int64)
        /// A slow reader gets the latest of each key.
        case ephemeral(key: String)
    }

    package let kind: Kind
    let topic: Topic
    let name: String
    let at: Timestamp
    /// JSON text.
    let data: String
    private let envelope = Mutex<PreparedMessage?>(nil)
    private let streamText = Mutex<ByteBuffer?>(nil)
    private let packet = Mutex<SocketMessage?>(nil)
    private let partyPacket = Mutex<SocketMessage?>(nil)

    package init(_ published: PublishedEvent) {
        kind = .durable(offset: published.offset)
        (topic, name, data, at) = (published.event.topic, published.event.name, published.event.data, published.at)
    }

    package init(_ event: EphemeralEvent) {
        kind = .ephemeral(key: "\(event.topic.name) \(event.name) \(event.key)")
        (topic, name, data, at) = (event.topic, event.name, event.data, event.at)
    }

    /// `nil` of ephemeral ones.
    var offset: Int64? { if case .durable(let offset) = kind { offset } else { nil } }

    /// Bytes that it takes in a queue, about: written down it is as long as that.
    var cost: Int { data.utf8.count + 256 }

    /// The message of `/ws`.
    package var json: PreparedMessage { Self.form(envelope) { .text(Envelope.event(self)) } }

    /// The text of server-sent events.
    /// - Parameter epoch: of the history that the offset belongs to, the same for all followers: who hears of another is sent away
    ///   before anything of it comes.
    func eventStream(_ epoch: String) -> ByteBuffer { Self.form(streamText) { EventStream.event(self, epoch: epoch) } }

    /// The packet of `/socket.io/` in a namespace: `[name, data]`, for durable events with the offset as a string behind.
    func socketIO(in namespace: SocketIONamespace) -> SocketMessage {
        switch namespace {
        case .main: Self.form(packet) { makePacket(namespace) }
        case .watchParty: Self.form(partyPacket) { makePacket(namespace) }
        }
    }

    private func makePacket(_ namespace: SocketIONamespace) -> SocketMessage {
        .event(
            name, [JSONText(trusted: ByteBuffer(string: data))], namespace: namespace.rawValue, offset: offset.map { String($0) })
    }

    private static func form<Form: Sendable>(_ kept: borrowing Mutex<Form?>, _ make: () -> Form) -> Form {
        kept.withLock { form in
            if let form { return form }
            let made = make()
            form = made
            return made
        }
    }
}
