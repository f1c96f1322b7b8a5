/// Percent-encoding as Signature Version 4 wants it: everything but the unreserved characters of RFC 3986 section 2.3,
/// in upper-case hex.
enum URIEncoding {
    /// A query's name or value.
    static func component(_ text: String) -> String { encode(text, keepsSlash: false) }

    /// A path: slashes stay, and it is encoded once (S3 differs from other services here).
    static func path(_ text: String) -> String { encode(text, keepsSlash: true) }

    /// `a=1&b=` in the order given.
    static func query(_ items: [(name: String, value: String)]) -> String {
        items.map { "\(component($0.name))=\(component($0.value))" }.joined(separator: "&")
    }

    private static func encode(_ text: String, keepsSlash: Bool) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || keepsSlash && byte == UInt8(ascii: "/") {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 65...90, 97...122, 48...57, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)
}
