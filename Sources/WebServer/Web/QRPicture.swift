public import Core
import Foundation
import HTTPTypes

/// What a QR code is asked for as, by the query of a request.
public struct QRPicture: Sendable {
    private static let formats = ["svg", "png"]
    private let format: String
    private let correction: QRCorrection
    private let scale: Int

    /// What may be asked, for the documents.
    public static let query: [Route.Query] = [
        .init("format", .oneOf(formats), "`svg` unless said."),
        .init("correction", .oneOf(QRCorrection.allCases.map(\.rawValue)), "How much may be dirty or torn; `M` unless said."),
        .init("scale", .integer(1...32), "Pixels of a module's side in PNG files, 8 unless said."),
    ]

    /// - Throws: `Problem` 400 `bad_query`.
    public init(_ call: Call) throws {
        format = call.query["format"] ?? "svg"
        guard Self.formats.contains(format), let correction = QRCorrection(rawValue: call.query["correction"] ?? "M") else {
            throw Problem.badRequest("bad_query", "format is svg or png, correction L, M, Q or H.")
        }
        self.correction = correction
        scale = try call.integer("scale", in: QRCode.scales, default: 8)
    }

    /// - Returns: `nil` for a text that is too long for a code.
    public func reply(of text: String, cacheControl: String) -> Reply? {
        guard let code = try? QRCode(text, correction: correction) else { return nil }
        let headers: HTTPFields = [.cacheControl: cacheControl]
        return format == "svg"
            ? .bytes(Data(code.svg().utf8), type: "image/svg+xml", headers: headers)
            : .bytes(Data(code.png(scale: scale)), type: "image/png", headers: headers)
    }
}
