import Core
import NIOConcurrencyHelpers
import NIOCore

/// What "Resumable Uploads for HTTP" asks for beyond tus: uploads that outlive the request that creates them, and that end
/// when their client says so.
extension IngestService {
    /// Creates an upload and appends the bytes that came along. What came of them stays when they do not all come, if the
    /// client knows where.
    /// - Parameter announce: tells the client where the upload is, before any byte is asked for; false when it cannot be told.
    /// - Throws: `Problem` of the admission, 400, 413, 423, 429, 503, 507.
    func begin<Body>(
        _ opening: DraftCreation, from principal: Principal, _ incoming: Incoming<Body>,
        announce: @escaping @Sendable (Upload) async -> Bool
    ) async throws -> Upload {
        if !opening.creation.hasBody, opening.creation.check.checksum?.isOfNothing == false {
            throw TusMachine.checksumMismatch
        }
        let (upload, open) = try await create(opening.creation, from: principal)
        guard opening.creation.hasBody, upload.state == .receiving, let open else { return upload }
        let isAnnounced = NIOLockedValueBox(false)
        do {
            return try await shielded { revocation in
                // Held before anybody can know of it, so that a newer request finds it held.
                try await registry.hold(upload.id, revocation, receivingFrom: upload.uploader) {
                    let isTold = await announce(upload)
                    isAnnounced.withLockedValue { $0 = isTold }
                    return try await receiveToEnd(opening.append, upload, open, incoming, revocation)
                }
            }
        } catch {
            // Nobody will ever ask for it.
            if !isAnnounced.withLockedValue({ $0 }) { try? await terminate(upload.id) }
            throw error
        }
    }

    /// Receives a request's bytes, and heeds what it says about the upload's end.
    func receiveToEnd<Body>(
        _ append: UploadAppend, _ upload: Upload, _ open: any OpenUpload, _ incoming: Incoming<Body>, _ revocation: Revocation
    ) async throws -> Upload {
        let transit = try await transit(append, upload)
        let size = sizeLimit(of: upload)
        do {
            let received = try await receive(transit, open, incoming, revocation)
            return append.closes ? try await close(received) : received
        } catch let problem as Problem where append.isStrict && [TusMachine.excess, size.refusal].contains(problem) {
            guard try await invalidate(upload, because: "length_exceeded") else { throw TusMachine.locked }
            throw upload.length == nil ? size.refusal : DraftMachine.exceeded
        }
    }

    /// The SHA-256 of a whole upload in lower-case hex, if it is known or becomes so in that time.
    func sha256(of upload: Upload, within limit: Duration) async -> String? {
        if upload.state == .completing { await queue.settled(upload.id, within: limit) }
        // It is told for good measure: that it could not be read is no failure of the request.
        return try? await store.sha256(of: upload.id)
    }

    /// Whether an upload is complete as soon as it has its length is for a request to say anew, and before its bytes come.
    /// - Throws: `Problem` 423.
    func setOpen(_ isOpen: Bool?, _ upload: Upload) async throws -> Upload {
        guard let isOpen, isOpen != upload.isOpen else { return upload }
        guard try await store.setOpen(isOpen, of: upload) else { throw TusMachine.locked }
        var upload = upload
        upload.isOpen = isOpen
        return upload
    }

    /// Ends an upload whose last request has come to its end.
    /// - Throws: `Problem` 400 when its length says that bytes are missing; 413; 423.
    private func close(_ upload: Upload) async throws -> Upload {
        guard upload.state == .receiving else { return upload }
        if let length = upload.length, length != upload.offset { throw DraftMachine.inconsistentLength }
        if upload.length == nil { try sizeLimit(of: upload).require(upload.offset) }
        let bounds = upload.length == nil ? try await quotas.bounds(of: upload) : []
        let closed = try await ledger.close(upload) { tx in
            try quotas.check(upload, within: bounds, at: clock.now(), tx)
        }
        await follow(closed)
        return closed
    }
}
