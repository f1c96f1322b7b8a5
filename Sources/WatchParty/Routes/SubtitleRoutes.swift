import Core
import Foundation
import HTTPTypes
import NIOCore
import WebServer

/// The subtitles of films in a party.
struct SubtitleRoutes: Sendable {
    let service: PartyService
    let finder: PartyFinder

    var routes: [Route] { [add, read, remove] }

    private var add: Route {
        Route(
            .post, "/api/parties/{id}/queue/{entry}/subtitles", .joinInParty, "Add subtitles to a film of the queue: WebVTT or SRT, at most 1 MiB",
            tag: PartyRoutes.tag, body: .stream(contentType: "text/vtt"),
            query: [
                .init("label", .string(1...80), "What people choose them by."), .init("language", .string(2...12), "A short tag (BCP 47)."),
            ],
            output: .json(.created, SubtitleView.schema),
            errors: [
                "grant_missing": 403, "too_many_subtitles": 409, "bad_subtitles": 422, "subtitles_too_large": 413, "too_many_requests": 429,
                "bad_query": 400,
            ],
            noun: "film", resource: finder.partyInPath
        ) { call in
            let language = call.query["language"]
            guard language.map(Self.isTag) ?? true else { throw Problem.badRequest("bad_query", "language must be a short tag such as en or zh-Hant.") }
            let track = try await service.addSubtitles(
                try await Self.body(of: call), label: call.query["label"] ?? language ?? "Subtitles", language: language, to: call.entry,
                in: try call.party(), by: try call.actor())
            return try .json(track, status: .created)
        }
    }

    private static func isTag(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}/) != nil && text.count <= 12 }

    private static func body(of call: Call) async throws -> [UInt8] {
        await call.acceptBody()
        var bytes: [UInt8] = []
        for try await piece in call.request.body {
            bytes += piece.readableBytesView
            if bytes.count > SubtitleRules.maxBytes { throw SubtitleRules.tooLarge }
        }
        return bytes
    }

    private var read: Route {
        Route(
            .get, "/api/parties/{id}/subtitles/{track}", .readParty, "Subtitles, as WebVTT", tag: PartyRoutes.tag,
            output: .bytes(.ok, contentType: "text/vtt"), noun: "party", resource: finder.partyInPath
        ) { call in
            let text = try await service.subtitleText(call.track, of: try call.party())
            return .bytes(Data(text.utf8), type: "text/vtt; charset=UTF-8", headers: [.cacheControl: "private, max-age=3600"])
        }
    }

    private var remove: Route {
        .empty(
            .delete, "/api/parties/{id}/subtitles/{track}", .joinInParty, "Take subtitles away", tag: PartyRoutes.tag,
            errors: ["grant_missing": 403], noun: "party", resource: finder.partyInPath
        ) { call in
            try await service.removeSubtitles(call.track, of: try call.party(), by: try call.actor())
        }
    }
}

extension Call {
    /// The subtitles that the path names.
    fileprivate var track: String { parameters["track"] ?? "" }
}
