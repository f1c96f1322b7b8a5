import Core

/// Tells one event from another that has the same sequence in another past.
public struct EventDigest: Sendable, Equatable {
    let value: UInt64

    init(value: UInt64) { self.value = value }

    /// The same on every node.
    init(_ event: PublishedEvent) {
        // FNV-1a. Nobody gains by making two events look alike: who could write both could write anything.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let texts = [String(event.offset), String(event.at.milliseconds), event.event.topic.name, event.event.name, event.event.data]
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            // A byte that no text has, so that texts cannot run into each other.
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        value = hash
    }
}
