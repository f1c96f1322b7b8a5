import Foundation

/// Work that has been done before, to be done again by another recipe. Implemented by Processing.
public protocol RenderQueue: Sendable {
    /// Has an original derived by the job's recipe: behind everything that comes in, unless the original still waits for its
    /// first time. A worker that is at it by another recipe loses its claim; what waits by the same one is left alone.
    func render(_ job: ProcessingJob, in transaction: any Transaction) throws

    /// A session wants a recipe from now on: what has not ended by any other is done by this one if it is for the first time, and
    /// dropped if it was to be done again. Workers that are at it lose their claims.
    func turn(_ session: SessionID, to recipe: Recipe, in transaction: any Transaction) throws
}

/// Renditions that are made once somebody has asked for them: the stills of an original as AVIF. Implemented by Processing.
public protocol RenditionWishes: Sendable {
    /// Somebody would have been given AVIF stills of an original, made by the recipe of that hash, if there had been any.
    /// Costs nothing and returns at once, however often the same is wished for; may be forgotten: the next one who asks
    /// wishes again.
    func wish(for original: OriginalID, recipe: String)
}

/// Keeps the pictures that watermarks draw. Implemented by Sessions.
public protocol WatermarkPictures: Sendable {
    /// The PNG file of that SHA-256 in a session; `nil` when it has none.
    func picture(_ sha256: String, of session: SessionID, transaction: any Transaction) throws -> Data?
}

/// Shows what a recipe would make of a picture, at once and without a trace. Implemented by Processing.
public protocol PreviewMaker: Sendable {
    /// - Parameters:
    ///   - original: the picture; `nil` for a neutral one, dark on one side and light on the other.
    ///   - longEdge: pixels.
    ///   - watermark: what is laid over it; with `picture`, the PNG file that it names.
    /// - Returns: a JPEG file.
    /// - Throws: `Problem` 422 `preview_failed` for what cannot be drawn, 503 `busy`.
    func preview(
        of original: ObjectKey?, longEdge: Int, watermark: Watermark?, picture: Data?
    ) async throws -> Data
}
