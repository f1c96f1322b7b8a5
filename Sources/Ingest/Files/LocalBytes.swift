import Core
import ObjectStore

/// Bytes in files, on a disk of this node's own or one that the nodes of a fleet share.
struct LocalBytes: UploadBytes {
    /// Of the threads that hash files while they are written: where processors are few, the writing goes first.
    private static let hashNiceness: Int32 = 10

    var files: UploadFiles
    let follower: HashFollower
    private let background: BlockingPool
    let objects: any StreamingObjectStore
    let ledger: UploadLedger
    /// Bytes of the disk that stay free.
    let reserve: Int64
    /// `nil` when no other process touches the files.
    let sharing: FileSharing?

    /// Makes the folder and starts the threads that write.
    /// - Throws: when the folder cannot be made.
    init(
        _ configuration: IngestConfiguration, dataFolder: String, bootID: String, hashPool: BlockingPool,
        objects: any StreamingObjectStore, ledger: UploadLedger, sharing: FileSharing?
    ) throws {
        files = UploadFiles(
            dataFolder: dataFolder, durability: configuration.durability,
            pool: BlockingPool(threads: configuration.fileThreads),
            syncs: BlockingPool(threads: configuration.syncThreads), bootID: bootID)
        background = BlockingPool(threads: configuration.hashThreads, niceness: Self.hashNiceness)
        follower = HashFollower(pool: hashPool, background: background)
        self.objects = objects
        self.ledger = ledger
        self.reserve = configuration.freeSpaceReserve
        self.sharing = sharing
        try files.prepare()
    }

    var bootID: String { files.bootID }

    func requireSpace(for bytes: Int64) async throws {
        guard bytes <= (try await files.freeSpace()) - reserve else { throw TusMachine.insufficientStorage }
    }

    func begin(_ upload: Upload) async throws -> any OpenUpload {
        let file = try await files.create(upload.id)
        guard let sharing else { return OpenFile(bytes: self, file: file, isFollowed: !upload.isPartial) }
        _ = sharing.continuity.advance(upload)
        return OpenFile(bytes: self, file: try await files.lock(file, within: .zero), isFollowed: !upload.isPartial)
    }

    func take(_ upload: Upload) async throws -> (Upload, (any OpenUpload)?) {
        try requireFile(of: upload)
        if let sharing { return try await take(upload, sharing) }
        let (file, offset, isCut) = try await orLost(upload) { try await files.reopen(upload) }
        if isCut { follower.restart(upload.id) }
        // The row says all of it already, and no other process could be told anything by another generation.
        let isRecorded = offset == upload.offset && offset != upload.length && files.bootID == upload.bootID
        if isRecorded, ledger.isFresh(upload) {
            return (upload, OpenFile(bytes: self, file: file, isFollowed: !upload.isPartial))
        }
        let claimed = try await ledger.claim(upload.id, offset: offset, bootID: files.bootID)
        return (claimed, OpenFile(bytes: self, file: file, isFollowed: !claimed.isPartial))
    }

    /// The row first, so that the older request cannot record anything any more; then the file, once it has let go.
    private func take(_ upload: Upload, _ sharing: FileSharing) async throws -> (Upload, (any OpenUpload)?) {
        let seized = try await ledger.seize(upload.id)
        sharing.announce(seized)
        guard seized.state == .receiving else { return (seized, nil) }
        let (file, offset, isCut) = try await orLost(seized) {
            let file = try await files.lock(try await files.open(seized), within: sharing.patience)
            let (offset, isCut) = try await files.settle(file, seized)
            return (file, offset, isCut)
        }
        let isFollowed = sharing.continuity.advance(seized)
        if isCut || !isFollowed || seized.offset == 0 { follower.restart(seized.id) }
        let found = try await ledger.found(offset, bootID: files.bootID, of: seized)
        return (found, OpenFile(bytes: self, file: file, isFollowed: isFollowed && !found.isPartial))
    }

    private func orLost<Value>(_ upload: Upload, _ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch UploadFileError.missing { throw BytesLost(upload: upload) }
    }

    func seemsWhole(_ upload: Upload) async throws -> Bool {
        guard files.trustsSize(of: upload) else { return false }
        return try await files.size(of: upload.id) == upload.length
    }

    /// - Throws: `KeptElsewhere` when its bytes lie in parts.
    func requireFile(of upload: Upload) throws {
        if !upload.parts.isEmpty { throw KeptElsewhere(id: upload.id) }
    }

    func deliver(_ upload: Upload, if isExpected: @Sendable (ContentDigest) -> Bool) async throws -> ContentDigest? {
        try requireFile(of: upload)
        let isReceived = try await files.size(of: upload.id) != nil
        // Others have written to the file since it was hashed here.
        if let sharing, !sharing.continuity.isUnbroken(upload) { follower.restart(upload.id) }
        guard let digest = try await digest(of: upload, isReceived: isReceived) else { return nil }
        if isReceived, isExpected(digest) {
            try await objects.adopt(files.path(of: upload.id), as: upload.objectKey, durable: true)
        }
        return digest
    }

    /// The digest of the received file, or of the object it became before a crash; `nil` when there is neither.
    private func digest(of upload: Upload, isReceived: Bool) async throws -> ContentDigest? {
        do {
            if isReceived {
                return try await follower.digest(of: upload.id, path: files.path(of: upload.id), length: upload.offset)
            }
            return try await objects.withLocalFile(upload.objectKey) { path in
                try await follower.digest(of: upload.id, path: path, length: upload.offset)
            }
        } catch UploadFileError.missing {
            return nil
        } catch ObjectStoreError.missing {
            return nil
        }
    }

    func restore(_ upload: Upload, as key: ObjectKey) async throws {
        try await objects.withLocalFile(upload.objectKey) { path in
            try await objects.put(path, as: key, durable: true)
        }
    }

    func remove(_ upload: Upload) async throws {
        if upload.cleanup != .object { try await files.remove(upload.id) }
        if upload.cleanup != .file { try await objects.remove(upload.objectKey) }
    }

    func forget(_ id: UploadID) {
        follower.forget(id)
        sharing?.continuity.forget(id)
    }

    func stop() async {
        await background.shutdown()
        await files.syncs.shutdown()
        await files.pool.shutdown()
    }

    /// What a failed sync leaves is cut off by the next claim, in this process or a later one.
    func sync(_ file: UploadFile, of id: UploadID) async throws {
        do {
            try await files.sync(file, of: id)
        } catch let error as UploadFileError {
            follower.restart(id)
            // Should this fail too, `files` still knows.
            try? await ledger.store.distrust(id)
            throw error
        }
    }

    /// What comes from here on does not count by the file's size, not even after a crash.
    /// - Throws: `TakenOver`.
    func makeProvisional(_ upload: Upload, isFollowed: Bool) async throws {
        guard try await ledger.store.distrust(upload) else { throw TakenOver() }
        if isFollowed { follower.mark(upload.id, path: files.path(of: upload.id), at: upload.offset) }
    }

    /// - Throws: `UploadFileError.full` when the disk's reserve is touched.
    func requireReserve() async throws {
        if try await files.freeSpace() < reserve { throw UploadFileError.full }
    }
}
