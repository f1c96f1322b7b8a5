import Core

/// Decides what of an upload's bytes becomes a part and what is kept aside. A value without effects: it is told what has
/// come and what the store has confirmed, and says what to do next.
struct PartPlan: Sendable, Equatable {
    /// Segments that may wait for the rest of their part; more are melted into one.
    static let maxSegments = 8

    /// The upload has as many parts as there may be.
    struct TooLarge: Error, Equatable {}

    /// What to do with the bytes after the last full part when a request ends.
    enum Closing: Equatable {
        case nothing
        /// Keep this stretch of the part at hand aside, besides the segments there are.
        case keep(Range<Int64>)
        /// Fetch the segments to the part's beginning and keep all of it as one in their place.
        case melt(Int64)
    }

    /// How to end an upload.
    enum Ending: Equatable {
        case nothing
        /// Send the part at hand, which is the last, with that many bytes; those before may still be on their way.
        case part(number: Int, Int64)
        /// There is no part yet: send that many bytes as the object itself.
        case object(Int64)
    }

    /// What the store has; fit to be recorded at any time.
    private(set) var confirmed: PartialUpload
    /// The part at hand.
    private(set) var number: Int
    /// Its leading bytes that lie in segments.
    private(set) var stored: Int64
    /// Its bytes so far, the stored ones included.
    private(set) var filled: Int64

    init(_ upload: PartialUpload) {
        confirmed = upload
        number = upload.parts.count + 1
        stored = upload.tailSize
        filled = stored
    }

    var partSize: Int64 { confirmed.partSize }
    /// Bytes that have come.
    var received: Int64 { Int64(number - 1) * partSize + filled }
    /// Bytes that the part at hand can still take.
    var room: Int64 { partSize - filled }
    var isFull: Bool { filled == partSize }

    /// Bytes have come into the part at hand.
    mutating func fill(_ count: Int64) {
        precondition(count >= 0 && count <= room)
        filled += count
    }

    /// The full part is on its way; the next one is at hand.
    /// - Throws: `TooLarge`.
    mutating func turnPage() throws {
        guard number < Int(MultipartLayout.maxParts) else { throw TooLarge() }
        precondition(isFull)
        number += 1
        stored = 0
        filled = 0
    }

    mutating func begun(_ uploadID: String) { confirmed.uploadID = uploadID }

    /// The store has the next whole part.
    mutating func confirmPart(_ etag: String) {
        precondition(confirmed.parts.count < number - 1)
        confirmed.parts.append(etag)
        confirmed.tail = .segments([])
    }

    /// What to do with the rest; every full part has been confirmed by now.
    var closing: Closing {
        precondition(confirmed.parts.count == number - 1)
        if filled == stored { return .nothing }
        return confirmed.segments.count < Self.maxSegments ? .keep(stored..<filled) : .melt(filled)
    }

    /// The store has another segment.
    mutating func kept(_ segment: PartialUpload.Segment) {
        confirmed.tail = .segments(confirmed.segments + [segment])
        stored += segment.size
    }

    /// The store has one segment in the place of all.
    mutating func melted(_ segment: PartialUpload.Segment) {
        confirmed.tail = .segments([segment])
        stored = segment.size
    }

    /// How to end it.
    var ending: Ending {
        if confirmed.isFinished { return .nothing }
        if number == 1 { return .object(filled) }
        return filled == 0 ? .nothing : .part(number: number, filled)
    }

    /// The store has the last part, and all before it.
    mutating func endedPart(_ etag: String) {
        precondition(confirmed.parts.count == number - 1)
        confirmed.tail = .part(size: filled, etag: etag)
    }

    /// The store has the object.
    mutating func endedObject() { confirmed.tail = .object(size: filled) }
}
