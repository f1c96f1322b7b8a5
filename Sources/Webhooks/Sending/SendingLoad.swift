import Core

/// What is being sent at a moment, by any process, and who has to wait for that. Pure.
struct SendingLoad: Sendable {
    /// A message on its way. The ids are as they are stored: a row that cannot be read must not stop the others.
    struct Flight: Sendable {
        var owner: String
        var webhook: String
        var host: String
    }

    /// Those that as much goes to as may, in order.
    let fullOwners: [String]
    let fullWebhooks: [String]
    let fullHosts: [String]
    private let webhooks: [String: Int]

    init(_ configuration: WebhookConfiguration, _ flights: [Flight]) {
        func full(_ counts: [String: Int], _ limit: Int) -> [String] { counts.filter { $0.value >= limit }.keys.sorted() }
        webhooks = Self.counts(flights, \.webhook)
        fullOwners = full(Self.counts(flights, \.owner), configuration.perOwner)
        fullWebhooks = full(webhooks, configuration.perWebhook)
        fullHosts = full(Self.counts(flights, \.host), configuration.perHost)
    }

    /// Messages on their way to a webhook.
    func count(of webhook: String) -> Int { webhooks[webhook, default: 0] }

    private static func counts(_ flights: [Flight], _ key: (Flight) -> String) -> [String: Int] {
        flights.reduce(into: [:]) { $0[key($1), default: 0] += 1 }
    }
}
