public import Core
import Logging

/// What goes on in parties without anybody's command: waits run out, films end, statuses and votes are told, and who is not heard of any more
/// has left. Every server does it; what one has done the others find done.
public struct PartyKeeper: Sendable {
    let service: PartyService

    /// Between two looks at what is due.
    private static let pace: Duration = .milliseconds(250)
    /// So late, others than whoever is to do it may.
    private static let grace: Duration = .milliseconds(500)

    /// Goes on until the task is cancelled.
    public func run() async {
        var turn = 0
        let start = service.clock.now()
        while !Task.isCancelled {
            await wakeDue()
            if turn.isMultiple(of: 2) { service.tellStatuses() }
            await tellVotes()
            if turn.isMultiple(of: 4) { await attempt { try await wakeForgotten() } }
            if turn.isMultiple(of: 20) {
                await service.writeNotes()
                // After a restart all have to find back first.
                if service.clock.now() - start > PartyMember.lease { await attempt { try await releaseLapsed() } }
            }
            turn += 1
            let wait = min(Self.pace, service.alarm.wait(at: service.clock.now()) ?? Self.pace)
            try? await Task.sleep(for: max(wait, .milliseconds(5)))
        }
    }

    private func wakeDue() async {
        for party in service.alarm.due(at: service.clock.now()) { await wake(party) }
    }

    func tellVotes() async {
        for party in service.votes.owed(at: service.clock.now()) { await attempt { try await service.tellVotes(of: party) } }
    }

    /// Those whose server has died, or was restarted.
    func wakeForgotten() async throws {
        let now = service.clock.now()
        let due = try await service.database.read { tx in try service.parties.due(by: now - Self.grace, limit: 50, tx) }
        for party in due { await wake(party) }
    }

    private func wake(_ party: SessionID) async {
        await attempt { try await service.wake(party) }
    }

    /// Lets those go who have not been heard of.
    func releaseLapsed() async throws {
        let limit = service.clock.now() - PartyMember.lease
        let parties = try await service.database.read { tx in
            try service.members.partiesWithLapsed(before: limit, limit: 50, tx)
        }
        for party in parties {
            await attempt { while try await service.releaseLapsed(from: party) {} }
        }
    }

    /// What fails is tried again in the next turn.
    private func attempt(_ body: () async throws -> Void) async {
        do { try await body() } catch is CancellationError {
        } catch let problem as Problem where problem.status == 404 {
        } catch {
            service.logger.warning("a party could not be kept", metadata: ["error": "\(error)"])
        }
    }
}
