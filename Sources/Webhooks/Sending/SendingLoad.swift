import Core

/// What is being sent at the moment, and who has to wait for that.
struct SendingLoad: Sendable {
    private let limits: (total: Int, host: Int, owner: Int)
    private var total = 0
    private var hosts: [String: Int] = [:]
    private var owners: [UserID: Int] = [:]

    init(_ configuration: WebhookConfiguration) {
        limits = (configuration.concurrency, configuration.perHost, configuration.perOwner)
    }

    /// Whether nothing more can be sent.
    var isFull: Bool { total >= limits.total }
    /// Those that as much goes to as may.
    var fullHosts: [String] { hosts.filter { $0.value >= limits.host }.keys.sorted() }
    var fullOwners: [UserID] { owners.filter { $0.value >= limits.owner }.keys.sorted() }

    mutating func begin(_ webhook: Webhook) {
        total += 1
        hosts[webhook.url.host, default: 0] += 1
        owners[webhook.ownerID, default: 0] += 1
    }

    mutating func end(_ webhook: Webhook) {
        total -= 1
        hosts[webhook.url.host] = hosts[webhook.url.host].flatMap { $0 > 1 ? $0 - 1 : nil }
        owners[webhook.ownerID] = owners[webhook.ownerID].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
}
