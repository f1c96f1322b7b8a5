import Core

/// What has to be known of a file before its first byte goes out. Blocks: it reads the whole file.
struct FilePreparation: Sendable {
    enum Outcome: Sendable {
        /// Open, with its content's SHA-256 in lower-case hex.
        case ready(OpenedFile, sha256: String)
        /// It is not what the spool knows.
        case changed
        case missing
        case doubted(Doubt)
        case unreadable(String)
        case cancelled
    }

    let path: String
    let reach: FolderReach
    let facts: FileFacts
    /// Known from before, of the same content.
    var sha256: String?
    /// Whether a file is sent in spite of that.
    let takes: @Sendable (Doubt) -> Bool
    var writers: @Sendable (OpenedFile) -> Writers = { $0.writers }
    let gauge: TransferGauge

    func run() -> Outcome {
        do {
            let file = try OpenedFile(path, in: reach)
            guard let now = file.facts else { return .missing }
            guard now == facts else { return .changed }
            // A hash is taken last: what has one was closed and whole before.
            if let sha256 { return .ready(file, sha256: sha256) }
            if let doubt = try doubt(file) { return .doubted(doubt) }
            return try hash(file)
        } catch let error as OpenedFile.Failure {
            return error.isMissing ? .missing : .unreadable(error.description)
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .unreadable("\(error)")
        }
    }

    private func doubt(_ file: OpenedFile) throws -> Doubt? {
        let writers = Doubt.writers(writers(file))
        if !takes(writers) { return writers }
        let wholeness = Doubt.wholeness(
            try Wholeness(size: facts.size) { [gauge] offset, count in
                // A long file is read in many pieces.
                if gauge.isCancelled { throw CancellationError() }
                return try file.bytes(count, at: offset)
            })
        return takes(wholeness) ? nil : wholeness
    }

    private func hash(_ file: OpenedFile) throws -> Outcome {
        var isCancelled = false
        let hash = try FileHash.sha256(file, size: facts.size) { bytes in
            gauge.show(.hashing, bytes)
            isCancelled = gauge.isCancelled
            return !isCancelled
        }
        if isCancelled { return .cancelled }
        guard let hash, file.facts == facts else { return .changed }
        return .ready(file, sha256: hash)
    }
}
