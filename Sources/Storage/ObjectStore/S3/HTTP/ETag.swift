import NIOHTTP1

/// What a server calls a version of an object, or a part (RFC 9110 section 8.8.3).
enum ETag {
    /// Without quotes; `nil` for what could do harm when it is sent back.
    static func bare(_ text: String) -> String? {
        let bare = text.filter { $0 != "\"" }
        return (1...128).contains(bare.utf8.count) && bare.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? bare : nil
    }

    /// The MD5 in hex of what an answer is about; `nil` when the ETag is none: multipart uploads have ETags of another form,
    /// and with keys from a key service they are no hash at all.
    static func md5(_ headers: HTTPHeaders) -> String? {
        let encryption = headers.first(name: "x-amz-server-side-encryption") ?? "AES256"
        let text = (headers.first(name: "etag") ?? "").filter { $0 != "\"" }.lowercased()
        guard encryption == "AES256", !headers.contains(name: "x-amz-server-side-encryption-customer-algorithm"),
            text.utf8.count == 32, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return text
    }
}
