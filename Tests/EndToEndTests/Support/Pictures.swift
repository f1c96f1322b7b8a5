import Core
import Foundation
import TestSupport

/// Looks into a picture with programs that know nothing of the server.
struct Picture: Sendable {
    static var isPossible: Bool { ["vips", "exiftool"].allSatisfy { Tool.program($0) != nil } }

    private let folder: TemporaryFolder
    private let path: String

    init(_ data: Data, extension: String) throws {
        folder = try TemporaryFolder("picture")
        path = folder.file("picture.\(`extension`)")
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// Every tag with its group, e.g. `EXIF:Make`.
    func tags() async throws -> Set<String> {
        let json = try await Tool("exiftool").json(["-json", "-G", path])
        guard case .object(let members)? = json.elements.first else { return [] }
        return Set(members.keys)
    }

    /// Every pixel.
    func pixels() async throws -> Pixels {
        let plain = folder.file("pixels.ppm")
        _ = try await Tool("vips").output(["copy", path, plain])
        return try Pixels(portablePixmap: Data(contentsOf: URL(fileURLWithPath: plain)))
    }
}

/// A picture's pixels, three bytes each.
struct Pixels: Sendable {
    var width: Int
    var height: Int
    var bytes: [UInt8]

    /// - Parameter file: a binary one (P6) with eight bits a sample.
    init(portablePixmap file: Data) throws {
        // After the magic number, comments and the three numbers comes one byte of white space.
        var (numbers, place) = ([Int](), 2)
        while numbers.count < 3, place < file.count {
            let line = file[place...].prefix { $0 != 10 && $0 != 32 }
            place += line.count + 1
            guard let first = line.first else { continue }
            if first == UInt8(ascii: "#") { place += file[(place - 1)...].prefix { $0 != 10 }.count }
            else if let number = Int(String(decoding: line, as: UTF8.self)) { numbers.append(number) }
        }
        guard numbers.count == 3, file.count - place == numbers[0] * numbers[1] * 3 else {
            throw Tool.Failure(description: "no pixmap: \(numbers) and \(file.count) bytes")
        }
        (width, height, bytes) = (numbers[0], numbers[1], Array(file[place...]))
    }

    /// Red, green and blue near the four corners: top left, top right, bottom left, bottom right.
    var corners: [[Int]] {
        [(4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5)].map { x, y in
            (0..<3).map { Int(bytes[3 * (y * width + x) + $0]) }
        }
    }

    /// The places where another picture of the same size differs visibly.
    func differences(from other: Pixels) -> [(x: Int, y: Int)] {
        guard bytes.count == other.bytes.count else { return [] }
        return (0..<width * height).compactMap { index in
            let isOther = (0..<3).contains { (channel: Int) -> Bool in
                let (own, its) = (Int(bytes[3 * index + channel]), Int(other.bytes[3 * index + channel]))
                return abs(own - its) > 48
            }
            return isOther ? (index % width, index / width) : nil
        }
    }
}
