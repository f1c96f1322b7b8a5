import Core
import HTTPTypes

/// The headers of each success.
extension TusMachine {
    /// OPTIONS: what this server can do.
    var capabilities: HTTPFields {
        [
            .tusResumable: Self.version, .tusVersion: Self.version,
            .tusExtension: Self.extensions.joined(separator: ","), .tusMaxSize: String(maxSize),
            .tusChecksumAlgorithm: Self.checksumAlgorithms.map(\.rawValue).joined(separator: ","),
        ]
    }

    /// POST: where the upload is; with its offset if bytes came along, or none need to come.
    func created(_ upload: Upload, location: String, withBody: Bool) -> HTTPFields {
        var headers = expiring(upload)
        headers[.location] = location
        if withBody || upload.photoID != nil { headers[.uploadOffset] = String(upload.offset) }
        if upload.photoID != nil { headers[.uploadLength] = upload.length.map(String.init) }
        return headers
    }

    /// HEAD: where to go on.
    func status(_ upload: Upload) -> HTTPFields {
        var headers = expiring(upload)
        // Until it is put together a final upload has no offset, and no length that was deferred.
        if upload.state != .joining { headers[.uploadOffset] = String(upload.offset) }
        if let length = upload.length {
            headers[.uploadLength] = String(length)
        } else if !upload.isFinal {
            headers[.uploadDeferLength] = "1"
        }
        if !upload.concat.isEmpty { headers[.uploadConcat] = upload.concat }
        if !upload.metadata.isEmpty { headers[.uploadMetadata] = upload.metadata }
        headers[.cacheControl] = "no-store"
        return headers
    }

    /// PATCH: how far it got.
    func appended(_ upload: Upload) -> HTTPFields {
        var headers = expiring(upload)
        headers[.uploadOffset] = String(upload.offset)
        return headers
    }

    /// Only an unfinished or a partial upload can expire.
    private func expiring(_ upload: Upload) -> HTTPFields {
        var headers: HTTPFields = [.tusResumable: Self.version]
        if upload.canExpire { headers[.uploadExpires] = HTTPDate.text(upload.expiresAt) }
        return headers
    }
}
