import Core
import TestSupport

@testable import Realtime

/// A wire that writes down what goes over it.
final class NotingWire: ClientWire {
    enum Note: Sendable, Equatable {
        case event(offset: Int64?, name: String)
        case told(String, JSONValue)
        case ack(JSONValue, JSONValue)
        case refusal(JSONValue?, Problem)
        case closed(CloseReason)

        /// Of an answer.
        var data: JSONValue? { if case .ack(_, let data) = self { data } else { nil } }
        var problem: Problem? { if case .refusal(_, let problem) = self { problem } else { nil } }

        func isRefusal(of id: JSONValue) -> Bool { if case .refusal(id, _) = self { true } else { false } }
    }

    let kind: WireKind
    let inbox = Inbox<Note>()
    /// Whether there is room to write runs at once.
    var hasRoom = true
    var runs = 0

    init(_ kind: WireKind = .webSocket) { self.kind = kind }

    func write(_ run: TopicRun) -> Bool {
        guard hasRoom else { return false }
        runs += 1
        for event in run.events { send(event) }
        return true
    }
    var isReady = true
    var queuedBytes = 0
    func flush() {}
    func send(_ event: HubEvent) { inbox.push(.event(offset: event.offset, name: event.name)) }
    func tell(_ message: DirectMessage) {
        inbox.push(.told(message.type.name, (try? JSONValue(parsing: message.text.utf8)) ?? .null))
    }
    func acknowledge(_ id: JSONValue, _ data: JSONValue) { inbox.push(.ack(id, data)) }
    func refuse(_ id: JSONValue?, _ problem: Problem) { inbox.push(.refusal(id, problem)) }
    func close(_ reason: CloseReason) { inbox.push(.closed(reason)) }
}
