import Core
import Foundation
import TestSupport

/// Looks into a picture with programs that know nothing of the server.
struct Picture: Sendable {
    static var isPossible: Bool { ["vips", "vipsheader", "exiftool"].allSatisfy { Tool.program($0) != nil } }

    private let folder: TemporaryFolder
    private let path: String

    init(_ data: Data, extension: String) throws {
        folder = try TemporaryFolder("picture")
        path = folder.file("picture.\(`extension`)")
        try data.write(to: URL(fileURLWithPath: path))
    }

    func size() async throws -> (width: Int, height: Int) {
        let header = try Tool("vipsheader")
        let width = try await header.output(["-f", "width", path])
        let height = try await header.output(["-f", "height", path])
        return (Int(width.filter(\.isNumber)) ?? 0, Int(height.filter(\.isNumber)) ?? 0)
    }

    /// Red, green and blue near the four corners: top left, top right, bottom left, bottom right.
    func corners() async throws -> [[Int]] {
        let (width, height) = try await size()
        let points = [(4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5)]
        var colours: [[Int]] = []
        for (x, y) in points {
            let text = try await Tool("vips").output(["getpoint", path, String(x), String(y)])
            colours.append(text.split(separator: " ").compactMap { Double($0).map(Int.init) })
        }
        return colours
    }

    /// Every tag with its group, e.g. `EXIF:Make`.
    func tags() async throws -> Set<String> {
        let json = try await Tool("exiftool").json(["-json", "-G", path])
        guard case .object(let members)? = json.elements.first else { return [] }
        return Set(members.keys)
    }
}
