public import Core

/// What the quotas that uploads are held to leave of a session.
public struct SessionRoom: UploadRoom {
    private let quotas: QuotaKeeper
    private let clock: any WallClock

    public init(configuration: IngestConfiguration, database: any Database, admission: any UploadAdmission, clock: any WallClock) {
        quotas = QuotaKeeper(configuration: configuration, store: UploadStore(database: database), admission: admission)
        self.clock = clock
    }

    public func room(in session: SessionID) async throws -> UploadQuota {
        let now = clock.now()
        return try await quotas.store.database.write(.readCommitted) { tx in try quotas.room(in: session, at: now, tx) }
    }
}
