import Core
import NIOHTTP1
import TestSupport

/// A session in which the owner and a guest talk, each over a socket of their own.
struct Talk: Sendable {
    /// Of the guest's server.
    let port: Int
    let shoot: Shoot
    let owner: SocketClient
    let guest: SocketClient
    /// The history that offsets belong to, and where the guest came in.
    let (epoch, offset): (String, Int64)

    /// - Parameters:
    ///   - api: a photographer's.
    ///   - port: of the server that the guest comes to.
    ///   - other: of the owner's, if it is another.
    static func begin(_ api: API, port: Int, other: Int? = nil) async throws -> Talk {
        let shoot = try await Shoot.begin(api)
        let owner = try await SocketClient.connect(port: other ?? port, token: api.token)
        try await owner.join(shoot, code: false)
        let guest = try await SocketClient.connect(port: port)
        let joined = try await guest.ask(
            "join_session", ["sessionId": .string(shoot.id), "accessCode": .string(shoot.code), "name": "Gus"])
        return Talk(
            port: port, shoot: shoot, owner: owner, guest: guest, epoch: try joined.data.text("epoch"),
            offset: joined.data["offset"]?.integerValue ?? 0)
    }

    var path: String { "/api/sessions/\(shoot.id)" }

    /// Says something and insists on being heard.
    /// - Returns: the message.
    @discardableResult
    func say(_ text: String, by client: SocketClient, _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
        let answer = try await ask("send_message", ["text": .string(text)].merging(more) { _, own in own }, by: client)
        guard answer.type == "ack" else { throw API.Unexpected(description: "send_message: \(answer.json)") }
        return answer.data
    }

    /// Gives a command about this session.
    func ask(_ command: String, _ data: [String: JSONValue] = [:], by client: SocketClient) async throws -> SocketClient.Event {
        try await client.ask(command, .object(data.merging(["sessionId": .string(shoot.id)]) { own, _ in own }))
    }

    /// The code of the error that saying something ends with.
    func refusal(_ text: String, by client: SocketClient) async throws -> String? {
        let answer = try await ask("send_message", ["text": .string(text)], by: client)
        return answer.type == "error" ? answer.data["code"]?.stringValue : nil
    }

    /// Changes the rules.
    func rule(_ change: JSONValue) async throws { _ = try await shoot.owner.json(.PUT, "\(path)/chat", change) }

    /// What was said, the latest first.
    func texts() async throws -> [String] {
        try await shoot.owner.all("\(path)/messages").map { try $0.text("text") }
    }

    func close() async {
        await owner.close()
        await guest.close()
    }
}
