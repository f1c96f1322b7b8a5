import Core
import Foundation

extension PhotoStore {
    /// Has some photos of a session taken when their cameras say in another time zone; those that know their offset stay where they are.
    /// - Returns: the last one that was looked at; `nil` when there are no more.
    func retime(
        _ session: SessionID, in zone: TimeZone, after last: Cursor, limit: Int, _ tx: any Transaction
    ) throws -> Cursor? {
        let rows = try tx.query(
            """
            SELECT \(sql: TimedPhoto.columns) FROM photos
            WHERE session_id = \(session) AND (created_at < \(last.key) OR (created_at = \(last.key) AND id < \(last.id)))
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """)
        try retime(rows, in: zone, tx)
        guard rows.count == limit, let row = rows.last else { return nil }
        return Cursor(key: try row.get("created_at"), id: try row.get("id"))
    }

    /// The same for at most some hundreds.
    func retime(_ ids: [PhotoID], in zone: TimeZone, _ tx: any Transaction) throws {
        try retime(try tx.query("SELECT \(sql: TimedPhoto.columns) FROM photos WHERE id IN \(list: ids)"), in: zone, tx)
    }

    private func retime(_ rows: [Row], in zone: TimeZone, _ tx: any Transaction) throws {
        // Those of one camera, mostly all, are as much too early or too late.
        let late = Dictionary(grouping: try rows.map { try TimedPhoto($0, in: zone) }, by: \.lateness)
        for (lateness, photos) in late where lateness != 0 {
            try tx.execute("UPDATE photos SET taken_at = taken_at - \(lateness) WHERE id IN \(list: photos.map(\.id))")
        }
    }
}

/// What says when a photo was taken.
private struct TimedPhoto {
    static let columns: SQL = "id, created_at, taken_at, captured_at, facts"

    let id: PhotoID
    /// Milliseconds from when it was taken to when it is said to have been.
    let lateness: Int64

    init(_ row: Row, in zone: TimeZone) throws {
        let (created, said): (Timestamp, Timestamp) = (try row.get("created_at"), try row.get("taken_at"))
        let file = try row.optional("facts", as: String.self).map { try JSON.decode(Facts.self, from: $0) }
        let text = try row.optional("captured_at") ?? file?.exif?.capturedAt ?? file?.video?.capturedAt
        id = try row.get("id")
        lateness = said.milliseconds - (CaptureTime.moment(text, in: zone) ?? created).milliseconds
    }

    /// As much of `MediaFacts` as there is to know.
    private struct Facts: Decodable {
        struct Time: Decodable { let capturedAt: String? }
        let exif: Time?
        let video: Time?
    }
}
