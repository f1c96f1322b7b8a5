import Core

/// Puts final uploads together. Every step may have happened already, and none takes effect twice: bytes beyond what the
/// row records are written again.
struct UploadJoiner: Sendable {
    let store: UploadStore
    let bytes: any UploadBytes
    let quotas: QuotaKeeper
    let clock: any WallClock
    /// Who must hold the lease; `nil` when there is none.
    let holder: String?
    /// Bytes of the largest file.
    let maxSize: Int64
    /// How long parts can be used again.
    let partsKeptFor: Duration

    /// Makes a final upload whole; nothing while some of its parts still grow.
    /// - Returns: why it never will be, as a stable code.
    func join(_ final: Upload) async throws -> String? {
        switch UploadJoin(try await store.parts(of: final.id), maxSize: sizeLimit(of: final)) {
        case .waiting: return nil
        case .impossible(let code): return code
        case .ready(let parts, let length): return try await join(parts, length, final)
        }
    }

    /// Whether none of a final upload's parts still grows.
    func isDue(_ final: UploadID) async throws -> Bool {
        guard let final = try await store.find(final) else { return false }
        return UploadJoin(try await store.parts(of: final.id), maxSize: sizeLimit(of: final)) != .waiting
    }

    private func sizeLimit(of final: Upload) -> Int64 {
        SizeLimit(of: final.declaration, maxSize: maxSize, quotas.admission).bytes
    }

    /// Holds a final upload to its quotas that was begun before its length was known.
    private func refusal(of final: Upload, of parts: [Upload]) async throws -> String? {
        let now = clock.now()
        let bounds = try await quotas.bounds(of: final)
        do {
            _ = try await store.setLength(final.length ?? 0, joining: final.id) { tx in
                try quotas.check(final, of: parts.map(\.id), within: bounds, at: now, tx)
            }
            return nil
        } catch let problem as Problem {
            return problem.code
        }
    }

    private func join(_ parts: [Upload], _ length: Int64, _ final: Upload) async throws -> String? {
        var final = final
        if final.length == nil {
            final.declaration.length = length
            if let code = try await refusal(of: final, of: parts) { return code }
        }
        try await bytes.requireSpace(for: length - final.offset)
        let (id, store, holder) = (final.id, store, holder)
        do {
            let mark = try await bytes.join(parts, into: final) { mark in
                guard try await store.checkpoint(joining: mark, of: id, by: holder) else { throw TakenOver() }
            }
            let now = clock.now()
            _ = try await store.joined(mark, of: final, by: holder, at: now, keepingPartsUntil: now + partsKeptFor)
            return nil
        } catch UploadFileError.missing {
            return BytesLost.code
        } catch ObjectStoreError.missing {
            return BytesLost.code
        } catch is TakenOver {
            // It has ended meanwhile, or another node goes on.
            return nil
        }
    }
}
