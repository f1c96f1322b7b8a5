import TestSupport
import Testing

@testable import Ingest

/// What is promised of one node on SQLite holds on PostgreSQL.
@Suite("One node on PostgreSQL", .enabled(if: LocalPostgres.isInstalled))
struct OneNodeOnPostgresTests {
    struct Clause: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable () async throws -> Void

        init(_ name: String, _ check: @escaping @Sendable () async throws -> Void) {
            testDescription = name
            self.check = check
        }
    }

    private static let clauses: [Clause] = [
        Clause("several requests") { try await ReceivingTests().severalRequests() },
        Clause("a broken connection") { try await ReceivingTests().brokenConnection() },
        Clause("a take-over") { try await ReceivingTests().takeover() },
        Clause("another offset") { try await ReceivingTests().mismatch() },
        Clause("the last request again") { try await ReceivingTests().repeatedLast() },
        Clause("an empty file") { try await ReceivingTests().empty() },
        Clause("a length that comes later") { try await ReceivingTests().deferredLength() },
        Clause("bytes along with the creation") { try await ReceivingTests().creationWithUpload() },
        Clause("a creation that broke") { try await ReceivingTests().brokenCreation() },
        Clause("many uploads at once") { try await ReceivingTests().concurrent() },
        Clause("a termination") { try await EndingTests().termination() },
        Clause("a termination of a photo") { try await EndingTests().terminationAfterCompletion() },
        Clause("expiry") { try await EndingTests().expiry() },
        Clause("a file nobody wants") { try await EndingTests().unwanted() },
        Clause("other bytes than announced") { try await EndingTests().checksumMismatch() },
        Clause("an uploader's limit") { try await UploaderLimitTests().openUploads() },
        Clause("an uploader's limit under pressure") { try await UploaderLimitTests().atOnce() },
        Clause("a file that is there already") { try await KnownFileTests().known() },
        Clause("a file that is announced again") { try await KnownFileTests().rows() },
        Clause("a file that is announced many times at once") { try await KnownFileTests().concurrent() },
        Clause("quotas of declared bytes") { try await QuotaTests().bytes() },
        Clause("quotas of bytes that nobody declared") { try await QuotaTests().lengthless() },
        Clause("quotas at an upload's end") { try await QuotaTests().closing() },
        Clause("quotas of parts") { try await QuotaTests().concatenation() },
        Clause("quotas of parts that are used") { try await QuotaTests().countedOnce() },
        Clause("quotas of parts whose final upload failed") { try await QuotaTests().countedAgain(isEnded: false) },
        Clause("quotas of parts that have ended") { try await QuotaTests().countedAgain(isEnded: true) },
        Clause("quotas of final uploads begun early") { try await QuotaTests().unfinished() },
        Clause("quotas under pressure") { try await QuotaTests().concurrent() },
        Clause("quotas of keys") { try await QuotaTests().keys() },
        Clause("quotas of bodies beside each other") { try await QuotaTests().parallel() },
        Clause("quotas of verified bodies") { try await QuotaTests().verified() },
        Clause("migrations down and up") { try await UploaderLimitTests().migration() },
        Clause("a crash of the process") { try await RecoveryTests().processCrash() },
        Clause("a crash of the machine") { try await RecoveryTests().machineCrash() },
        Clause("lost bytes") { try await RecoveryTests().lostBytes() },
        Clause("lost bytes of a part") { try await FailedPartTests().failedPartUnsaid() },
        Clause("a lost original") { try await LostOriginalTests().restored(.missing) },
        Clause("a failed sync") { try await FailingDiskTests().failedSync() },
    ]

    @Test("keeps the promise", arguments: clauses)
    func promise(_ clause: Clause) async throws {
        try await TestDatabase.$isPostgres.withValue(true) { try await clause.check() }
    }
}
