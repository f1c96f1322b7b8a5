/// Wakes one task; rings while it is awake become one.
struct Bell: Sendable {
    let rings: AsyncStream<Void>
    private let entry: AsyncStream<Void>.Continuation

    init() { (rings, entry) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func ring() { entry.yield() }
}
