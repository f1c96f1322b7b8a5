import Crypto
import Foundation
import TestSupport

/// The files that the tests send.
enum Fixtures {
    private static let folders = [
        Place.repository.appendingPathComponent("fixtures/media"),
        Place.repository.appendingPathComponent("../shared/samples"),
    ]

    private static func url(_ name: String) -> URL? {
        folders.map { $0.appendingPathComponent(name) }.first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// Whether the files are there: the fixtures are made by `fixtures/make.sh`, the samples are optional.
    static func has(_ names: String...) -> Bool { names.allSatisfy { url($0) != nil } }

    static func path(_ name: String) throws -> String {
        guard let url = url(name) else { throw Tool.Failure(description: "there is no fixture \(name)") }
        return url.path
    }

    static func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: try path(name))) }

    /// The same picture as other bytes: a JPEG with a comment of its own after the start marker.
    static func variant(of jpeg: Data, _ number: Int) -> Data {
        let comment = Data("variant \(number) \(UUID().uuidString)".utf8)
        let length = comment.count + 2
        let marker = Data([0xFF, 0xFE, UInt8(length >> 8), UInt8(length & 0xFF)])
        return jpeg.prefix(2) + marker + comment + jpeg.dropFirst(2)
    }
}

extension Data {
    /// Lower-case hex.
    var sha256: String { SHA256.hash(data: self).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
