import HTTPTypes
import HummingbirdCore
import NIOCore
import WebServer

extension Call {
    /// Bytes of a body that nobody needs which are still read.
    private static let passedBody = 16 << 20

    /// Reads the body of an upload for nothing whose file is there already, up to a bound: a sender that is cut off while it
    /// sends may never see the answer. One who waits to be asked for the body is spared it.
    func passUnneededBody(of upload: Upload) async {
        guard upload.photoID != nil, request.headers[.expect] == nil else { return }
        var room = Self.passedBody
        do {
            for try await chunk in request.body {
                room -= chunk.readableBytes
                if room < 0 { return }
            }
        } catch {
            // The answer finds out that the connection is gone.
        }
    }
}
