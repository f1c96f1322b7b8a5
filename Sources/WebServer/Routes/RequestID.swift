import Core

/// Names a request in its answer and in every log line about it.
enum RequestID {
    static func generate() -> String { RandomToken.secret(bytes: 12) }

    /// Takes over what the client sent if it is a plain token of at most 64 characters, so that it can go into a log.
    static func accept(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count) else { return nil }
        let isToken = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        return isToken ? text : nil
    }
}
