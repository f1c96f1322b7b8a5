import Core
import HTTPTypes
public import WebServer

/// `/api/sessions/{id}/watermark` and `/api/sessions/{id}/rendering`.
public struct WatermarkRoutes: Sendable {
    let watermarks: WatermarkService
    let renderings: RenderingService
    let door: SessionDoor

    public init(_ watermarks: WatermarkService, _ renderings: RenderingService, sessions: SessionService) {
        self.watermarks = watermarks
        self.renderings = renderings
        self.door = SessionDoor(sessions)
    }

    public var routes: [Route] { [picture, preview, render] }

    private var picture: Route {
        Route(
            .put, "/api/sessions/{id}/watermark/picture", .updateSession, "Upload a picture for watermarks", tag: "Sessions",
            body: .stream(contentType: "image/png"), output: .json(.ok, WatermarkPictureView.schema),
            errors: ["bad_picture": 422, "preview_failed": 422, "too_large": 413, "too_many_requests": 429, "busy": 503],
            noun: "session", resource: door.sessionInPath
        ) { call in
            let id: SessionID = try call.id(of: "session")
            return try .json(try await watermarks.add(try await call.bytes(upTo: WatermarkService.largestPicture), to: id))
        }
    }

    private var preview: Route {
        Route(
            .post, "/api/sessions/{id}/watermark/preview", .updateSession, "See what a watermark looks like", tag: "Sessions",
            body: .optionalJSON(PreviewRequest.schema), output: .bytes(.ok, contentType: "image/jpeg"),
            errors: ["preview_failed": 422, "too_many_requests": 429, "busy": 503], noun: "session", resource: door.sessionInPath
        ) { call in
            let picture = try await watermarks.preview(try call.input(), of: try call.id(of: "session"))
            return .bytes(picture, type: "image/jpeg", headers: [.cacheControl: "no-store"])
        }
    }

    private var render: Route {
        Route(
            .post, "/api/sessions/{id}/rendering", .updateSession, "Derive a session's photos anew", tag: "Sessions",
            body: .optionalJSON(RenderingRequest.schema), output: .json(.accepted, RenderingView.schema), noun: "session",
            resource: door.sessionInPath
        ) { call in
            let request: RenderingRequest = try call.input()
            let view = try await renderings.begin(try call.id(of: "session"), everything: request.everything ?? false)
            return try .json(view, status: .accepted)
        }
    }
}
