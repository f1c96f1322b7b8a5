import Testing

@testable import Webhooks

@Suite struct SendingLoadTests {
    @Test func `hosts, accounts and webhooks have to wait when as much goes to them as may`() {
        var configuration = WebhookConfiguration()
        (configuration.perHost, configuration.perOwner, configuration.perWebhook) = (4, 3, 2)
        func load(_ flights: [(String, String, String)]) -> SendingLoad {
            SendingLoad(configuration, flights.map { .init(owner: $0.0, webhook: $0.1, host: $0.2) })
        }
        let few = load([("o1", "w1", "h1")])
        #expect(few.fullOwners == [] && few.fullWebhooks == [] && few.fullHosts == [])
        #expect(few.count(of: "w1") == 1 && few.count(of: "w2") == 0)
        let more = load([("o1", "w1", "h1"), ("o1", "w1", "h1")])
        #expect(more.fullOwners == [] && more.fullWebhooks == ["w1"] && more.fullHosts == [])
        let many = load([("o1", "w1", "h1"), ("o1", "w1", "h1"), ("o1", "w2", "h1"), ("o2", "w3", "h1")])
        #expect(many.fullOwners == ["o1"] && many.fullWebhooks == ["w1"] && many.fullHosts == ["h1"])
    }

    @Test func `no account may take more than a small part of what is sent at the same time`() {
        let configuration = WebhookConfiguration()
        #expect(configuration.perOwner * 32 <= configuration.concurrency)
        #expect(configuration.perWebhook < configuration.perOwner)
    }
}
