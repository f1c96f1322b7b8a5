import NIOHTTP1

/// Says in a response's head how its end is found (RFC 9112 section 6) and whether the connection lives on.
enum ResponseFraming {
    /// - Parameters:
    ///   - isHead: whether the answer is to a HEAD request, so that no body follows whatever the head says.
    ///   - isHTTP10: whether the client does not know chunks.
    ///   - closes: whether the connection closes after this answer; set when the answer has no other end.
    static func frame(_ head: HTTPResponseHead, isHead: Bool, isHTTP10: Bool, closes: inout Bool) -> HTTPResponseHead {
        var head = head
        head.headers.remove(name: "transfer-encoding")
        if !head.status.mayHaveResponseBody {
            head.headers.remove(name: "content-length")
        } else if !isHead && !head.headers.contains(name: "content-length") {
            if isHTTP10 { closes = true } else { head.headers.add(name: "transfer-encoding", value: "chunked") }
        }
        if closes {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if isHTTP10 {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        return head
    }
}
