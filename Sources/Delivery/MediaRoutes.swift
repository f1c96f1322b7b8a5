import Core
import HTTPTypes
import Hummingbird
public import WebServer

/// `/media/`: the bytes of renditions and originals.
public struct MediaRoutes: Sendable {
    static let path = "/media/{id}/{file}"

    private let responder: MediaResponder

    public init(_ responder: MediaResponder) { self.responder = responder }

    public var routes: [Route] { [route(.get), route(.head)] }

    /// An AVIF file that has not been made yet is answered with the WebP or JPEG of that size: see `FoundMedia`. A still's
    /// path without extension is answered with what suits the client: see `StillChoice`.
    private func route(_ method: HTTPRequest.Method) -> Route {
        Route(
            method, Self.path, .readMedia,
            method == .get ? "The bytes of a rendition or original" : "The headers of a rendition or original",
            tag: "Media",
            query: [
                .init("grant", .string(0...2000), "A grant token, instead of a bearer."),
                .init("download", .oneOf(["1"]), "Asks for an attachment."),
                .init("w", .integer(1...100_000), "Of a still without extension: the width needed, in CSS pixels."),
                .init("dpr", .number(MediaTarget.ratios), "Device pixels to one of those."),
            ],
            output: .bytes(.ok, contentType: "application/octet-stream"),
            errors: [
                "unauthorized": 401, "range_not_satisfiable": 416, "precondition_failed": 412, "storage_unavailable": 503, "original_withheld": 403,
                "download_withheld": 403, "downloads_used_up": 403, "bad_query": 400,
            ],
            noun: "file"
        ) { call in
            let target = try MediaTarget(
                id: call.parameters["id"] ?? "", file: call.parameters["file"] ?? "", width: call.query["w"], ratio: call.query["dpr"])
            guard let target else { throw MediaAccess.hidden }
            var reply = try await responder.respond(
                to: target, principal: call.principal, grant: call.query["grant"], headers: call.request.headers,
                isDownload: call.query["download"] == "1", wantsBody: method == .get,
                isFromProxy: call.isFromProxy)
            if let paces = responder.paces { paces.hold(&reply, to: call.remoteAddress) }
            return reply
        }
    }
}
