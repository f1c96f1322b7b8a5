import Core
import ObjectStore

extension PartBytes {
    /// Each part is made an object of its own, for an upload in parts cannot be read. The store copies them if it can; else
    /// they are read and sent on.
    func join(
        _ parts: [Upload], into final: Upload, record: @escaping @Sendable (UploadMark) async throws -> Void
    ) async throws -> UploadMark {
        if final.offset == final.length { return UploadMark(offset: final.offset, parts: final.parts) }
        let parts = parts.filter { $0.offset > 0 }
        for part in parts {
            guard try await complete(part) else { throw ObjectStoreError.missing(part.objectKey) }
        }
        let copied = try await partials.join(parts.map(partial), into: partial(final)) { try await record(UploadMark($0)) }
        if let copied { return try UploadMark(copied) }
        var final = final
        // Of an attempt to copy.
        if final.offset == 0 { final.parts = "" }
        return try await send(parts, into: final, record)
    }

    private func send(
        _ parts: [Upload], into final: Upload, _ record: @escaping @Sendable (UploadMark) async throws -> Void
    ) async throws -> UploadMark {
        let ports = SinkPorts(
            record: { mark in
                try await record(mark)
                return true
            }, arrived: { _ in })
        var sink: any UploadSink = try await PartSink(final, self, ports)
        var start: Int64 = 0
        for part in parts {
            let end = start + part.offset
            if end > final.offset { try await send(part, from: max(0, final.offset - start), into: &sink) }
            start = end
        }
        let stored = try await sink.conclude()
        if let failure = stored.failure { throw failure }
        return stored.mark
    }

    private func send(_ part: Upload, from start: Int64, into sink: inout any UploadSink) async throws {
        for try await chunk in try await partials.read(part.objectKey, range: start..<part.offset) {
            try Task.checkCancellation()
            try await sink.append(chunk, now: .now)
        }
    }
}

extension UploadMark {
    init(_ state: PartialUpload) throws { self.init(offset: state.offset, parts: try JSON.text(state)) }
}
