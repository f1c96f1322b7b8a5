import Core

/// A change to the settings: what is missing stays as it is.
struct SettingsChange: Codable, Sendable {
    var downloads: SessionSettings.Downloads?
    var guestDownloads: Bool?
    var showLocation: Bool?
    var showCamera: Bool?
    var review: SessionSettings.Review?
    var pairFiles: Bool?
    var maxFiles: Int?
    var maxBytes: Int64?
    var watermarkOff: Bool?
    /// `.some(nil)` takes back what the session has.
    var watermark: Watermark??
    /// `.some(nil)` takes back what the session has.
    var renditions: RecipeChange??

    private enum CodingKeys: String, CodingKey {
        case downloads, guestDownloads, showLocation, showCamera, review, pairFiles, maxFiles, maxBytes, watermarkOff, watermark,
            renditions
    }
}

extension SettingsChange {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        downloads = try container.decodeIfPresent(SessionSettings.Downloads.self, forKey: .downloads)
        guestDownloads = try container.decodeIfPresent(Bool.self, forKey: .guestDownloads)
        showLocation = try container.decodeIfPresent(Bool.self, forKey: .showLocation)
        showCamera = try container.decodeIfPresent(Bool.self, forKey: .showCamera)
        review = try container.decodeIfPresent(SessionSettings.Review.self, forKey: .review)
        pairFiles = try container.decodeIfPresent(Bool.self, forKey: .pairFiles)
        maxFiles = try container.decodeIfPresent(Int.self, forKey: .maxFiles)
        maxBytes = try container.decodeIfPresent(Int64.self, forKey: .maxBytes)
        watermarkOff = try container.decodeIfPresent(Bool.self, forKey: .watermarkOff)
        // A member that is null says something else than one that is missing.
        if container.contains(.watermark) { watermark = .some(try container.decodeIfPresent(Watermark.self, forKey: .watermark)) }
        if container.contains(.renditions) { renditions = .some(try container.decodeIfPresent(RecipeChange.self, forKey: .renditions)) }
    }
}

extension SessionSettings {
    mutating func apply(_ change: SettingsChange) {
        guestDownloads = change.guestDownloads ?? guestDownloads
        downloads = change.downloads ?? downloads
        showLocation = change.showLocation ?? showLocation
        showCamera = change.showCamera ?? showCamera
        review = change.review ?? review
        pairFiles = change.pairFiles ?? pairFiles
        maxFiles = change.maxFiles ?? maxFiles
        maxBytes = change.maxBytes ?? maxBytes
        watermarkOff = change.watermarkOff ?? watermarkOff
        watermark = change.watermark ?? watermark
        renditions = change.renditions ?? renditions
    }
}
