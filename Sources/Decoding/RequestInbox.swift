import Core
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Reads requests on a thread of its own, so that the end of standard input ends the process even during a job.
final class RequestInbox: Sendable {
    private let slot = Mutex<DecodeRequest?>(nil)
    private let filled = DispatchSemaphore(value: 0)

    /// Starts reading; on the end of input, or a stream that makes no sense, the process exits.
    func startReading(from descriptor: Int32) {
        let thread = Thread { [self] in
            do {
                try read(from: descriptor)
                _exit(0)
            } catch {
                ChildError.report("\(error)")
                _exit(2)
            }
        }
        thread.name = "requests"
        thread.start()
    }

    /// Waits for the next request.
    func next() -> DecodeRequest {
        while true {
            filled.wait()
            if let request = slot.withLock({ $0.take() }) { return request }
        }
    }

    private func read(from descriptor: Int32) throws {
        var parser = MessageFraming.Parser()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ChildError("standard input cannot be read") }
            if count == 0 { return }
            parser.append(buffer.prefix(count))
            while let message = try parser.next() { try put(JSON.decode(DecodeRequest.self, from: message)) }
        }
    }

    /// The server asks for one thing at a time: one request may wait while another is being worked on.
    private func put(_ request: DecodeRequest) throws {
        try slot.withLock { slot in
            guard slot == nil else { throw ChildError("more than one request is waiting") }
            slot = request
        }
        filled.signal()
    }
}
