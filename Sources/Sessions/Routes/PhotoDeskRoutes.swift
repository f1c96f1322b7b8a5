import Core
import HTTPTypes
import WebServer

/// What the desk does to photos, over HTTP.
struct PhotoDeskRoutes: Sendable {
    private static let errors = ["deleted": 409, "too_many_tags": 409]

    let desk: PhotoDesk
    let door: SessionDoor

    init(_ desk: PhotoDesk, _ door: SessionDoor) { (self.desk, self.door) = (desk, door) }

    var routes: [Route] { [update, review, delete, restore, batch, stack] }

    private var update: Route {
        .json(
            .put, "/api/photos/{id}", .editPhoto, "Change what is written about a photo", tag: "Photos", input: PhotoChange.self,
            output: PhotoView.self, errors: Self.errors, noun: "photo", resource: door.photoInPath
        ) { change, call in
            try await desk.perform(.change(change), on: try call.id(of: "photo"), by: call.editor)
        }
    }

    private var review: Route {
        .json(
            .post, "/api/photos/{id}/review", .reviewPhoto, "Approve or reject a photo", tag: "Photos", input: ReviewDecision.self,
            output: PhotoView.self, errors: Self.errors, noun: "photo", resource: door.photoInPath
        ) { decision, call in
            try await desk.perform(
                .review(decision.review, note: decision.note), on: try call.id(of: "photo"), by: call.editor)
        }
    }

    private var delete: Route {
        .empty(
            .delete, "/api/photos/{id}", .editPhoto, "Put a photo into the bin", tag: "Photos",
            query: [.init("forever", .boolean, "Removes it for good, at once; staff who may edit alone.")],
            errors: ["bad_query": 400], noun: "photo", resource: door.photoInPath
        ) { call in
            if try call.flag("forever") == true { return try await desk.destroy(try call.id(of: "photo"), by: call.editor) }
            _ = try await desk.perform(.delete, on: try call.id(of: "photo"), by: call.editor)
        }
    }

    private var restore: Route {
        .json(
            .post, "/api/photos/{id}/restore", .editPhoto, "Take a photo out of the bin", tag: "Photos", output: PhotoView.self,
            noun: "photo", resource: door.photoInPath
        ) { call in
            try await desk.perform(.restore, on: try call.id(of: "photo"), by: call.editor)
        }
    }

    private var stack: Route {
        .json(
            .post, "/api/sessions/{id}/stacks", .stackPhotos, "Put the photos of each burst into a stack", tag: "Photos",
            input: StackRequest.self, output: StackResult.self, noun: "session", resource: door.sessionInPath
        ) { input, call in
            try await desk.stackBursts(
                of: try call.id(of: "session"), within: .milliseconds(input.window ?? StackRequest.usualWindow), by: call.editor)
        }
    }

    private var batch: Route {
        .json(
            .post, "/api/photos/batch", .editPhotos, "Do the same to many photos", tag: "Photos", input: PhotoBatch.self,
            output: PhotoBatchResult.self, noun: "session"
        ) { batch, call in
            // Whoever may not is refused before anything is locked.
            let resource = try await door.resource(call.principal, batch.sessionId)
            try Policy.require(call.principal, .editPhoto, resource, what: "session")
            return try await desk.perform(batch, by: call.principal)
        }
    }
}

/// What is decided about a photo.
private struct ReviewDecision: WireType {
    var review: ReviewState
    var note: String?

    static let schema = Schema.object([
        .field("review", .oneOf(ReviewState.allCases.map(\.rawValue))),
        .optional("note", .string(0...1000), "Why, for the desk."),
    ])
}

/// How bursts are found.
private struct StackRequest: WireType {
    static let usualWindow: Int64 = 2000

    var window: Int64?

    static let schema = Schema.object([
        .optional("window", .integer(1...3_600_000), "Milliseconds of the longest pause within a burst; 2000 unless said.")
    ])
}

extension Call {
    fileprivate var editor: PhotoDesk.Editor { PhotoDesk.Editor(principal: principal, rights: heldRights) }
}
