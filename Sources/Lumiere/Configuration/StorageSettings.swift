import Core

/// What a fleet shares. Without any of it, everything lies in the data folder.
struct StorageSettings: Sendable {
    /// `postgresql://…`; `nil` for SQLite.
    var databaseURL: Secret?
    /// Connections of this process to PostgreSQL.
    var databaseConnections = 10
    /// Holds `objects` and `uploads` when several processes share a file system; `nil` for the data folder.
    var sharedFolder: String?
    /// The secrets that sign tokens, the current one first, the same on every node; empty for `keys.json`.
    var signingKeys: [Secret] = []

    /// Whether several processes can work on the same data.
    var isFleet: Bool { databaseURL != nil }

    /// What does not fit together.
    var faults: [String] {
        var faults: [String] = []
        if isFleet, signingKeys.isEmpty {
            faults.append(
                "accounts.signing.keys must be set with PostgreSQL: tokens have to hold on every node. "
                    + "Make one with `openssl rand -base64 48`.")
        }
        return faults
    }
}

extension StorageSettings {
    /// Reads what a fleet shares.
    init(_ source: inout SettingsSource) {
        databaseURL = source.secret("database.url")
        databaseConnections = source.number("database.connections", in: 1...1000) ?? databaseConnections
        sharedFolder = source.text("shared.folder").map(Settings.absolute)
        signingKeys = (source.list("accounts.signing.keys") ?? []).map(Secret.init)
        if let url = databaseURL?.reveal, !["postgresql://", "postgres://"].contains(where: url.hasPrefix) {
            source.add(["database.url must begin with postgresql://."])
        }
        source.add(faults)
    }
}
