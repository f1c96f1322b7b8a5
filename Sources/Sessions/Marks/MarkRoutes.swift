import Core
import HTTPTypes
public import WebServer

/// `/api/photos/{id}/favourite` and `/api/photos/{id}/like`.
public struct MarkRoutes: Sendable {
    let service: MarkService
    let door: SessionDoor

    public init(_ service: MarkService, sessions: SessionService) {
        self.service = service
        self.door = SessionDoor(sessions)
    }

    public var routes: [Route] {
        [
            route(.put, .favourite, isOn: true, "Make a photo a favourite: a mark that nobody else sees"),
            route(.delete, .favourite, isOn: false, "Take a photo from one's favourites"),
            route(.put, .like, isOn: true, "Like a photo: everybody sees how many do"),
            route(.delete, .like, isOn: false, "Like a photo no more"),
        ]
    }

    private func route(_ method: HTTPRequest.Method, _ mark: PhotoMark, isOn: Bool, _ summary: String) -> Route {
        .json(
            method, "/api/photos/{id}/\(mark.rawValue)", .markPhoto, summary, tag: "Photos", output: PhotoMarksView.self,
            errors: ["too_many_requests": 429], noun: "photo", resource: door.photoInPath
        ) { call in
            try await service.set(mark, isOn: isOn, of: try call.id(of: "photo"), by: try call.chooser())
        }
    }
}
