public import Core

/// What an operator can set about incoming files.
public struct IngestConfiguration: Sendable, Equatable {
    /// When an offset counts as confirmed.
    public enum Durability: String, Sendable, CaseIterable {
        /// After `fdatasync`: it survives a power cut.
        case strict
        /// After the write: it survives the process, the operating system decides about the disk.
        case relaxed
    }

    public var durability = Durability.strict
    /// Bytes of the largest file.
    public var maxUploadSize: Int64 = 50 << 30
    /// Bytes of the disk that uploads leave free.
    public var freeSpaceReserve: Int64 = 512 << 20
    /// How long an upload may rest between two requests.
    public var expiresAfter = Duration.seconds(24 * 3600)
    /// How long an ended upload is remembered, so that it is answered 410 and not 404.
    public var endedKeptFor = Duration.seconds(7 * 24 * 3600)
    /// How long partial uploads rest after they have been put together, in case they are used again; never longer than
    /// `expiresAfter`.
    public var usedPartsKeptFor = Duration.seconds(3600)
    /// Requests that may send bytes at the same time; one more is answered 503.
    public var maxTransfers = 512
    /// Of them, those of one account or guest; one more is answered 429.
    public var transfersPerUploader = 128
    /// Uploads that one account or guest has begun and not finished; one more is answered 429.
    public var openUploadsPerUploader = 256
    /// What one session may have, stored and under way; its owner can allow less.
    public var sessionQuota = UploadQuota.unlimited
    /// What one account may have, with all its devices and keys.
    public var accountQuota = UploadQuota.unlimited
    /// What one API key or one guest's grant may have.
    public var grantQuota = UploadQuota.unlimited
    /// How long a newer request waits for the older one on the same upload to let go.
    public var takeoverTimeout = Duration.seconds(5)
    /// How long a transfer that is asked to let go still takes what has arrived already.
    public var lastCall = Duration.milliseconds(500)
    /// The shortest time between two progress events of one upload.
    public var progressInterval = Duration.milliseconds(200)
    /// How often expired uploads are looked for.
    public var sweepInterval = Duration.seconds(60)
    /// Threads that read and write.
    public var fileThreads = 8
    /// Threads that wait for syncs.
    public var syncThreads = 16
    /// Threads that hash.
    public var hashThreads = 2
    /// Finished uploads that are handed over at the same time.
    public var settlementWidth = 4

    public init() {}

    /// Says what makes no sense, one sentence each; empty when all is well.
    public var faults: [String] {
        var faults: [String] = []
        if maxUploadSize < 1 { faults.append("The largest upload must have at least one byte.") }
        if freeSpaceReserve < 0 { faults.append("The reserve of free disk cannot be negative.") }
        if expiresAfter < .seconds(60) { faults.append("Uploads must be kept for at least a minute.") }
        if usedPartsKeptFor < .zero { faults.append("Used parts cannot be kept for less than no time.") }
        if maxTransfers < 1 || transfersPerUploader < 1 { faults.append("At least one transfer must be possible.") }
        if openUploadsPerUploader < 1 { faults.append("At least one upload must be possible.") }
        if [sessionQuota, accountQuota, grantQuota].contains(where: \.isImpossible) {
            faults.append("A quota cannot be negative, and one file at a time must be possible.")
        }
        if lastCall >= takeoverTimeout { faults.append("A transfer must let go before the newer request gives up.") }
        if !(1...64).contains(fileThreads) { faults.append("Between 1 and 64 threads can write.") }
        if !(1...256).contains(syncThreads) { faults.append("Between 1 and 256 threads can sync.") }
        if !(1...64).contains(hashThreads) { faults.append("Between 1 and 64 threads can hash.") }
        if !(1...64).contains(settlementWidth) { faults.append("Between 1 and 64 uploads can be handed over at a time.") }
        return faults
    }
}

extension UploadQuota {
    fileprivate var isImpossible: Bool { files ?? 0 < 0 || bytes ?? 0 < 0 || open ?? 1 < 1 }
}
