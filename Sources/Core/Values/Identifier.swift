import Foundation

/// A UUIDv7 (RFC 9562 section 5.7) that knows what it identifies, so that a photo's id cannot be passed for a session's.
///
/// On the wire and in the database it is the 36-character lower-case text. Ids made on one machine sort by creation time.
public struct Identifier<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The lower-case textual form, e.g. `01939a2e-7c1b-7d4e-9b54-0c9f5a3de001`.
    public let description: String

    /// Parses the textual form; `nil` unless it is a well-formed UUID.
    public init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        // As all that were written down are.
        if Self.isCanonical(text) {
            self.description = text
            return
        }
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.description = uuid.uuidString.lowercased()
    }

    private static func isCanonical(_ text: String) -> Bool {
        text.utf8.enumerated().allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == 0x2D
            default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
        }
    }

    /// A fresh id: 48 bits of Unix milliseconds, then randomness.
    public init(at time: Timestamp) {
        var random = SystemRandomNumberGenerator()
        self.init(at: time, using: &random)
    }

    /// A fresh id from a given source of randomness.
    public init(at time: Timestamp, using random: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(bitPattern: time.milliseconds) & 0xFFFF_FFFF_FFFF
        let high = milliseconds << 16 | 0x7000 | (random.next() & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (random.next() & 0x3FFF_FFFF_FFFF_FFFF)
        self.description = Self.text(high, low)
    }

    /// The same id under another name: an upload becomes an original, an original a photo.
    public init<Other>(_ other: Identifier<Other>) {
        self.description = other.description
    }

    /// By creation time, then at random.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.description < rhs.description }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        var text = ""
        text.reserveCapacity(36)
        for (index, byte) in (bytes(high) + bytes(low)).enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.append(hexDigits[Int(byte >> 4)])
            text.append(hexDigits[Int(byte & 15)])
        }
        return text
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
    }
}

private let hexDigits = Array("0123456789abcdef")

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a UUID"))
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What ids can identify. The cases are never created; they only tell `Identifier` types apart.
public enum Subject {
    /// An account.
    public enum User {}
    /// A signed-in device of an account.
    public enum Device {}
    /// A right given to somebody in a session.
    public enum Grant {}
    /// A link into a session.
    public enum Link {}
    /// A shooting and its gallery.
    public enum Session {}
    /// A file on its way in.
    public enum Upload {}
    /// A file as it was uploaded.
    public enum Original {}
    /// A photo or film in a session.
    public enum Photo {}
    /// A list of photos that somebody chooses.
    public enum Selection {}
    /// A complaint about a photo.
    public enum Report {}
    /// Work for a decoder.
    public enum Job {}
    /// An open socket.
    public enum Connection {}
}

/// Names an account.
public typealias UserID = Identifier<Subject.User>
/// Names a signed-in device.
public typealias DeviceID = Identifier<Subject.Device>
/// Names a grant.
public typealias GrantID = Identifier<Subject.Grant>
/// Names a link; the grants of those who came in by it have it as their parent.
public typealias LinkID = Identifier<Subject.Link>
/// Names a session.
public typealias SessionID = Identifier<Subject.Session>
/// Names an upload.
public typealias UploadID = Identifier<Subject.Upload>
/// Names an original.
public typealias OriginalID = Identifier<Subject.Original>
/// Names a photo or film.
public typealias PhotoID = Identifier<Subject.Photo>
/// Names a list of chosen photos.
public typealias SelectionID = Identifier<Subject.Selection>
/// Names a complaint about a photo.
public typealias ReportID = Identifier<Subject.Report>
/// Names a processing job.
public typealias JobID = Identifier<Subject.Job>
/// Names a connection.
public typealias ConnectionID = Identifier<Subject.Connection>
