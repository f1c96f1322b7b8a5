/// What can be set about webhooks.
public struct WebhookConfiguration: Sendable {
    /// Where messages may go.
    public var reach = NetworkReach.publicOnly
    /// A PEM file of the authorities that receivers' certificates are checked against; `nil` for the system's.
    public var authorities: String?
    /// Webhooks of one account.
    public var perAccount = 20
    /// Messages being sent at the same time by this process.
    public var concurrency = 128
    /// Messages being sent at the same time to one host, by all processes together.
    public var perHost = 16
    /// The same of one account: a small part of `concurrency`, for a receiver may keep each of them for `totalTimeout`.
    public var perOwner = 4
    /// The same of one webhook.
    public var perWebhook = 2
    public var connectTimeout = Duration.seconds(5)
    /// From the look-up of the name to the status of the answer.
    public var totalTimeout = Duration.seconds(15)
    /// Bytes of an answer that are read, and thrown away.
    public var answerLimit = 4096
    /// How long it is read, after its status has come.
    public var answerPatience = Duration.seconds(1)
    /// How long a message belongs to the process that sends it; longer than `totalTimeout`, `answerPatience` and the
    /// difference of the processes' clocks together.
    public var lease = Duration.seconds(60)
    /// How long messages on their way are waited for at the end.
    public var drain = Duration.seconds(3)
    /// The longest time until a message that is due is noticed.
    public var pollInterval = Duration.seconds(1)
    /// How often the messages that wait are counted.
    public var gaugeInterval = Duration.seconds(10)
    /// How often old messages are removed.
    public var sweepInterval = Duration.seconds(600)
    /// How long a message is kept once it is delivered or given up.
    public var keptFor = Duration.seconds(14 * 86_400)
    /// Messages kept of one webhook, whatever their state.
    public var keptPerWebhook = 5000
    /// Unsent messages of one webhook beyond which none is added by hand.
    public var mostWaiting = 1000
    /// A webhook that nothing got through to for that long is disabled.
    public var failingLimit = Duration.seconds(3 * 86_400)
    /// How long the secret before the last signs as well.
    public var secretOverlap = Duration.seconds(86_400)

    /// The usual.
    public init() {}
}
