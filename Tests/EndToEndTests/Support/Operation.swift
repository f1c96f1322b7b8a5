import Core
import Foundation
import NIOHTTP1

/// An operation of the API as `/openapi.json` declares it.
struct Operation: Sendable, CustomStringConvertible {
    var method: HTTPMethod
    var path: String
    var action: Action

    var description: String { "\(method) \(path)" }

    /// All operations of a server.
    /// - Throws: when one does not say which action it is.
    static func all(_ api: API) async throws -> [Operation] {
        guard case .object(let paths)? = try await api.json(.GET, "/openapi.json")["paths"] else { return [] }
        return try paths.sorted { $0.key < $1.key }.flatMap { path, item -> [Operation] in
            guard case .object(let methods) = item else { return [] }
            return try methods.sorted { $0.key < $1.key }.map { method, operation in
                guard let action = Action(rawValue: try operation.text("x-action")) else {
                    throw API.Unexpected(description: "\(method) \(path) has an unknown action")
                }
                return Operation(method: HTTPMethod(rawValue: method.uppercased()), path: path, action: action)
            }
        }
    }

    /// What the parameter in the path names.
    enum Subject: Sendable { case none, session, link, photo, message, selection, report, upload, party, media, key, device, anything }

    var subject: Subject {
        if path == "/api/photos" { return .session }
        let subjects: [(String, Subject)] = [
            // Nothing is in the bin.
            ("/api/sessions/{id}/undelete", .anything),
            (Self.link, .link), ("/api/sessions/{id}", .session), ("/api/photos/{id}", .photo),
            ("/api/messages/{id}", .message), ("/api/selections/{id}", .selection), ("/api/reports/{id}", .report), ("/api/uploads/{id}", .upload), ("/api/parties/{id}", .party),
            ("/media/{id}", .media), ("/api/keys/{id}", .key), ("/api/auth/devices/{id}", .device),
            // The job of a photo with one original has its id.
            ("/api/jobs/{id}", .photo),
        ]
        return subjects.first { path.hasPrefix($0.0) }?.1 ?? (path.contains("{") ? .anything : .none)
    }

    /// Begins the paths that name a link within a session.
    static let link = "/api/sessions/{id}/links/{link}"

    /// Whether it leaves less behind than it found.
    var isDestructive: Bool {
        // The path that names a person names nobody here.
        let isSpared = ["/mutes/{person}", "/members/{user}", "/favourite", "/like"].contains { path.hasSuffix($0) }
        return method == .DELETE && !isSpared || path == "/api/auth/logout" || action == .archiveSession
    }

    /// Whether it names something in a party that is not there: a film, subtitles, a member.
    var namesMissing: Bool {
        ["{entry}", "{track}", "{person}"].contains { path.contains($0) } || method == .POST && path.hasSuffix("/queue")
    }

    /// A request that comes as far as the decision and changes nothing.
    func request(_ id: String, code: String?) -> (path: String, headers: [(String, String)], body: Data?) {
        // The number of a link is that of its session and its own.
        let ids = id.split(separator: "/").map(String.init)
        let filled = path.replacingOccurrences(of: "{id}", with: ids[0])
            .replacingOccurrences(of: "{link}", with: ids.last ?? "")
            .replacingOccurrences(of: "{name}", with: "nothing.jpg")
            .replacing(/\{[a-zA-Z]+\}/, with: "x")
        if path.hasPrefix("/api/uploads") {
            // A POST to an upload stands for another method.
            let override = subject == .upload && method == .POST ? [("X-HTTP-Method-Override", "HEAD")] : []
            return (filled, [TusClient.version] + override, nil)
        }
        // The stream would go on: who may have it is told that it is of another type.
        if action == .followSession || action == .followSelf { return (filled, [("Accept", "application/json")], nil) }
        if path == "/api/photos" { return ("\(filled)?session=\(id)", [], nil) }
        let isWrite = method == .POST || method == .PUT
        guard isWrite, !path.hasSuffix("/files/{name}") else { return (filled, [], nil) }
        return (filled, [("Content-Type", "application/json")], body(code))
    }

    private func body(_ code: String?) -> Data? {
        switch action {
        // An empty change and the right code are harmless; everything else is refused for its shape, but only after
        // the decision.
        case .updateSession, .savePhoto, .moderateChat, .stackPhotos: Data("{}".utf8)
        case .readMessages: Data(#"{"sequence":0}"#.utf8)
        // Said by everybody who may.
        case .sendMessage where path.hasSuffix("/messages"): Data(#"{"text":"Hello"}"#.utf8)
        // Made for everybody who may; one that is there gets another name.
        case .manageLinks: Data(#"{"name":"spare"}"#.utf8)
        // Lists are begun, changed and handed in by everybody who may; nothing is put on them.
        case .choosePhotos where path.hasSuffix("/submit"), .reopenSelection, .markPhoto: nil
        case .choosePhotos where !path.hasSuffix("/{photo}"): Data(#"{"name":"spare"}"#.utf8)
        // A token that no link has.
        case .enterSession where path.hasPrefix("/api/links/"): Data("{}".utf8)
        case .enterSession where code != nil: Data(#"{"accessCode":"\#(code ?? "")"}"#.utf8)
        case .sendMessage where path.hasSuffix("/{emoji}"): nil
        case .editPhoto where method == .PUT: Data("{}".utf8)
        case .editPhoto where path.hasSuffix("/restore"): nil
        case .requeuePhoto, .retryJob, .cancelJob, .manageDevices, .manageWebhooks, .archiveSession, .undeleteSession: nil
        // Nobody is named.
        case .manageMembers where path.contains("/members"): Data(#"{"role":"editor"}"#.utf8)
        case .manageMembers: Data(#"{"userId":"\#(Cast.missing)"}"#.utf8)
        case .duplicateSession: Data(#"{"title":"Copy"}"#.utf8)
        // What is named there is not.
        case .joinInParty where path.hasSuffix("/commands"): Data(#"{"action":"pause","sequence":0}"#.utf8)
        case .joinInParty where path.hasSuffix("/queue"): Data(#"{"mediaId":"\#(Cast.missing)"}"#.utf8)
        case .joinInParty where path.hasSuffix("/subtitles"): Data("WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n".utf8)
        case .joinInParty where path.hasSuffix("/{entry}"): Data(#"{"index":0}"#.utf8)
        case .joinInParty where path.hasSuffix("/{person}"): Data(#"{"role":"viewer"}"#.utf8)
        case .joinInParty where path == "/api/parties/{id}": Data("{}".utf8)
        case .joinInParty, .readParty: nil
        // Of an account that there is not.
        case .manageQuotas: Data("{}".utf8)
        case .configureWebhook where path.hasSuffix("/secret"): nil
        // Made for everybody who may, within what an account can have; there is none to be changed.
        case .configureWebhook: Data(#"{"url":"https://hooks.example.org/","events":["photo.ready"]}"#.utf8)
        default: Data("[]".utf8)
        }
    }
}
