import Foundation
import Glibc
import TestSupport
import Testing

@testable import Tether

/// A pipe whose writing end does not block, as some shells and editors hand out.
private final class NonBlockingPipe: Sendable {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
        _ = fcntl(writer, F_SETFL, O_NONBLOCK)
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Reads so many bytes, or what there is, on a thread of its own.
    func read(_ count: Int? = nil) async throws -> String {
        let inbox = Inbox<String>()
        Thread { [reader] in
            var (text, piece) = ([UInt8](), [UInt8](repeating: 0, count: 9000))
            repeat {
                let got = Glibc.read(reader, &piece, min(piece.count, (count ?? .max) - text.count))
                if got <= 0 { break }
                text += piece[..<got]
            } while text.count < count ?? 0
            inbox.push(String(decoding: text, as: UTF8.self))
        }.start()
        return try await inbox.wait(for: "bytes") { texts, _ in texts.first }
    }
}

@Suite("What is written out")
struct TextOutputTests {
    @Test("arrives whole and in order through a pipe that is full for a while")
    func whole() async throws {
        let pipe = try NonBlockingPipe()
        let output = TextOutput(pipe.writer)
        let lines = (0..<5000).map { "\($0) " + String(repeating: "x", count: 100) + "\n" }
        for line in lines { output.write(line) }
        // The pipe holds less than that.
        #expect(!output.isIdle)
        let expected = lines.joined()
        async let drained: Void = output.drain()
        #expect(try await pipe.read(expected.utf8.count) == expected)
        await drained
        #expect(output.isIdle)
    }

    @Test("is left out where nobody reads for too long, and says so")
    func gap() async throws {
        let pipe = try NonBlockingPipe()
        let output = TextOutput(pipe.writer, limit: 200_000) { "(\($0) left out)" }
        let piece = String(repeating: "x", count: 10_000)
        for _ in 0..<100 { output.write(piece) }
        // Not for ever: nobody reads.
        try await within(.seconds(20)) { await output.drain() }
        #expect(!output.isIdle)
        _ = try await pipe.read(200_000)
        output.write("!")
        var text = ""
        while !text.hasSuffix(" left out)!") { text += try await pipe.read() }
        #expect(text.drop { $0 == "x" }.hasPrefix("("))
    }

    @Test("is given up when its reader is gone")
    func broken() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        signal(SIGPIPE, SIG_IGN)
        close(ends[0])
        defer { close(ends[1]) }
        let output = TextOutput(ends[1])
        output.write("x")
        try await within(.seconds(5)) { await output.drain() }
        output.write("x")
        #expect(output.isIdle)
    }
}
