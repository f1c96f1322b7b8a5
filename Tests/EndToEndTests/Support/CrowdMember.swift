import Core
import Foundation
import Glibc
import NIOCore

/// A client of `/ws` that keeps little of what it is told. Lives on the event loop of its crowd.
final class CrowdMember: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A durable event.
    struct Heard {
        var offset: Int64
        var number: Int
        var at: NIODeadline
    }

    /// Answers kept.
    private static let mostAnswers = 8

    /// In the order in which they came.
    private(set) var heard: [Heard] = []
    /// Answers to commands and what concerns this client alone, the first ones.
    private(set) var answers: [String] = []
    /// What the server said that it closes for.
    private(set) var closeCode: Int?
    private(set) var isClosed = false
    private let opening: ByteBuffer
    /// Whether it goes on after the server has closed, as nobody should.
    private let isStubborn: Bool
    private let mark: StaticString
    /// Succeeds when the first command is answered.
    private let joined: EventLoopPromise<Void>
    private var reader = FrameReader()

    /// - Parameters:
    ///   - opening: what it says first.
    ///   - mark: what stands before the number of an event.
    init(_ opening: ByteBuffer, isStubborn: Bool, mark: StaticString, joined: EventLoopPromise<Void>) {
        (self.opening, self.isStubborn, self.mark, self.joined) = (opening, isStubborn, mark, joined)
    }

    /// Whether it was promised everything that it had missed.
    var isRecovered: Bool { answers.contains { $0.contains(#""recovered":true"#) } }

    /// Where it stands in the history, as it was told when it joined or by an event since.
    var place: (epoch: String, offset: Int64)? {
        let joined = answers.lazy.compactMap { try? JSON.decode(JSONValue.self, from: Data($0.utf8)) }.compactMap { $0["data"] }.first { $0["epoch"] != nil }
        guard let joined, let epoch = joined["epoch"]?.stringValue, let offset = joined["offset"]?.integerValue else { return nil }
        return (epoch, heard.last?.offset ?? offset)
    }

    func channelActive(context: ChannelHandlerContext) { context.writeAndFlush(Self.wrapOutboundOut(opening), promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(Self.unwrapInboundIn(data))
        while let (opcode, payload) = reader.next() { take(opcode, payload, context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        joined.fail(API.Unexpected(description: "a client was closed with \(closeCode ?? 0) after \(answers), \(reader.head ?? "no answer")"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Reading

    private func take(_ opcode: UInt8, _ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        switch opcode {
        case 1: hear(payload)
        case 8:
            closeCode = payload.getInteger(at: payload.readerIndex, as: UInt16.self).map(Int.init)
            if !isStubborn { context.close(promise: nil) }
        case 9: context.writeAndFlush(Self.wrapOutboundOut(ClientFrame.bytes(0x8A, Array(payload.readableBytesView))), promise: nil)
        default: break
        }
    }

    private func hear(_ message: ByteBuffer) {
        let (offset, number) = message.withUnsafeReadableBytes { [mark] bytes in
            // What they say may be long, and stands behind.
            let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(600))
            return (Self.number(after: #""offset":"#, in: bytes), Self.number(after: mark, in: bytes))
        }
        if let offset, let number {
            heard.append(Heard(offset: Int64(offset), number: number, at: .now()))
        } else if answers.count < Self.mostAnswers {
            answer(String(buffer: message))
        }
    }

    private func answer(_ text: String) {
        // Who else is there comes and goes.
        if text.contains(#""type":"user_"#) || text.contains(#""type":"party_member"#) || text.contains(#""type":"party_status"#) { return }
        answers.append(text)
        if text.contains(#""type":"ack""#) { joined.succeed() }
        if text.contains(#""type":"error""#) { joined.fail(API.Unexpected(description: text)) }
    }

    private static func number(after text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let place = FrameReader.find(text, in: bytes) else { return nil }
        var number = 0
        for byte in bytes[(place + text.utf8CodeUnitCount)...] {
            guard (48...57).contains(byte) else { break }
            number = number * 10 + Int(byte - 48)
        }
        return number
    }
}
