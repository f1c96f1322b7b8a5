import Core
import ObjectStore

/// How far a move is, and how an operator is told. Pure: the time that has passed comes from outside.
struct MoveProgress: ShownProgress, Equatable {
    /// Files to be looked at, as far as was known at the beginning.
    let objects: Int
    /// Bytes of these.
    let bytes: Int64

    /// Files looked at; more than `objects` when some came in meanwhile.
    var done = 0
    /// Of these, how many were there already.
    var present = 0
    var copiedBytes: Int64 = 0
    var presentBytes: Int64 = 0

    init(objects: Int, bytes: Int64) {
        self.objects = objects
        self.bytes = bytes
    }

    mutating func update(_ progress: ObjectCopier.Progress) {
        done = progress.objects
        present = progress.present
        copiedBytes = progress.bytes
        presentBytes = progress.presentBytes
    }

    /// 0 to 1; files without bytes count by their number.
    var fraction: Double {
        if bytes == 0 { return objects == 0 ? 1 : min(1, Double(done) / Double(objects)) }
        return min(1, Double(copiedBytes + presentBytes) / Double(bytes))
    }

    /// In words.
    func line(after elapsed: Duration) -> String {
        let there = copiedBytes + presentBytes
        var parts = [
            "\(Int(fraction * 100))%", "\(done) of \(max(done, objects)) files",
            "\(ByteText.of(there, .binary)) of \(ByteText.of(max(bytes, there), .binary))",
        ]
        if let rate = rate(after: elapsed) {
            parts.append("\(ByteText.of(Int64(rate), .binary))/s")
            let left = max(0, Double(bytes - there) / rate)
            parts.append("\(Self.clock(seconds: Int64(min(left, 1e9)))) left")
        }
        return parts.joined(separator: ", ")
    }

    /// What has been done, when it is over.
    var summary: String {
        "Copied \(done - present) files (\(ByteText.of(copiedBytes, .binary))); "
            + "\(present) were there already (\(ByteText.of(presentBytes, .binary)))."
    }

    /// The same for scripts.
    func json(from source: String, to target: String, isRemoved: Bool) -> JSONValue {
        [
            "from": .string(source), "to": .string(target), "copied": .integer(Int64(done - present)),
            "copiedBytes": .integer(copiedBytes), "present": .integer(Int64(present)),
            "presentBytes": .integer(presentBytes), "removed": .bool(isRemoved),
        ]
    }

    /// Bytes a second; `nil` before anything can be said.
    private func rate(after elapsed: Duration) -> Double? {
        let seconds = Double(elapsed.milliseconds) / 1000
        return seconds >= 1 && copiedBytes > 0 ? Double(copiedBytes) / seconds : nil
    }
}
