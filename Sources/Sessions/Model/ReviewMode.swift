import Core

extension SessionSettings {
    /// Whose photos wait for the desk before guests see them.
    public enum Review: String, Sendable, Codable, CaseIterable {
        /// Nobody's.
        case none
        /// Those of guests.
        case guests
        /// Everybody's.
        case all

        /// Whether what was sent by somebody whom nobody has called trusted has to be looked at first.
        func asks(about upload: CompletedUpload) -> Bool {
            switch self {
            case .none: false
            case .guests: upload.uploaderID == nil
            case .all: true
            }
        }
    }
}
