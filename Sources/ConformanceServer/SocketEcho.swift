import NIOCore
import Sockets

/// Lets everybody into its namespaces and tells them what they sent along, sends `message` back as `message-back`, and
/// acknowledges `message-with-ack` with its own arguments.
final class SocketEcho: SocketIODelegate {
    static let configuration: SocketConfiguration = {
        var configuration = SocketConfiguration(namespaces: ["/", "/custom"])
        // The suites stay outside for three pings, and wait two seconds for the end.
        configuration.connectTimeout = .milliseconds(1500)
        return configuration
    }()

    func connecting(to namespace: String, auth: JSONText?, on client: SocketIOClient) {
        client.accept(namespace, id: String(UInt64.random(in: 0...(.max)), radix: 36))
        // The suites listen for one message after the other, and miss one that comes in the same segment.
        let auth = auth ?? JSONText(trusted: ByteBuffer(string: "{}"))
        client.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(10)) {
            if client.joined.contains(namespace) { client.send(.event("auth", [auth], namespace: namespace)) }
        }
    }

    func received(_ event: SocketEvent, on client: SocketIOClient) {
        switch event.name {
        case "message":
            client.send(
                .event("message-back", event.arguments, attachments: event.attachments, namespace: event.namespace))
        case "message-with-ack":
            client.acknowledge(event, event.arguments, attachments: event.attachments)
        default:
            break
        }
    }

    func left(_ namespace: String, reason: SocketLeaveReason, on client: SocketIOClient) {}
    func closed(_ client: SocketIOClient, reason: EngineCloseReason) {}
}
