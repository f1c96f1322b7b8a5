import Foundation

/// A slice of a list, in the list's order, with the cursor that continues it.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    /// In the list's order.
    public var items: [Item]
    /// Pass it as `cursor` to get what follows; absent on the last page.
    public var nextCursor: String?

    /// A page; see the properties of the same names.
    public init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    /// Cuts a list that was queried with `limit + 1` rows down to `limit`, and says where to go on.
    /// - Parameter cursor: gives the cursor that continues after an item.
    public init(_ rows: [Item], limit: Int, cursor: (Item) -> Cursor) {
        self.items = Array(rows.prefix(limit))
        self.nextCursor = rows.count > limit ? items.last.map { cursor($0).text } : nil
    }
}

/// Where a page ended: the sort key and id of its last item. Opaque to clients.
public struct Cursor: Sendable, Equatable {
    /// What the list is sorted by.
    public var key: Int64
    /// Tells items of the same key apart.
    public var id: String

    /// A cursor; see the properties of the same names.
    public init(key: Int64, id: String) {
        self.key = key
        self.id = id
    }

    /// Parses a cursor a client sent back.
    /// - Throws: `Problem` 400 `bad_cursor`.
    public init(_ text: String) throws {
        let parts = (Data(base64URLEncoded: text).map { String(decoding: $0, as: UTF8.self) } ?? "")
            .split(separator: "~", maxSplits: 1)
        // No list has ever given that out, and no database takes it.
        guard parts.count == 2, !parts[1].utf8.contains(0), let key = Int64(parts[0]) else {
            throw Problem.badRequest("bad_cursor", "The cursor is not one that this list gave out.")
        }
        self.init(key: key, id: String(parts[1]))
    }

    /// The opaque text, URL-safe.
    public var text: String { Data("\(key)~\(id)".utf8).base64URLEncodedString() }
}
