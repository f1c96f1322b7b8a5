import CoreMetrics
import NIOConcurrencyHelpers
public import NIOCore

/// A part of a file on its way to the client. It holds the file and no bytes of it.
final class FileTransfer {
    /// Bytes handed to the kernel at a time: after each, other connections have their turn.
    static let window: Int64 = 2 << 20

    /// Who has to be told when it has left.
    enum Purpose {
        /// Nobody: it is the body of a direct answer.
        case direct
        /// The route that answers.
        case route(EventLoopPromise<Void>)
    }

    let part: FilePart
    let purpose: Purpose
    private let handle: NIOFileHandle
    private var offset: Int64

    init(_ part: FilePart, _ purpose: Purpose) {
        self.part = part
        self.purpose = purpose
        offset = part.range.lowerBound
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: part.file.descriptor)
    }

    deinit {
        // The descriptor is the file's. The handle is open, for nobody else closes it, and not in use, for every write holds
        // this object until it has ended.
        _ = try? handle.takeDescriptorOwnership()
    }

    /// What is to be sent next; `nil` after the last.
    var next: Range<Int64>? {
        offset < part.range.upperBound ? offset..<min(offset + Self.window, part.range.upperBound) : nil
    }

    func region(_ window: Range<Int64>) -> FileRegion {
        FileRegion(fileHandle: handle, readerIndex: Int(window.lowerBound), endIndex: Int(window.upperBound))
    }

    func sent(_ window: Range<Int64>) {
        offset = window.upperBound
        part.sent?.increment(by: window.count)
    }
}

@available(*, unavailable)
extension FileTransfer: Sendable {}

/// Asks the connection to send a part of a file as the body of the open answer, whose head has been written.
final class FileOrder: Sendable {
    let part: FilePart
    private let refused = NIOLockedValueBox(false)

    init(_ part: FilePart) { self.part = part }

    /// Whether the connection can send no files: nothing was sent.
    var isRefused: Bool { refused.withLockedValue { $0 } }

    func refuse() { refused.withLockedValue { $0 = true } }
}

extension Channel {
    /// Sends a part of a file as the body of the open answer, or as the next part of it, and waits until it has left.
    /// - Returns: false when the connection can send no files; nothing was sent then.
    /// - Throws: whatever ended the connection before.
    public func send(_ part: FilePart) async throws -> Bool {
        let order = FileOrder(part)
        try await withTaskCancellationHandler {
            try await triggerUserOutboundEvent(order).get()
        } onCancel: {
            close(promise: nil)
        }
        return !order.isRefused
    }
}
