import Core
public import Foundation

/// What people and cameras have written about a photo, for programs that read sidecars.
public struct PhotoSidecar: Sendable {
    private let sidecar: XMPSidecar

    /// - Returns: `nil` when there is nothing to tell.
    public init?(_ photo: PhotoDocument) {
        let (curation, editorial) = (photo.curation, photo.facts?.editorial)
        sidecar = XMPSidecar(
            rating: curation.rating, title: curation.title ?? editorial?.title, description: curation.caption ?? editorial?.caption,
            keywords: curation.tags.isEmpty ? editorial?.keywords ?? [] : curation.tags)
        if sidecar == XMPSidecar(rating: 0) { return nil }
    }

    /// The document in UTF-8.
    public var data: Data { Data(sidecar.bytes) }
}
