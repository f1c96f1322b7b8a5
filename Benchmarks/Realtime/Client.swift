import Foundation
import Glibc

/// What went wrong, in a sentence.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One WebSocket, as little of it as a measurement needs: whole text messages, small ones, and no more checks than would
/// notice that the other side speaks of something else.
struct Client {
    let descriptor: CInt
    /// Bytes of a frame whose rest has not come.
    private var rest: [UInt8] = []

    /// Connects and shakes hands; blocks.
    init(port: UInt16, path: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw LoadError("no connection: \(String(cString: strerror(errno)))") }
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        try shakeHands(port, path)
    }

    private mutating func shakeHands(_ port: UInt16, _ path: String) throws {
        let fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(Self.key)\r\n"
        try write(Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(fields)\r\n".utf8))
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard recv(descriptor, &byte, 1, 0) == 1, head.count < 4096 else { throw LoadError("the handshake broke off") }
            head.append(byte)
        }
        let status = String(decoding: head.prefix(12), as: UTF8.self)
        guard status == "HTTP/1.1 101" else { throw LoadError("not a WebSocket: \(status)") }
    }

    /// Servers need not remember it, so it may be the same for all.
    private static let key = Data((0..<16).map { UInt8($0) }).base64EncodedString()

    /// The bytes of a message as a client has to send it; the mask is zero, so that it is made once.
    static func frame(_ text: String) -> [UInt8] {
        let payload = Array(text.utf8)
        precondition(payload.count < 1 << 16)
        let length = payload.count < 126
            ? [0x80 | UInt8(payload.count)] : [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        return [0x81] + length + [0, 0, 0, 0] + payload
    }

    func write(_ bytes: [UInt8]) throws {
        guard send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else { throw LoadError("a message was not taken") }
    }

    /// Reads once, and says how many messages contain each of the marks.
    /// - Parameter space: of at least 64 KiB.
    mutating func read(into space: UnsafeMutableRawBufferPointer, _ heard: (UnsafeRawBufferPointer) -> Void) throws {
        let kept = rest.count
        if kept > 0 { space.copyBytes(from: rest) }
        let count = recv(descriptor, space.baseAddress! + kept, space.count - kept, CInt(MSG_DONTWAIT))
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        guard count > 0 else { throw LoadError("the server hung up") }
        let bytes = UnsafeRawBufferPointer(rebasing: space[..<(kept + count)])
        let used = try Self.messages(bytes, heard)
        rest.removeAll(keepingCapacity: true)
        if used < bytes.count { rest.append(contentsOf: bytes[used...]) }
    }

    /// - Returns: the bytes of whole frames.
    private static func messages(_ bytes: UnsafeRawBufferPointer, _ heard: (UnsafeRawBufferPointer) -> Void) throws -> Int {
        var start = 0
        while bytes.count - start >= 2 {
            var header = 2
            var length = Int(bytes[start + 1])
            if length == 126 {
                guard bytes.count - start >= 4 else { break }
                (header, length) = (4, Int(bytes[start + 2]) << 8 | Int(bytes[start + 3]))
            }
            guard length < 1 << 16 else { throw LoadError("a frame is larger than what was said") }
            guard bytes.count - start >= header + length else { break }
            // Texts alone; pings need no answer within a measurement.
            if bytes[start] == 0x81 { heard(UnsafeRawBufferPointer(rebasing: bytes[(start + header)..<(start + header + length)])) }
            if bytes[start] == 0x88 { throw LoadError("the server closed a connection") }
            start += header + length
        }
        return start
    }
}
