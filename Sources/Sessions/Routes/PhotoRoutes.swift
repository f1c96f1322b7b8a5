import Core
import Foundation
import HTTPTypes
public import WebServer

/// `/api/photos`: photos and videos alike.
public struct PhotoRoutes: Sendable {
    let service: PhotoService
    let desk: PhotoDesk
    let door: SessionDoor

    public init(_ service: PhotoService, desk: PhotoDesk, sessions: SessionService) {
        self.service = service
        self.desk = desk
        self.door = SessionDoor(sessions)
    }

    public var routes: [Route] { [list, read, sections, requeue] + PhotoDeskRoutes(desk, door).routes }

    private var list: Route {
        .json(
            .get, "/api/photos", .listPhotos, "The photos and videos of a session, newest first", tag: "Photos",
            query: [Route.Query("session", .formatted(.uuid), "The session's id; required.")] + Route.paging + PhotoQuery.parameters,
            output: Page<PhotoView>.self, errors: ["staff_only": 403], noun: "session", resource: door.session(named: "session")
        ) { call in
            guard let session = SessionID(call.query["session"] ?? "") else { throw Problem.notFound("session") }
            return try await service.list(
                session, try PhotoQuery(call), for: call.principal, rights: call.heldRights, after: try call.cursor(),
                limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var read: Route {
        .json(
            .get, "/api/photos/{id}", .readPhoto, "One photo or video", tag: "Photos", output: PhotoView.self,
            noun: "photo", resource: door.photoInPath
        ) { call in
            try await service.view(try call.id(of: "photo"), for: call.principal, rights: call.heldRights)
        }
    }

    private var sections: Route {
        .json(
            .get, "/api/sessions/{id}/sections", .listPhotos, "What the photos of a session are divided into", tag: "Photos",
            query: [
                .init("by", .oneOf(PhotoSection.Order.allCases.map(\.rawValue)), "`day` unless said."),
                .init("timeZone", .string(1...64), "An IANA name, whose days and hours; the session's, or else UTC, unless said."),
            ],
            output: PhotoSections.self, noun: "session", resource: door.sessionInPath
        ) { call in
            let zone = try call.query["timeZone"].map { try Call.unbroken(TimeZone(identifier: $0), "timeZone") }
            return try await service.sections(
                of: try call.id(of: "session"), by: try call.choice("by") ?? .day, in: zone, rights: call.heldRights)
        }
    }

    private var requeue: Route {
        .empty(
            .post, "/api/photos/{id}/requeue", .requeuePhoto, "Process a failed photo again", tag: "Photos",
            errors: ["not_failed": 409, "unsupported_type": 409], noun: "photo", resource: door.photoInPath
        ) { call in
            try await service.requeue(try call.id(of: "photo"))
        }
    }
}
