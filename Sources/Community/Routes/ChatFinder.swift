import Core
import WebServer

/// Finds what the caller holds in the session that a path leads to.
struct ChatFinder: Sendable {
    let access: any SessionAccess
    let service: ChatService

    var sessionInPath: Route.ResourceFinder {
        { principal, parameters in
            guard let id = SessionID(parameters["id"] ?? "") else { return .house }
            return try await access.resource(principal, id)
        }
    }

    /// The session of the photo that the path names.
    var photoInPath: Route.ResourceFinder {
        { principal, parameters in
            guard let id = PhotoID(parameters["id"] ?? "") else { return .house }
            return try await access.resource(principal, photo: id)
        }
    }

    /// The session that the message was said in.
    var messageInPath: Route.ResourceFinder {
        { principal, parameters in
            guard principal != .anonymous, let id = MessageID(parameters["id"] ?? "") else { return .house }
            return try await resource(principal, message: id)
        }
    }

    func resource(_ principal: Principal, message: MessageID) async throws -> Resource {
        guard let session = try await service.session(of: message) else { return .house }
        return try await access.resource(principal, session)
    }
}

extension Call {
    /// Who asks, as somebody in the chat at hand.
    func speaker() throws -> Speaker { try Speaker(principal, in: resource) }

    func message() throws -> MessageID { try id(of: "message") }

    /// The session that the message in the path was said in.
    func session() throws -> SessionID {
        guard case .session(let id, _) = resource else { throw Problem.notFound("message") }
        return id
    }
}
