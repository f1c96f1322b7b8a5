import Core

/// A change to the settings: what is missing stays as it is.
struct SettingsChange: Codable, Sendable {
    var downloads: SessionSettings.Downloads?
    var guestDownloads: Bool?
    var showLocation: Bool?
    var showCamera: Bool?
    var pairFiles: Bool?
    var maxFiles: Int?
    var maxBytes: Int64?
    var watermarkOff: Bool?
    /// `.some(nil)` takes back what the session has.
    var watermark: Watermark??
    /// `.some(nil)` takes back what the session has.
    var renditions: RecipeChange??
    var review: SessionSettings.Review?
    var guestUpload: Bool?
    /// `.some(nil)` takes back what the session has, as with those below.
    var releaseAt: Timestamp??
    var expireAt: Timestamp??
    var retention: Retention??

    private enum CodingKeys: String, CodingKey {
        case downloads, guestDownloads, showLocation, showCamera, pairFiles, maxFiles, maxBytes, watermarkOff, watermark, renditions
        case review, guestUpload, releaseAt, expireAt, retention
    }
}

extension SettingsChange {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        downloads = try container.decodeIfPresent(SessionSettings.Downloads.self, forKey: .downloads)
        guestDownloads = try container.decodeIfPresent(Bool.self, forKey: .guestDownloads)
        showLocation = try container.decodeIfPresent(Bool.self, forKey: .showLocation)
        showCamera = try container.decodeIfPresent(Bool.self, forKey: .showCamera)
        pairFiles = try container.decodeIfPresent(Bool.self, forKey: .pairFiles)
        maxFiles = try container.decodeIfPresent(Int.self, forKey: .maxFiles)
        maxBytes = try container.decodeIfPresent(Int64.self, forKey: .maxBytes)
        watermarkOff = try container.decodeIfPresent(Bool.self, forKey: .watermarkOff)
        review = try container.decodeIfPresent(SessionSettings.Review.self, forKey: .review)
        guestUpload = try container.decodeIfPresent(Bool.self, forKey: .guestUpload)
        watermark = try container.change(.watermark)
        renditions = try container.change(.renditions)
        releaseAt = try container.change(.releaseAt)
        expireAt = try container.change(.expireAt)
        retention = try container.change(.retention)
    }
}

extension KeyedDecodingContainer {
    /// A member that is null says something else than one that is missing: that what there is be taken back.
    func change<Value: Decodable>(_ key: Key) throws -> Value?? {
        contains(key) ? .some(try decodeIfPresent(Value.self, forKey: key)) : nil
    }
}

extension SessionSettings {
    mutating func apply(_ change: SettingsChange) {
        guestDownloads = change.guestDownloads ?? guestDownloads
        downloads = change.downloads ?? downloads
        showLocation = change.showLocation ?? showLocation
        showCamera = change.showCamera ?? showCamera
        pairFiles = change.pairFiles ?? pairFiles
        maxFiles = change.maxFiles ?? maxFiles
        maxBytes = change.maxBytes ?? maxBytes
        watermarkOff = change.watermarkOff ?? watermarkOff
        watermark = change.watermark ?? watermark
        renditions = change.renditions ?? renditions
        review = change.review ?? review
        guestUpload = change.guestUpload ?? guestUpload
        releaseAt = change.releaseAt ?? releaseAt
        expireAt = change.expireAt ?? expireAt
        retention = change.retention ?? retention
    }
}
