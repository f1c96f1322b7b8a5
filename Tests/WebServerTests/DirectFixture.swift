import Foundation
import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore

@testable import WebServer

/// Answers targets below `/direct/` by what follows: `small`, `large`, `huge`, `file`, `empty`, `unchanged`; anything else is the routes'.
struct TestDirect: DirectResponder {
    let prefix = "/direct/"
    let route = "/direct/{name}"
    let file: TestFile

    init(_ file: TestFile = TestFile(Data("0123456789".utf8))) { self.file = file }

    func answer(_ request: DirectRequest) -> DirectAnswer? {
        let plain = DirectHead(.ok, [.contentType: "text/plain"])
        switch request.target.dropFirst(prefix.count) {
        case "small": return DirectAnswer(plain, length: 5, body: .bytes(ByteBuffer(string: "small")))
        case "large": return DirectAnswer(plain, length: 40_000, body: .bytes(ByteBuffer(repeating: 120, count: 40_000)))
        case "huge": return DirectAnswer(plain, length: 8 << 20, body: .bytes(ByteBuffer(repeating: 120, count: 8 << 20)))
        case "file": return DirectAnswer(plain, length: file.size, body: .file(FilePart(file, 0..<file.size)))
        case "part":
            let head = DirectHead(.partialContent, [.contentType: "text/plain"])
            return DirectAnswer(head, contentRange: "bytes 2-5/10", length: 4, body: .file(FilePart(file, 2..<6)))
        case "empty": return DirectAnswer(plain, length: 0, body: .file(FilePart(file, 0..<0)))
        case "unchanged": return DirectAnswer(DirectHead(.notModified, [.eTag: "\"a\""]), length: nil, body: .nothing)
        case "short": return DirectAnswer(plain, length: file.size + 1, body: .file(FilePart(file, 0..<file.size + 1)))
        default: return nil
        }
    }
}

/// A file that has been removed again, and may seem to be on the disk.
final class TestFile: SendableFile {
    let descriptor: CInt
    let size: Int64
    private let isCold: Bool
    private let reading: @Sendable () -> Void
    private let read = NIOLockedValueBox<[Range<Int64>]>([])

    /// The parts that were read ahead.
    var warmed: [Range<Int64>] { read.withLockedValue { $0 } }

    /// - Parameter reading: what it takes to read a part of it from the disk.
    init(_ bytes: Data, isCold: Bool = false, reading: @escaping @Sendable () -> Void = {}) {
        let path = NSTemporaryDirectory() + UUID().uuidString
        _ = FileManager.default.createFile(atPath: path, contents: bytes)
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        unlink(path)
        size = Int64(bytes.count)
        self.isCold = isCold
        self.reading = reading
    }

    deinit { close(descriptor) }

    func residence(of part: Range<Int64>) -> FileResidence { part.upperBound > size ? .nowhere : isCold ? .disk : .memory }

    func warm(_ part: Range<Int64>) throws {
        reading()
        read.withLockedValue { $0.append(part) }
    }
}

extension FileRegion {
    /// What the kernel would send of it.
    var text: String {
        get throws {
            try fileHandle.withUnsafeFileDescriptor { descriptor in
                String(decoding: [UInt8](unsafeUninitializedCapacity: readableBytes) { space, count in
                    count = max(0, pread(descriptor, space.baseAddress, space.count, off_t(readerIndex)))
                }, as: UTF8.self)
            }
        }
    }
}
