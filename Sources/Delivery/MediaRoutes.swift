import Core
import HTTPTypes
import Hummingbird
public import WebServer

/// `/media/`: the bytes of renditions and originals.
public struct MediaRoutes: Sendable {
    private let responder: MediaResponder

    public init(_ responder: MediaResponder) { self.responder = responder }

    public var routes: [Route] { [route(.get), route(.head)] }

    /// An AVIF file that has not been made yet is answered with the WebP or JPEG of that size: see `FoundMedia`.
    private func route(_ method: HTTPRequest.Method) -> Route {
        Route(
            method, "/media/{id}/{file}", .readMedia,
            method == .get ? "The bytes of a rendition or original" : "The headers of a rendition or original",
            tag: "Media",
            query: [
                .init("grant", .string(0...2000), "A grant token, instead of a bearer."),
                .init("download", .oneOf(["1"]), "Asks for an attachment."),
            ],
            output: .bytes(.ok, contentType: "application/octet-stream"),
            errors: ["range_not_satisfiable": 416, "precondition_failed": 412, "storage_unavailable": 503, "original_withheld": 403], noun: "file"
        ) { call in
            guard let path = MediaPath(id: call.parameters["id"] ?? "", file: call.parameters["file"] ?? "") else {
                throw MediaAccess.hidden
            }
            return try await responder.respond(
                to: path, principal: call.principal, grant: call.query["grant"], headers: call.request.headers,
                isDownload: call.query["download"] == "1", wantsBody: method == .get)
        }
    }
}
