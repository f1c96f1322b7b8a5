import AsyncHTTPClient
import Core
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing
import WebServer

@testable import Webhooks

@Suite struct RouteTests {
    private struct Answer {
        var status: Int
        var json: JSONValue
    }

    /// Every bearer is the number of an account, or `key` and such a number.
    private struct Door: Authenticator {
        func principal(bearer: String?) async throws -> Principal {
            if let bearer, bearer.hasPrefix("key"), let id = UserID(String(bearer.dropFirst(3))) {
                return .key(GrantID(at: Timestamp(milliseconds: 1)), owner: id, role: .member, scopes: Set(Scope.allCases))
            }
            guard let id = bearer.flatMap({ UserID($0) }) else { return .anonymous }
            return .user(id, role: .member, device: DeviceID(id))
        }
    }

    private static func ask(
        _ port: Int, _ method: HTTPMethod, _ path: String, as account: UserID?, _ body: JSONValue? = nil, byKey: Bool = false
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        if let account { request.headers.add(name: "Authorization", value: "Bearer \(byKey ? "key" : "")\(account)") }
        if let body { request.body = .bytes(ByteBuffer(string: try JSON.text(body))) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return Answer(status: Int(response.status.code), json: text.isEmpty ? .null : try JSON.decode(from: text))
    }

    private static func serving(
        _ house: House, _ feature: WebhooksFeature, _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        var configuration = WebServerConfiguration()
        configuration.port = 0
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = WebServer.makeApplication(
            configuration, routes: RouteTable(feature.routes, authenticator: Door()),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { port in announce.yield(port) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            defer { group.cancelAll() }
            try await within(.seconds(45)) {
                for await port in ports { return try await body(port) }
            }
        }
    }

    @Test func `a webhook's life over HTTP, with its secret shown only when it is made`() async throws {
        try await House.with { house in
            let feature = house.feature()
            try await Self.serving(house, feature) { port in
                let wish: JSONValue = [
                    "url": "http://a.example/x", "events": ["photo.ready"], "sessionId": .string(house.session.description),
                ]
                let made = try await Self.ask(port, .POST, "/api/webhooks", as: house.owner, wish)
                #expect(made.status == 201)
                try NewSecretView.schema.validate(made.json)
                let secret = try #require(made.json["secret"]?.stringValue)
                #expect(secret.hasPrefix("whsec_"))
                let path = "/api/webhooks/\(try #require(made.json["webhook"]?["id"]?.stringValue))"

                let read = try await Self.ask(port, .GET, path, as: house.owner)
                #expect(read.status == 200 && read.json == made.json["webhook"])
                let list = try await Self.ask(port, .GET, "/api/webhooks", as: house.owner)
                #expect(list.json["items"] == .array([read.json]))
                #expect(!(try JSON.text(list.json) + JSON.text(read.json)).contains("whsec_"))

                let rotated = try await Self.ask(port, .POST, "\(path)/secret", as: house.owner)
                #expect(rotated.status == 200 && rotated.json["secret"]?.stringValue != secret)
                #expect(rotated.json["webhook"]?["previousSecretUntil"] != nil)

                let test = try await Self.ask(port, .POST, "\(path)/test", as: house.owner)
                #expect(test.status == 202 && test.json["type"] == "ping" && test.json["state"] == "pending")
                let log = try await Self.ask(port, .GET, "\(path)/deliveries", as: house.owner)
                #expect(log.json["items"] == .array([test.json]))
                try Page<DeliveryView>.schema.validate(log.json)
                let id = try #require(test.json["id"]?.stringValue)
                let again = try await Self.ask(port, .POST, "\(path)/deliveries/\(id)/redeliver", as: house.owner)
                #expect(again.status == 202 && again.json["id"] == test.json["id"])

                let other = try await Self.ask(
                    port, .PUT, path, as: house.owner, ["url": "http://b.example", "events": ["photo.failed"], "enabled": false])
                #expect(other.status == 200 && other.json["url"] == "http://b.example/" && other.json["state"] == "disabled")
                #expect(other.json["sessionId"] == nil, "what is left out falls back")
                #expect(try await Self.ask(port, .DELETE, path, as: house.owner).status == 204)
                #expect(try await Self.ask(port, .GET, path, as: house.owner).status == 404)
            }
        }
    }

    @Test func `strangers are asked who they are, and others find nothing`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let webhook = try await feature.service.create(house.wish(), owner: house.owner)
            let delivery = try await feature.service.test(webhook.id, of: house.owner)
            let wish: JSONValue = ["url": "http://b.example/", "events": ["photo.ready"]]
            try await Self.serving(house, feature) { port in
                let other = UserID(at: house.clock.now())
                let path = "/api/webhooks/\(webhook.id)"
                let requests: [(HTTPMethod, String, JSONValue?)] = [
                    (.GET, path, nil), (.PUT, path, wish), (.POST, path + "/secret", nil), (.POST, path + "/test", nil),
                    (.GET, path + "/deliveries", nil), (.POST, path + "/deliveries/\(delivery.id)/redeliver", nil),
                    (.DELETE, path, nil),
                ]
                for (method, path, body) in requests {
                    let nonsense = path.replacingOccurrences(of: webhook.id.description, with: "x")
                    for (path, account, status) in [(path, nil, 401), (path, other, 404), (nonsense, other, 404)] {
                        let answer = try await Self.ask(port, method, path, as: account, body)
                        #expect(answer.status == status, "\(method) \(path)")
                    }
                }
            }
            #expect(try await feature.service.find(webhook.id, of: house.owner) == webhook)
        }
    }

    @Test func `a key looks after webhooks, but what would outlive it takes a person`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let webhook = try await feature.service.create(house.wish(), owner: house.owner)
            let delivery = try await feature.service.test(webhook.id, of: house.owner)
            let wish: JSONValue = ["url": "http://b.example/", "events": ["photo.ready"]]
            try await Self.serving(house, feature) { port in
                let path = "/api/webhooks/\(webhook.id)"
                let requests: [(HTTPMethod, String, JSONValue?, Int)] = [
                    (.POST, "/api/webhooks", wish, 403), (.PUT, path, wish, 403), (.POST, path + "/secret", nil, 403),
                    (.GET, "/api/webhooks", nil, 200), (.GET, path, nil, 200), (.GET, path + "/deliveries", nil, 200),
                    (.POST, path + "/test", nil, 202), (.POST, path + "/deliveries/\(delivery.id)/redeliver", nil, 202),
                    (.DELETE, path, nil, 204),
                ]
                for (method, path, body, status) in requests {
                    let answer = try await Self.ask(port, method, path, as: house.owner, body, byKey: true)
                    #expect(answer.status == status, "\(method) \(path)")
                }
            }
        }
    }

    @Test(arguments: [
        ["url": "http://a.example/"], ["url": "http://a.example/", "events": []], ["url": "http://a.example/", "events": ["photo.eaten"]],
        ["url": "http://a.example/", "events": ["ping"]], ["events": ["photo.ready"]], ["url": "ftp://a/", "events": ["photo.ready"]],
        ["url": "http://u:p@a.example/", "events": ["photo.ready"]], ["url": 7, "events": ["photo.ready"]],
        ["url": "http://a.example/", "events": ["photo.ready"], "name": .string(String(repeating: "x", count: 101))],
        ["url": "http://a.example/", "events": ["photo.ready"], "sessionId": "x"],
        ["url": "http://a.example/", "events": ["photo.ready"], "enabled": "yes"],
    ] as [JSONValue])
    func `a wish that makes no sense is refused`(wish: JSONValue) async throws {
        try await House.with { house in
            try await Self.serving(house, house.feature()) { port in
                let answer = try await Self.ask(port, .POST, "/api/webhooks", as: house.owner, wish)
                #expect(answer.status == 422 && answer.json["code"] == "invalid_field")
            }
            #expect(try await house.feature().service.list(of: house.owner, after: nil, limit: 5).isEmpty)
        }
    }
}
