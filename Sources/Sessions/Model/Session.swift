public import Core

/// A shoot: the live gallery with its settings and its access code.
public struct Session: Sendable, Equatable {
    public var id: SessionID
    public var ownerID: UserID
    public var title: String
    public var about: String
    public var status: Status
    /// As its owner wrote it; compared without regard to case.
    public var accessCode: String
    public var settings: SessionSettings
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    /// What may happen in it.
    public enum Status: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Guests look, photographers upload.
        case active
        /// Guests look; nothing new comes in.
        case ended
    }
}

/// What the owner decides about a session.
public struct SessionSettings: Sendable, Equatable {
    /// Guests may fetch the originals.
    public var guestDownloads = false
    /// Guests see where a photo was taken.
    public var showLocation = false
    /// Guests see camera, lens and exposure.
    public var showCamera = true
    /// Files of one picture (RAW and JPEG, a still and its clip) become one photo.
    public var pairFiles = true
    /// Photos and videos it can have; 0 leaves that to the house.
    public var maxFiles = 0
    /// Bytes its originals can have together; 0 leaves that to the house.
    public var maxBytes: Int64 = 0

    public init() {}

    /// What may be uploaded into it.
    var quota: UploadQuota {
        UploadQuota(files: maxFiles > 0 ? maxFiles : nil, bytes: maxBytes > 0 ? maxBytes : nil)
    }

    /// What a guest who comes in by the code may do.
    var guestRights: Rights { guestDownloads ? [.view, .original] : .view }
}

/// A change to the settings: what is missing stays as it is.
struct SettingsChange: Codable, Sendable {
    var guestDownloads: Bool?
    var showLocation: Bool?
    var showCamera: Bool?
    var pairFiles: Bool?
    var maxFiles: Int?
    var maxBytes: Int64?
}

extension SessionSettings {
    mutating func apply(_ change: SettingsChange) {
        guestDownloads = change.guestDownloads ?? guestDownloads
        showLocation = change.showLocation ?? showLocation
        showCamera = change.showCamera ?? showCamera
        pairFiles = change.pairFiles ?? pairFiles
        maxFiles = change.maxFiles ?? maxFiles
        maxBytes = change.maxBytes ?? maxBytes
    }
}

extension SessionSettings: WireType {
    public static let schema = Schema.object([
        .optional("guestDownloads", .boolean, "Guests may fetch the originals; false unless said."),
        .optional("showLocation", .boolean, "Guests see where a photo was taken; false unless said."),
        .optional("showCamera", .boolean, "Guests see camera, lens and exposure; true unless said."),
        .optional(
            "pairFiles", .boolean,
            "RAW and JPEG, or a still and its clip, of the same name become one photo; true unless said. For files to come."),
        .optional("maxFiles", .integer(0...1_000_000_000), "Files it can have; 0, unless said, is no limit of its own."),
        .optional("maxBytes", .integer(0...Int64.max), "Bytes of all originals; 0, unless said, is no limit of its own."),
    ])

    private enum CodingKeys: String, CodingKey {
        case guestDownloads, showLocation, showCamera, pairFiles, maxFiles, maxBytes
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let initial = SessionSettings()
        guestDownloads = try container.decodeIfPresent(Bool.self, forKey: .guestDownloads) ?? initial.guestDownloads
        showLocation = try container.decodeIfPresent(Bool.self, forKey: .showLocation) ?? initial.showLocation
        showCamera = try container.decodeIfPresent(Bool.self, forKey: .showCamera) ?? initial.showCamera
        pairFiles = try container.decodeIfPresent(Bool.self, forKey: .pairFiles) ?? initial.pairFiles
        maxFiles = try container.decodeIfPresent(Int.self, forKey: .maxFiles) ?? initial.maxFiles
        maxBytes = try container.decodeIfPresent(Int64.self, forKey: .maxBytes) ?? initial.maxBytes
    }
}
