import Core
import HTTPTypes
public import WebServer

/// `/api/sessions/{id}/selections` and `/api/selections/{id}`: lists of chosen photos.
public struct SelectionRoutes: Sendable {
    private static let (tag, one, noun) = ("Selections", "/api/selections/{id}", "selection")
    private static let photo = "\(one)/photos/{photo}"
    private static let closed = ["selection_submitted": 409, "selection_closed": 409]

    let service: SelectionService
    let door: SessionDoor

    public init(_ service: SelectionService, sessions: SessionService) {
        self.service = service
        self.door = SessionDoor(sessions)
    }

    public var routes: [Route] { [create, list, read, update, remove, choose, letGo, photos, submit, reopen, export] }

    private var create: Route {
        .json(
            .post, "/api/sessions/{id}/selections", .choosePhotos, "Begin a list of chosen photos", tag: Self.tag,
            input: SelectionInput.self, output: SelectionView.self, status: .created,
            errors: ["too_many_selections": 409, "too_many_requests": 429], noun: "session", resource: door.sessionInPath
        ) { input, call in
            try await service.create(input, in: try call.id(of: "session"), by: try call.chooser())
        }
    }

    private var list: Route {
        .json(
            .get, "/api/sessions/{id}/selections", .readSelections,
            "Lists of chosen photos, newest first: those for all and one's own; staff sees all", tag: Self.tag, query: Route.paging,
            output: Page<SelectionView>.self, noun: "session", resource: door.sessionInPath
        ) { call in
            try await service.list(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50),
                for: try call.chooser())
        }
    }

    private var read: Route {
        .json(
            .get, Self.one, .readSelections, "One list of chosen photos", tag: Self.tag, output: SelectionView.self, noun: Self.noun,
            resource: selectionInPath
        ) { call in
            try await service.view(try call.selection(), for: try call.chooser())
        }
    }

    private var update: Route {
        .json(
            .put, Self.one, .choosePhotos, "Change a list's name, description, limits or deadline", tag: Self.tag,
            input: SelectionChange.self, output: SelectionView.self, errors: Self.closed, noun: Self.noun, resource: selectionInPath
        ) { input, call in
            try await service.update(try call.selection(), input, by: try call.chooser())
        }
    }

    private var remove: Route {
        .empty(
            .delete, Self.one, .choosePhotos, "Remove a list; the photos stay", tag: Self.tag, errors: ["selection_submitted": 409],
            noun: Self.noun, resource: selectionInPath
        ) { call in
            try await service.remove(try call.selection(), by: try call.chooser())
        }
    }

    private var choose: Route {
        Route(
            .put, Self.photo, .choosePhotos, "Put a photo on a list, with what is to be written on it in place of what was",
            tag: Self.tag, body: .optionalJSON(ChoiceInput.schema), output: .json(.ok, ChoiceView.schema),
            errors: Self.closed.merging(["selection_full": 409, "too_many_requests": 429]) { first, _ in first }, noun: Self.noun,
            resource: selectionInPath
        ) { call in
            let photo: PhotoID = try call.id("photo", of: "photo")
            return try .json(
                try await service.choose(photo, try call.input(), on: try call.selection(), by: try call.chooser()))
        }
    }

    private var letGo: Route {
        .empty(
            .delete, Self.photo, .choosePhotos, "Take a photo from a list; what is not on it is so already", tag: Self.tag,
            errors: Self.closed.merging(["too_many_requests": 429]) { first, _ in first }, noun: Self.noun, resource: selectionInPath
        ) { call in
            try await service.letGo(
                of: PhotoID(call.parameters["photo"] ?? ""), from: try call.selection(), by: try call.chooser())
        }
    }

    private var photos: Route {
        .json(
            .get, "\(Self.one)/photos", .readSelections, "What is on a list, in the order of choosing", tag: Self.tag,
            query: Route.paging, output: Page<ChoiceView>.self, noun: Self.noun, resource: selectionInPath
        ) { call in
            try await service.choices(
                on: try call.selection(), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50),
                for: try call.chooser(), call.principal)
        }
    }

    private var submit: Route {
        .json(
            .post, "\(Self.one)/submit", .choosePhotos, "Hand a list in: it takes no changes from then on", tag: Self.tag,
            output: SelectionView.self, errors: ["selection_short": 409, "selection_closed": 409], noun: Self.noun,
            resource: selectionInPath
        ) { call in
            try await service.submit(try call.selection(), by: try call.chooser())
        }
    }

    private var reopen: Route {
        .json(
            .post, "\(Self.one)/reopen", .reopenSelection, "Open a list again that was handed in", tag: Self.tag,
            output: SelectionView.self, noun: Self.noun, resource: selectionInPath
        ) { call in
            try await service.reopen(try call.selection(), by: try call.chooser())
        }
    }

    private var export: Route {
        Route(
            .get, "\(Self.one)/export", .exportSelection, "A list as a file: names to search for, a table, or XMP sidecars in a ZIP",
            tag: Self.tag, query: ExportRequest.query, output: .bytes(.ok, contentType: "*/*"), errors: ["bad_query": 400],
            noun: Self.noun, resource: selectionInPath
        ) { call in
            let request = try ExportRequest(call.query)
            let (selection, entries) = try await service.everything(on: try call.selection(), for: try call.chooser())
            return request.reply(selection, entries)
        }
    }

    /// The session of the list that the path names.
    private var selectionInPath: Route.ResourceFinder {
        { principal, parameters in
            guard principal != .anonymous, let id = SelectionID(parameters["id"] ?? ""), let session = try await service.session(of: id)
            else { return .house }
            return try await door.resource(principal, session)
        }
    }
}

extension Call {
    fileprivate func selection() throws -> SelectionID { try id(of: "selection") }

    /// Who asks, with what they hold in the session at hand.
    func chooser() throws -> Chooser { try Chooser(principal, rights: heldRights) }
}
