import Core
import Foundation
import Logging

extension OutboxRelay {
    private static let lease = "outbox"

    /// Shows signs of life while the lease is ours, and watches for its end while it is not.
    func campaign(_ desk: RelayDesk, _ timing: LeaseTiming) async {
        let candidate = UUID().uuidString.lowercased()
        var machine = LeaseMachine(expiry: timing.expiry)
        var wasWell = true
        while !Task.isCancelled {
            do {
                if let term = desk.current?.term { try await renew(desk, term) } else {
                    try await look(desk, &machine, candidate)
                }
                wasWell = true
            } catch {
                machine.lookFailed()
                if wasWell { logger.error("the outbox's lease cannot be looked at", metadata: ["error": "\(error)"]) }
                wasWell = false
            }
            // Only cancellation ends a sleep early, and the loop's condition sees that.
            try? await Task.sleep(for: timing.beat)
        }
    }

    private func renew(_ desk: RelayDesk, _ term: LeaseTerm) async throws {
        do {
            try await database.write { try LeaseStore.renew(term, in: $0) }
        } catch is LeaseTerm.Lost {
            logger.notice("another node relays events now")
            end(desk, term)
        }
    }

    private func look(_ desk: RelayDesk, _ machine: inout LeaseMachine, _ candidate: String) async throws {
        let seen = try await database.read { try LeaseStore.row(Self.lease, in: $0) }
        guard machine.looked(seen, at: .now) else { return }
        let (term, mark) = try await database.write { transaction in
            let term = try LeaseStore.take(Self.lease, as: candidate, from: seen, in: transaction)
            return (term, try OutboxStore.publishedMark(in: transaction))
        }
        guard let term else { return }
        logger.info("this node relays events now")
        begin(desk, term, from: mark)
    }
}
