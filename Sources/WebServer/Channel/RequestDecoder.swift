import NIOCore
import NIOHTTP1

/// NIO's request decoder, with a way to stop it after a request and to get back, as bytes, what it has not read.
final class RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    /// What had arrived after the request when the decoder was taken out of the pipeline.
    private(set) var leftovers = ByteBuffer()
    private let decoder: HTTPRequestDecoder
    private var isReleased = false

    init(_ limits: ConnectionLimits) {
        var bounds = NIOHTTPDecoderLimitConfiguration()
        bounds.maxHeaderFieldSize = limits.headerBytes
        bounds.maxHeaderListSize = limits.headerBytes
        bounds.maxHeaderFieldCount = limits.headerFields
        decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: bounds)
    }

    /// From now on bytes are kept, not decoded. Call it before taking the decoder out.
    func release() { isReleased = true }

    func decoderAdded(context: ChannelHandlerContext) { decoder.decoderAdded(context: context) }

    func decoderRemoved(context: ChannelHandlerContext) { decoder.decoderRemoved(context: context) }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        if isReleased { return .needMoreData }
        return try decoder.decode(context: context, buffer: &buffer)
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        if isReleased {
            leftovers.writeBuffer(&buffer)
            return .needMoreData
        }
        return try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }
}

@available(*, unavailable)
extension RequestDecoder: Sendable {}
