import Core

/// What became of the files of a form, in their order.
struct FormResult: WireType, Equatable {
    struct File: Codable, Sendable, Equatable {
        var name: String
        /// The file, when it has arrived.
        var upload: UploadView?
        /// Why it has not.
        var problem: Refusal?
    }

    /// A problem as a member of a list.
    struct Refusal: Codable, Sendable, Equatable {
        var status: Int
        var code: String
        var detail: String

        init(_ problem: Problem) {
            self.status = problem.status
            self.code = problem.code
            self.detail = problem.detail
        }
    }

    var files: [File] = []
    /// Why the form was not read to its end; whatever is not among the files was not looked at.
    var problem: Refusal?

    static let schema = Schema.object([
        .optional("problem", refusal, "Why the form was not read to its end: files that are not listed have not arrived."),
        .field(
            "files",
            .array(
                of: .object([
                    .field("name", .string(0...255), "As it is kept."),
                    .optional("upload", UploadView.schema, "The file, when it has arrived."),
                    .optional("problem", refusal, "Why it has not."),
                ]), count: 0...MultipartParser.maxParts), "In the order of the form."),
    ])

    private static let refusal = Schema.object([
        .field("status", .integer(400...599)), .field("code", .string(1...64)), .field("detail", .string()),
    ])
}
