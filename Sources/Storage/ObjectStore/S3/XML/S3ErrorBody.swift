import NIOCore

/// `<Error><Code>NoSuchKey</Code>...`: only the code is kept, since messages repeat what was sent.
enum S3ErrorBody {
    /// `nil` when the body is not an error's.
    static func code(of body: ByteBuffer) -> String? {
        guard let root = try? XMLParser.parse(body.readableBytesView), root.name == "Error" else { return nil }
        return clean(root["Code"] ?? "")
    }

    /// Letters and digits, at most 64: it goes into logs.
    static func clean(_ code: String) -> String {
        String(code.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(64))
    }
}
