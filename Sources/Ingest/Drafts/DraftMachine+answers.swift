import Core
import HTTPTypes

/// The headers of each success, and of each 104.
extension DraftMachine {
    /// `Upload-Limit`: no file is too small.
    /// - Parameter lifetime: whole seconds.
    func limits(_ version: DraftVersion, lifetime: Int64?) -> String {
        let always = "max-size=\(rules.maxSize), min-size=0"
        return lifetime.map { "\(always), \(version.lifetimeKey)=\($0)" } ?? always
    }

    /// OPTIONS: what uploads have to keep to.
    func capabilities(_ version: DraftVersion, lifetime: Int64) -> HTTPFields {
        [.uploadLimit: limits(version, lifetime: lifetime), .acceptPatch: Self.contentType]
    }

    /// The first 104 to a request that creates an upload; `nil` when there must be none.
    func announcement(_ version: DraftVersion, of upload: Upload, location: String, at now: Timestamp) -> HTTPFields? {
        guard version.isDeclared else { return nil }
        var headers: HTTPFields = [.uploadDraftInteropVersion: String(version.number), .location: location]
        if version.knowsLimits { headers[.uploadLimit] = limits(version, lifetime: upload.lifetime(at: now)) }
        return headers
    }

    /// A 104 about bytes that are safe; `nil` when there must be none.
    func progress(_ version: DraftVersion, offset: Int64) -> HTTPFields? {
        guard version.informsOfProgress else { return nil }
        return [.uploadDraftInteropVersion: String(version.number), .uploadOffset: String(offset)]
    }

    /// The final answer to bytes: what is left to do is the request's to say, whatever became of the content.
    func received(_ version: DraftVersion, _ upload: Upload, at now: Timestamp) -> HTTPFields {
        let isComplete = upload.state != .receiving && upload.state != .joining
        var headers: HTTPFields = [version.completeness: version.completeness(isComplete)]
        if version.knowsLimits { headers[.uploadLimit] = limits(version, lifetime: upload.lifetime(at: now)) }
        if version.answersOffset || !isComplete { headers[.uploadOffset] = String(upload.offset) }
        return headers
    }

    /// HEAD and GET: where to go on.
    func status(_ version: DraftVersion, _ upload: Upload, at now: Timestamp) -> HTTPFields {
        var headers = received(version, upload, at: now)
        headers[.uploadOffset] = String(upload.offset)
        if version.knowsLimits, let length = upload.length { headers[.uploadLength] = String(length) }
        headers[.cacheControl] = "no-store"
        return headers
    }
}

extension Upload {
    /// Whole seconds until it is forgotten; `nil` once it cannot be.
    func lifetime(at now: Timestamp) -> Int64? {
        state == .receiving ? max(0, (expiresAt.milliseconds - now.milliseconds) / 1000) : nil
    }
}
