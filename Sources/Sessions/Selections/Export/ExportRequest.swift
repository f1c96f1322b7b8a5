import Core
import Foundation
import HTTPTypes
import NIOCore
import WebServer

/// In which form a list is wanted.
struct ExportRequest: Sendable, Equatable {
    enum Format: String, CaseIterable { case names, csv, xmp }
    enum Ending: String, CaseIterable { case keep, strip }

    var format = Format.names
    var separator = NameSeparator.comma
    var ending = Ending.keep

    static let query: [Route.Query] = [
        .init("format", .oneOf(Format.allCases.map(\.rawValue)), "`names` unless said; `xmp` is a ZIP of sidecars."),
        .init(
            "separator", .oneOf(NameSeparator.allCases.map(\.rawValue)),
            "Between names, `comma` unless said: what Lightroom's filter and Capture One's search take."),
        .init("extension", .oneOf(Ending.allCases.map(\.rawValue)), "`strip` leaves out what is behind the last dot: names of RAW files, too."),
    ]

    /// - Throws: `Problem` 400 `bad_query`.
    init(_ query: [String: String]) throws {
        format = try Self.choice(query["format"], "format", format)
        separator = try Self.choice(query["separator"], "separator", separator)
        ending = try Self.choice(query["extension"], "extension", ending)
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String?, _ name: String, _ fallback: Choice
    ) throws -> Choice {
        guard let text else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.badRequest("bad_query", "\(name) is one of \(names).")
        }
        return choice
    }

    /// The file.
    func reply(_ selection: Selection, _ entries: [ChoiceStore.Listed]) -> Reply {
        switch format {
        case .names:
            let text = NameList(entries.map(\.filename), stripsExtensions: ending == .strip).text(separator)
            return Self.reply(text, "text/plain; charset=utf-8", "\(selection.name).txt")
        case .csv:
            let text = ChoiceTable(entries, stripsExtensions: ending == .strip).text
            return Self.reply(text, "text/csv; charset=utf-8; header=present", "\(selection.name).csv")
        case .xmp:
            let archive = SidecarArchive(entries)
            var fields = Self.fields("\(selection.name).zip")
            fields[.contentType] = "application/zip"
            let body = ResponseBody(contentLength: Int(archive.length)) { writer in
                for piece in archive.pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            }
            return Reply(.ok, headers: fields, body: body)
        }
    }

    private static func reply(_ text: String, _ type: String, _ name: String) -> Reply {
        .bytes(Data(text.utf8), type: type, headers: fields(name))
    }

    private static func fields(_ name: String) -> HTTPFields {
        [.contentDisposition: ContentDisposition.text(name, isAttachment: true), .cacheControl: "private, no-store"]
    }
}

extension SelectionService {
    /// A list with all that is on it, for staff: what guests are not shown (any more) as well.
    /// - Throws: `Problem` 404.
    func everything(on id: SelectionID, for chooser: Chooser) async throws -> (Selection, [ChoiceStore.Listed]) {
        try await database.read { tx in
            let selection = try seen(try selections.find(id, tx), by: chooser, tx)
            return (selection, try choices.list(id, onlyShown: false, after: nil, limit: Selection.mostPhotos, tx))
        }
    }
}
