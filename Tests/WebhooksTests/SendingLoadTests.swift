import Core
import Testing

@testable import Webhooks

@Suite struct SendingLoadTests {
    private static func webhook(_ host: String, _ owner: Int64) throws -> Webhook {
        let now = Timestamp(milliseconds: 0)
        return Webhook(
            id: WebhookID(at: now), ownerID: try #require(UserID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de00\(owner)")), name: "",
            url: try WebhookURL("https://\(host)/", within: .publicOnly), events: [], secret: WebhookSecret(),
            state: .enabled, createdAt: now, updatedAt: now)
    }

    @Test func `hosts and accounts have to wait when as much goes to them as may, and everybody when all is busy`() throws {
        var configuration = WebhookConfiguration()
        (configuration.concurrency, configuration.perHost, configuration.perOwner) = (4, 2, 3)
        var load = SendingLoad(configuration)
        let (one, other) = (try Self.webhook("a.example", 1), try Self.webhook("b.example", 1))
        load.begin(one)
        #expect(load.fullHosts == [] && load.fullOwners == [] && !load.isFull)
        load.begin(one)
        #expect(load.fullHosts == ["a.example"] && load.fullOwners == [])
        load.begin(other)
        #expect(load.fullHosts == ["a.example"] && load.fullOwners == [one.ownerID] && !load.isFull)
        load.begin(try Self.webhook("c.example", 2))
        #expect(load.isFull)
        load.end(one)
        #expect(load.fullHosts == [] && load.fullOwners == [] && !load.isFull)
    }
}
