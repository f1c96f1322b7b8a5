import Core
import HTTPTypes
import NIOCore

/// Bytes on their way into an upload.
extension IngestService {
    /// A request's body and the way to ask for it.
    struct Incoming<Body: AsyncSequence & Sendable>: Sendable where Body.Element == ByteBuffer {
        var body: Body
        /// Tells a waiting client that its bytes are welcome.
        var accept: @Sendable () async -> Void = {}
        /// What follows the body; to be asked for at its end.
        var trailers: @Sendable () async -> HTTPFields = { [:] }
        /// Told of bytes that are safe while others still come, if anybody wants to know.
        var confirmed: (@Sendable (_ offset: Int64) async -> Void)?
    }

    /// Takes the upload over and appends a request's bytes.
    /// - Throws: `Problem` 404, 409, 410, 413, 423, 429, 460, 503, 507; or 400 `incomplete_body`. Bytes that came are kept,
    ///   but for those that would make an upload whole which turns out to be longer, and those of a body with a checksum.
    func append<Body>(
        _ request: UploadRequest, to id: UploadID, from principal: Principal, _ incoming: Incoming<Body>
    ) async throws -> Upload {
        try await append(to: id, from: principal, incoming) { try machine.append(request, to: $0, at: clock.now()) }
    }

    /// The same in any dialect.
    /// - Parameter plan: says what is to be done, once the upload is held and its offset certain.
    func append<Body>(
        to id: UploadID, from principal: Principal, _ incoming: Incoming<Body>,
        _ plan: @escaping @Sendable (Upload) throws -> UploadAppend
    ) async throws -> Upload {
        try await shielded { revocation in
            try await registry.hold(id, revocation, receivingFrom: Uploader(principal)) {
                let (upload, open) = try await take(id)
                if upload.isFinal { throw TusMachine.finalUpload }
                let append = try plan(upload)
                guard let open else { return try await receiveNothing(upload, append.check, incoming) }
                let sized = try await setLength(append.newLength, of: try await setOpen(append.isOpen, upload))
                return try await receiveToEnd(append, sized, open, incoming, revocation)
            }
        }
    }

    /// Creates an upload and appends the bytes that came along; nothing stays of it when they do not all arrive, for the
    /// client has not learned its URL.
    func create<Body>(
        _ creation: UploadCreation, from principal: Principal, expecting expected: Int64?, _ incoming: Incoming<Body>
    ) async throws -> Upload {
        if case .final(let parts, _) = creation.concat { return try await create(creation, of: parts, from: principal) }
        if !creation.hasBody, creation.check.checksum?.isOfNothing == false { throw TusMachine.checksumMismatch }
        let (upload, open) = try await create(creation, from: principal)
        guard creation.hasBody, upload.state == .receiving, let open else { return upload }
        let append = UploadAppend(
            offset: 0, newLength: nil, room: upload.length ?? machine.maxSize, expected: expected, check: creation.check)
        return try await orEnd(upload) {
            try await shielded { revocation in
                try await registry.hold(upload.id, revocation, receivingFrom: upload.uploader) {
                    try await receive(try await transit(append, upload), open, incoming, revocation)
                }
            }
        }
    }

    /// Ends an upload when its creator is refused in the end.
    private func orEnd(_ upload: Upload, _ body: () async throws -> Upload) async throws -> Upload {
        do { return try await body() } catch {
            try? await terminate(upload.id)
            throw error
        }
    }

    /// Takes a whole file in one request: nothing of it stays unless all of it came.
    /// - Parameters:
    ///   - expected: bytes the request announces; `nil` when it does not.
    ///   - acceptsKnown: whether its sender waits to be asked for a file, which one that is there already is not.
    func put<Body>(
        _ declaration: UploadDeclaration, from principal: Principal, expecting expected: Int64?, acceptsKnown: Bool = false,
        _ incoming: Incoming<Body>
    ) async throws -> Upload {
        let creation = UploadCreation(
            declaration: declaration, metadata: "", hasBody: expected != 0, acceptsKnown: acceptsKnown)
        let (created, _) = try await create(creation, from: principal)
        guard created.state == .receiving else { return created }
        return try await orEnd(created) { try await receiveAll(created, expected, incoming) }
    }

    private func receiveAll<Body>(_ created: Upload, _ expected: Int64?, _ incoming: Incoming<Body>) async throws -> Upload {
        try await shielded { revocation in
            try await registry.hold(created.id, revocation, receivingFrom: created.uploader) {
                let (upload, open) = try await take(created.id)
                guard let open else { return upload }
                let append = UploadAppend(
                    offset: 0, newLength: nil, room: upload.length ?? machine.maxSize, expected: expected)
                let received = try await receive(try await transit(append, upload), open, incoming, revocation)
                if received.length != nil { return received }
                let mark = UploadMark(offset: received.offset, parts: received.parts)
                return try await confirm(mark, of: try await setLength(received.offset, of: received))
            }
        }
    }

    private func setLength(_ length: Int64?, of upload: Upload) async throws -> Upload {
        guard let length else { return upload }
        try sizeLimit(of: upload).require(length)
        try await bytes.requireSpace(for: length - upload.offset)
        var sized = upload
        sized.declaration.length = length
        let bounds = try await quotas.bounds(of: sized)
        let admit: UploadStore.Admit = { [sized] tx in try quotas.check(sized, within: bounds, at: clock.now(), tx) }
        guard try await store.setLength(length, of: upload, admit) else { throw TusMachine.locked }
        return sized
    }

    /// A finished upload takes an empty request, so that a repeated last one does no harm.
    private func receiveNothing<Body>(
        _ upload: Upload, _ check: BodyCheck, _ incoming: Incoming<Body>
    ) async throws -> Upload {
        await incoming.accept()
        for try await chunk in incoming.body where chunk.readableBytes > 0 { throw TusMachine.excess }
        if check.isNeeded, try await !checksum(check, incoming)().isOfNothing { throw TusMachine.checksumMismatch }
        return upload
    }

    /// What a request's bytes are held to on their way.
    struct Transit: Sendable {
        let append: UploadAppend
        let upload: Upload
        /// Empty as well when the upload has a length: that has been held to them already.
        fileprivate let bounds: [QuotaBound]
        fileprivate let room: BodyRoom
    }

    /// Finds out how much room there is for a request's bytes.
    /// - Throws: `Problem` 413 when the request says that it brings more.
    func transit(_ append: UploadAppend, _ upload: Upload) async throws -> Transit {
        if upload.length != nil { return Transit(append: append, upload: upload, bounds: [], room: BodyRoom(append)) }
        let room = BodyRoom(append, within: sizeLimit(of: upload))
        let bounds = try await quotas.bounds(of: upload)
        if !bounds.isEmpty {
            room.narrow(to: try await store.database.write(.readCommitted) { tx in
                try quotas.limit(of: upload, at: append.offset, within: bounds, at: clock.now(), tx)
            })
        }
        if let expected = append.expected, expected > max(0, room.limit.end - append.offset) { throw room.limit.excess }
        return Transit(append: append, upload: upload, bounds: bounds, room: room)
    }

    func receive<Body>(
        _ transit: Transit, _ open: any OpenUpload, _ incoming: Incoming<Body>, _ revocation: Revocation
    ) async throws -> Upload {
        metrics.transferBegan()
        defer { metrics.transferEnded() }
        let sink = try await sink(for: transit, open, incoming)
        let reading = Task {
            await incoming.accept()
            return await BodyReader.read(incoming.body, at: transit.append.offset, within: transit.room, into: sink)
        }
        // A connection that broke has often brought more than has been read: that is not thrown away.
        revocation.onRevoke {
            Task {
                try? await Task.sleep(for: configuration.lastCall)
                reading.cancel()
            }
        }
        guard let fleet else {
            let (read, ending) = await reading.value
            return try await finish(transit, read, ending)
        }
        let transfer = HeldTransfer(transit.upload) { reading.cancel() }
        return try await fleet.hold(transfer) {
            let (read, ending) = await reading.value
            if !transfer.isLost { return try await finish(transit, read, ending) }
            var lost = read
            await lost.letGo()
            throw TusMachine.locked
        }
    }

    private func finish(_ transit: Transit, _ sink: any UploadSink, _ ending: BodyEnding) async throws -> Upload {
        var sink = sink
        let append = transit.append
        let refusal = refusal(of: ending)
        if append.check.isNeeded, let refusal {
            await sink.discard()
            throw refusal as? Problem == TusMachine.incompleteBody ? TusMachine.unverifiableBody : refusal
        }
        let stored = try await orProblem { try await sink.conclude() }
        metrics.arrived(bytes: stored.mark.offset - append.offset)
        // Bytes that have come are there, and are recorded; those that count only now can still be refused: the next holder
        // of the upload cuts them off.
        let confirmed = try await confirm(stored.mark, of: transit.upload) { tx in
            if append.check.isNeeded { _ = try limit(of: transit, at: stored.mark, tx) }
        }
        if let failure = stored.failure { throw problem(for: failure) }
        if let refusal { throw refusal }
        let count = stored.mark.offset - append.offset
        if let expected = append.expected, count < expected { throw TusMachine.incompleteBody }
        return confirmed
    }

    /// What the client is told when its body did not come to its end.
    private func refusal(of ending: BodyEnding) -> (any Error)? {
        switch ending {
        case .end: nil
        case .excess(let problem): problem
        case .revoked: TusMachine.locked
        case .failed(let error) where isOurs(error): problem(for: error)
        case .failed: TusMachine.incompleteBody
        }
    }

    private func sink<Body>(
        for transit: Transit, _ open: any OpenUpload, _ incoming: Incoming<Body>
    ) async throws -> any UploadSink {
        let (upload, append) = (transit.upload, transit.append)
        let sink = try await orProblem {
            try await open.sink(
                for: upload,
                SinkPorts(
                    record: { mark in
                        guard try await record(mark, of: transit) else { return false }
                        await incoming.confirmed?(mark.offset)
                        return true
                    },
                    arrived: { if !upload.isPartial { progress.report(upload, received: $0) } },
                    isProvisional: append.check.isNeeded, isTold: incoming.confirmed != nil))
        }
        guard append.check.isNeeded else { return sink }
        return VerifiedSink(
            sink, algorithms: append.check.checksum.map { [$0.algorithm] } ?? TusMachine.checksumAlgorithms, on: hashPool,
            expecting: append.expected, checksum(append.check, incoming))
    }

    /// Records bytes that are safe, and finds out how many more may come.
    private func record(_ mark: UploadMark, of transit: Transit) async throws -> Bool {
        let found = try await ledger.checkpoint(mark, of: transit.upload) { tx in try limit(of: transit, at: mark, tx) }
        guard let limit = found else { return false }
        transit.room.narrow(to: limit)
        return true
    }

    /// How far an upload without a length may reach, by what there is of others.
    /// - Throws: `Problem` 413 when bytes that count only now are too many.
    private func limit(of transit: Transit, at mark: UploadMark, _ tx: any Transaction) throws -> BodyRoom.Limit? {
        let limit = try quotas.limit(of: transit.upload, at: mark.offset, within: transit.bounds, at: clock.now(), tx)
        if transit.append.check.isNeeded, let limit, mark.offset > max(limit.end, transit.upload.offset) { throw limit.excess }
        return limit
    }

    /// Finds what the digest of a body has to be, at its end.
    private func checksum<Body>(
        _ check: BodyCheck, _ incoming: Incoming<Body>
    ) -> @Sendable () async throws -> BodyChecksum {
        {
            if let checksum = check.checksum { return checksum }
            return try TusMachine.checksum(trailer: await incoming.trailers()[.uploadChecksum])
        }
    }

    private func orProblem<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch { throw problem(for: error) }
    }

    /// Whether it was the store that failed while a body was read, and not the client or the connection.
    private func isOurs(_ error: any Error) -> Bool {
        error is UploadFileError || error is ObjectStoreError || error is DatabaseError || error is BlockingPool.Stopped
    }
}
