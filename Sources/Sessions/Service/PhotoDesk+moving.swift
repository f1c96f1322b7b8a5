import Core

extension PhotoDesk {
    /// Moves photos to another session, which becomes theirs with all that is known of them.
    /// - Parameters:
    ///   - ids: at most some hundreds.
    ///   - target: where the editor may both edit and upload.
    ///   - room: how much it can take.
    func move(
        _ ids: [PhotoID], from session: Session, to target: Session, within room: UploadQuota, by editor: Editor, at now: Timestamp,
        _ tx: any Transaction
    ) throws -> [PhotoOperation.Refusal?] {
        let found = Dictionary(uniqueKeysWithValues: try store.find(ids, in: session.id, tx).map { ($0.id, $0) })
        let others = try CompanionStore().of(Array(found.keys), tx)
        var (moved, usage) = ([Photo](), UploadUsage())
        let refusals = try ids.map { id -> PhotoOperation.Refusal? in
            guard let photo = found[id] else { return .notFound }
            guard editor.may(.restore, photo) else { return .forbidden }
            let companions = others[id] ?? []
            if let refusal = try obstacle(to: photo, companions, in: target.id, tx) { return refusal }
            guard room.admits(photo, companions, beside: usage) else { return .quota }
            guard try photos.intake.jobs.move([photo.originalID] + companions.map(\.id), to: target.id, in: tx) else {
                return .processing
            }
            usage.files += 1 + companions.count
            usage.bytes += photo.size + companions.reduce(0) { $0 + $1.size }
            moved.append(photo)
            return nil
        }
        try settle(moved, from: session, in: target, at: now, tx)
        try note("photos_moved", moved.map(\.id), in: session.id, by: editor, tx)
        try note("photos_received", moved.map(\.id), in: target.id, by: editor, tx)
        return refusals
    }

    private func obstacle(
        to photo: Photo, _ companions: [Companion], in target: SessionID, _ tx: any Transaction
    ) throws -> PhotoOperation.Refusal? {
        if photo.status == .processing { return .processing }
        if photo.curation.binnedAt != nil { return .deleted }
        let isThere = try ([photo.sha256] + companions.map(\.sha256)).contains { hash in
            try store.find(sha256: hash, in: target, tx) != nil || CompanionStore().find(sha256: hash, in: target, tx) != nil
        }
        return isThere ? .duplicate : nil
    }

    /// Writes where they are now; what the other session wants to be made of them is made.
    private func settle(_ moved: [Photo], from session: Session, in target: Session, at now: Timestamp, _ tx: any Transaction) throws {
        if moved.isEmpty { return }
        let ids = moved.map(\.id)
        try opinions.leaving(ids, tx) { try store.move(ids, to: target.id, tx) }
        // Those that do not follow their own session's zone yet would follow none: the other session knows nothing of it.
        let isFollowing = try RetimingStore().place(of: session.id, tx) == nil
        if !isFollowing || session.occasion.zone != target.occasion.zone { try store.retime(ids, in: target.occasion.zone, tx) }
        try news.removed(moved, of: session.id, tx)
        let wanted = target.settings.recipe(from: photos.intake.recipe)
        // In the other session nobody has seen them yet.
        let arrived = moved.map { photo in
            var photo = photo
            (photo.sessionID, photo.shownAt) = (target.id, nil)
            return photo
        }
        for photo in arrived {
            if photo.status != .ready {
                try ReplacedFiles(photos.renditions).retire(of: photo, wanted: wanted, tx)
            } else if photo.recipe != wanted.hash {
                try photos.intake.startOver(photo, tx)
            }
        }
        try news.changed(arrived, of: target, tx)
    }
}

extension UploadQuota {
    /// Whether there is room for all files of a photo.
    fileprivate func admits(_ photo: Photo, _ companions: [Companion], beside usage: UploadUsage) -> Bool {
        let bytes = usage.bytes + photo.size + companions.reduce(0) { $0 + $1.size }
        return usage.files + 1 + companions.count <= files ?? .max && bytes <= self.bytes ?? .max
    }
}

extension PhotoStore {
    /// Leaves nothing that could be shown of a photo.
    func setBare(_ id: PhotoID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE photos SET status = \(Photo.Status.processing), failure = NULL, thumbed_at = NULL, shown_at = NULL, ready_at = NULL
            WHERE id = \(id)
            """)
    }

    /// - Parameter ids: at most some hundreds, none of which the other session has.
    func move(_ ids: [PhotoID], to session: SessionID, _ tx: any Transaction) throws {
        try FileUsage().move(ids, to: session, tx)
        // What people of the one session thought of them is not for those of the other.
        try PhotoStore().removeOpinions(of: ids, tx)
        try tx.execute(
            """
            UPDATE photos SET session_id = \(session), stack_id = NULL, rendering = 0, likes = 0, favourites = 0
            WHERE id IN \(list: ids)
            """)
        for table in ["companions", "photo_tags", "photo_marks", "photo_reports"] as [SQL] {
            try tx.execute("UPDATE \(sql: table) SET session_id = \(session) WHERE photo_id IN \(list: ids)")
        }
        // What is known of their objects goes with them; it is found by the objects of either table.
        for table in ["placeless_checksums", "missing_objects"] as [SQL] {
            try tx.execute(
                """
                UPDATE \(sql: table) SET session_id = \(session) WHERE object_key IN (
                    SELECT original_key FROM photos WHERE id IN \(list: ids)
                    UNION ALL SELECT object_key FROM companions WHERE photo_id IN \(list: ids))
                """)
        }
    }

    func removeTags(of ids: [PhotoID], _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM photo_tags WHERE photo_id IN \(list: ids)")
    }

    /// Some photos that were put into the bin before a moment.
    func binned(before time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [Photo] {
        try tx.query("SELECT \(sql: Self.columns) FROM photos WHERE binned_at < \(time) LIMIT \(limit)").map(photo)
    }
}
