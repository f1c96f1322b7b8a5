import Foundation

/// A folder that is removed with its last owner.
public final class TemporaryFolder: Sendable {
    public let path: String

    /// - Parameter purpose: part of its name.
    public init(_ purpose: String) throws {
        let name = "lumiere-\(purpose)-\(UUID().uuidString.prefix(8))"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        AtExit.owe(folder: path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        AtExit.settle(folder: path)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
