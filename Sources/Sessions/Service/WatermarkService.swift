public import Core
import Crypto
import Foundation

/// Pictures for watermarks, and previews of them.
public struct WatermarkService: Sendable {
    let database: any Database
    let previews: any PreviewMaker
    let limiter: any RateLimiter
    let recipe: Recipe
    let clock: any WallClock
    private let sessions = SessionStore()
    private let photos = PhotoStore()
    private let pictures = WatermarkPictureStore()
    private let renderings = RenderingStore()

    /// Bytes of a picture: with a request's other members, it has to fit into one message to a decoder.
    static let largestPicture = 512 << 10
    /// Previews of one session: each takes a decoder.
    static let rate = RateLimit(burst: 10, interval: .seconds(3))

    /// - Parameter recipe: what photos become in sessions that want nothing else.
    public init(
        database: any Database, previews: any PreviewMaker, limiter: any RateLimiter, recipe: Recipe, clock: any WallClock
    ) {
        self.database = database
        self.previews = previews
        self.limiter = limiter
        self.recipe = recipe
        self.clock = clock
    }

    /// Keeps a picture, once a decoder has been able to draw it.
    /// - Throws: `Problem` 404, 422 `bad_picture` or `preview_failed`, 429, 503.
    func add(_ file: Data, to id: SessionID) async throws -> WatermarkPictureView {
        try await requireSession(id)
        guard let head = PNGHead(file) else {
            throw Problem(422, "bad_picture", "A watermark is a PNG file of at most 4096 pixels on a side.")
        }
        let name = SHA256.hash(data: file).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try await limit(id)
        _ = try await previews.preview(of: nil, longEdge: 320, watermark: Watermark(picture: name), picture: file)
        let now = clock.now()
        try await database.write { tx in
            guard let session = try sessions.find(id, tx) else { throw Problem.notFound("session") }
            let marks = [session.settings.watermark, try renderings.find(id, tx)?.recipe.watermark]
            try pictures.add(file, name, to: id, inUse: marks.compactMap { $0?.picture }, at: now, tx)
        }
        return WatermarkPictureView(picture: name, width: head.width, height: head.height)
    }

    /// A JPEG file of what a watermark looks like.
    /// - Throws: `Problem` 404, 422, 429, 503.
    func preview(_ request: PreviewRequest, of id: SessionID) async throws -> Data {
        try await requireSession(id)
        if let fault = request.watermark?.fault {
            throw Problem.invalid("/watermark/\(fault.member)", "watermark/\(fault.member) \(fault.rule).")
        }
        try await limit(id)
        let parts = try await database.read { tx -> (mark: Watermark?, picture: Data?, original: ObjectKey?) in
            guard let session = try sessions.find(id, tx) else { throw Problem.notFound("session") }
            let mark = request.watermark ?? session.settings.recipe(from: recipe).watermark
            return (mark, try picture(of: mark, in: id, tx), try original(of: request.photoId, in: id, tx))
        }
        return try await previews.preview(
            of: parts.original, longEdge: request.longEdge ?? 1280, watermark: parts.mark, picture: parts.picture)
    }

    private func picture(of mark: Watermark?, in session: SessionID, _ tx: any Transaction) throws -> Data? {
        guard let name = mark?.picture else { return nil }
        guard let picture = try pictures.picture(name, of: session, transaction: tx) else {
            throw Problem.invalid("/watermark/picture", "The session has no such picture: upload it first.")
        }
        return picture
    }

    private func original(of photo: PhotoID?, in session: SessionID, _ tx: any Transaction) throws -> ObjectKey? {
        guard let photo else { return nil }
        guard let found = try photos.find(photo, tx), found.sessionID == session else { throw Problem.notFound("photo") }
        guard found.kind == .photo else { throw Problem.invalid("/photoId", "Previews are made of photos, not of videos.") }
        return found.originalKey
    }

    /// An admin may do everything, even to what does not exist.
    private func requireSession(_ id: SessionID) async throws {
        let exists = try await database.read { tx in try sessions.find(id, tx) != nil }
        if !exists { throw Problem.notFound("session") }
    }

    private func limit(_ session: SessionID) async throws {
        if let wait = await limiter.take("preview:\(session)", Self.rate) { throw Problem.tooMany(retryAfter: wait) }
    }
}
