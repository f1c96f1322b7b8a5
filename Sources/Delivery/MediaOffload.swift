import Core
import HTTPTypes
import Metrics
import ObjectStore
import WebServer

/// Leaves large local files to nginx in front: an answer without a body that names one of its internal locations
/// (`X-Accel-Redirect`). Who may have the file, what it is called and whether it has changed is decided here all the
/// same; nginx adds the bytes, and ranges of them.
///
/// Who is served through nevertheless:
/// - Whoever does not come from a proxy of ours: nothing would put the bytes in.
/// - Who gets other bytes than the file has, or something in place of another.
/// - Requests with `If-Match` and `If-Unmodified-Since`: nginx holds them against validators of its own before it learns ours.
/// - What is small: it is at hand.
public struct MediaOffload: Sendable {
    /// The part of nginx that has the files.
    public struct Location: Sendable, Equatable {
        /// Its internal location, with a slash at both ends.
        public var prefix: String
        /// The folder of the object store, absolute.
        public var root: String

        /// See the properties of the same names.
        public init(prefix: String, root: String) {
            (self.prefix, self.root) = (prefix, root)
        }
    }

    private let objects: any StreamingObjectStore
    private let location: Location
    private let offloaded = Counter(label: "lumiere_media_offloads")

    /// `nil` when nothing is left to nginx.
    init?(_ objects: any StreamingObjectStore, _ location: Location?) {
        guard let location else { return nil }
        self.objects = objects
        self.location = location
    }

    /// What nginx is told, or `nil` when the file has to be served through.
    /// - Throws: `Problem` 404, `ObjectStoreError` when it is not there or not what it should be.
    func reply(_ copy: MediaCopy, _ described: MediaHeaders, _ conditions: MediaConditions) async throws -> Reply? {
        let file = copy.stored
        guard file.size > MediaBytes.smallFile, copy.isStored, copy.standsInFrom == nil, conditions.ifMatch == nil,
            conditions.ifUnmodifiedSince == nil, let path = path(of: file)
        else { return nil }
        guard let size = try await objects.size(of: file.objectKey) else { throw MediaAccess.hidden }
        try file.requireSize(size)
        var headers = described.all
        headers[.accelRedirect] = path
        offloaded.increment()
        return Reply(.ok, headers: headers)
    }

    /// Within nginx; keys have no character that would have to be escaped.
    private func path(of file: MediaFile) -> String? {
        guard let path = objects.localPath(of: file.objectKey), path.hasPrefix(location.root + "/") else { return nil }
        return location.prefix + path.dropFirst(location.root.count + 1)
    }
}

extension HTTPField.Name {
    static let accelRedirect = HTTPField.Name("X-Accel-Redirect")!
}
