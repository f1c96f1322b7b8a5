import Core

/// When files that arrive apart are one photo: same session, same account, same stem, close in time, and each of
/// another part.
///
/// What joins a photo is not decoded, so there is no capture time to compare: the arrivals are. Two cameras of one account
/// that count alike and upload at the same time can therefore be mistaken for one.
public struct PairingRules: Sendable, Equatable {
    /// How far apart the files may arrive: cameras start again after 9999, and other people's count alike.
    public var window = Duration.seconds(15 * 60)
    /// Bytes of a clip that can belong to a still.
    public var largestClip: Int64 = 64 << 20
    /// The same in time, where it is known.
    public var longestClip = Duration.seconds(6)

    /// The usual limits.
    public init() {}

    /// What a file has to offer for a pair; `nil` when it stands alone.
    ///
    /// Guests have no account to tell them apart, so their files stand alone.
    func file(_ upload: CompletedUpload) -> PairedFile? {
        let declaration = upload.declaration
        guard let uploader = upload.uploaderID, let stem = FileStem.of(declaration.filename),
            let file = upload.contentType.map(DeclaredFile.init(type:))
                ?? DeclaredFile(filename: declaration.filename, contentType: declaration.contentType),
            file.part != .motion || upload.size <= largestClip
        else { return nil }
        return PairedFile(
            stem: stem, part: file.part, contentType: file.contentType, uploaderID: uploader,
            arrivedAt: upload.completedAt)
    }

    /// Whether a file belongs to a photo that is there: it would go with one that is in the bin, and nobody has thrown it away.
    /// - Parameter companions: the photo's, besides what is displayed.
    func joins(_ file: PairedFile, _ photo: Photo, _ companions: [Companion]) -> Bool {
        guard let part = photo.part, photo.curation.binnedAt == nil, photo.uploaderID == file.uploaderID, isNear(file.arrivedAt, photo.createdAt),
            part != file.part, !companions.contains(where: { $0.role == file.part }), isWhatItSays(photo, part)
        else { return false }
        // Nothing is hidden behind a photo that cannot be shown; but a better file may help it.
        return photo.status != .failed || file.part.outranks(part)
    }

    private func isNear(_ one: Timestamp, _ other: Timestamp) -> Bool { (one - window...one + window).contains(other) }

    private func isWhatItSays(_ photo: Photo, _ part: PhotoPart) -> Bool {
        guard let facts = photo.facts else { return true }
        if part != .motion { return facts.kind == .photo }
        return facts.kind == .video && Duration.milliseconds(facts.video?.duration ?? 0) <= longestClip
    }
}

/// A file that may be one of several of a photo.
struct PairedFile: Equatable {
    var stem: String
    var part: PhotoPart
    var contentType: String
    var uploaderID: UserID
    var arrivedAt: Timestamp
}
