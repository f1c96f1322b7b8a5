import Core

extension MediaAccess {
    /// What somebody may take away of a session.
    struct ArchivePass: Sendable {
        var files: ArchiveSubject.Files
        var isForDesk: Bool
        /// By whose rights.
        var reader: Principal
    }

    /// The most that any of the readers may take away, or of that what they want.
    /// - Throws: `Problem` 404 for a session that none of them sees, 403 `download_withheld` when they may but look
    ///   at it, `original_withheld` when they want more than is theirs.
    func archivePass(
        _ session: SessionID, _ readers: [Principal], wanted: ArchiveSubject.Files?
    ) async throws -> ArchivePass {
        var (best, isSeen) = (ArchivePass?.none, false)
        for reader in readers {
            let resource = try await resource(session, reader)
            guard Policy.allows(reader, .listPhotos, resource) == .allow else { continue }
            isSeen = true
            guard Policy.allows(reader, .savePhoto, resource) == .allow else { continue }
            let mayHaveOriginals = Policy.allows(reader, .readOriginal, resource) == .allow
            let pass = ArchivePass(
                files: mayHaveOriginals ? .originals : .renditions, isForDesk: reader.holds(.desk, in: resource), reader: reader)
            if best.map({ $0.rank < pass.rank }) ?? true { best = pass }
        }
        guard var best else { throw isSeen ? Self.withheld : Problem.notFound("session") }
        if wanted == .originals, best.files != .originals {
            throw Problem.forbidden("The originals are not to be taken away. Ask for what can be seen.", code: "original_withheld")
        }
        best.files = wanted ?? best.files
        return best
    }
}

extension MediaAccess.ArchivePass {
    /// Of equals those who need not be counted.
    fileprivate var rank: Int {
        (files == .originals ? 4 : 0) + (isForDesk ? 2 : 0) + (MediaAccess.isCounted(reader) ? 0 : 1)
    }
}
