/// Whom uploads are counted for.
public enum QuotaHolder: Sendable, Hashable {
    case session(SessionID)
    /// An account, with all its devices and keys.
    case account(UserID)
    /// One API key, or one guest's grant.
    case grant(GrantID)
}

/// How much there is of somebody's files.
public struct UploadUsage: Sendable, Equatable {
    public var files: Int
    public var bytes: Int64

    public init(files: Int = 0, bytes: Int64 = 0) {
        self.files = files
        self.bytes = bytes
    }

    /// Both together; bytes end at the largest number, for lengths are claims.
    public static func + (lhs: UploadUsage, rhs: UploadUsage) -> UploadUsage {
        let (bytes, overflow) = lhs.bytes.addingReportingOverflow(rhs.bytes)
        return UploadUsage(files: lhs.files + rhs.files, bytes: overflow ? .max : bytes)
    }
}

/// How much there may be; `nil` is no limit.
public struct UploadQuota: Sendable, Equatable {
    /// Files, with those under way.
    public var files: Int?
    /// Bytes, with the declared ones of files under way.
    public var bytes: Int64?
    /// Files under way at the same time.
    public var open: Int?

    public init(files: Int? = nil, bytes: Int64? = nil, open: Int? = nil) {
        self.files = files
        self.bytes = bytes
        self.open = open
    }

    /// Nothing is limited.
    public static let unlimited = UploadQuota()

    /// The same, where it says nothing, as another.
    public func completed(by other: UploadQuota) -> UploadQuota {
        UploadQuota(files: files ?? other.files, bytes: bytes ?? other.bytes, open: open ?? other.open)
    }

    /// What both allow.
    public func limited(by other: UploadQuota) -> UploadQuota {
        UploadQuota(
            files: [files, other.files].compactMap(\.self).min(), bytes: [bytes, other.bytes].compactMap(\.self).min(),
            open: [open, other.open].compactMap(\.self).min())
    }
}
