import Core
import ObjectStore

extension PartBytes {
    /// Each part is made an object of its own, which is read and sent on: an upload in parts cannot be read.
    func join(
        _ parts: [Upload], into final: Upload, record: @escaping @Sendable (UploadMark) async throws -> Void
    ) async throws -> UploadMark {
        if final.offset == final.length { return UploadMark(offset: final.offset, parts: final.parts) }
        let ports = SinkPorts(
            record: { mark in
                try await record(mark)
                return true
            }, arrived: { _ in })
        var sink: any UploadSink = try await PartSink(final, self, ports)
        var start: Int64 = 0
        for part in parts {
            let end = start + part.offset
            if end > final.offset, part.offset > 0 {
                try await send(part, from: max(0, final.offset - start), into: &sink)
            }
            start = end
        }
        let stored = try await sink.conclude()
        if let failure = stored.failure { throw failure }
        return stored.mark
    }

    private func send(_ part: Upload, from start: Int64, into sink: inout any UploadSink) async throws {
        guard try await complete(part) else { throw ObjectStoreError.missing(part.objectKey) }
        for try await chunk in try await partials.read(part.objectKey, range: start..<part.offset) {
            try Task.checkCancellation()
            try await sink.append(chunk, now: .now)
        }
    }
}
