import Core
import NIOPosix

/// A file on its way, from take-off to landing.
extension TetherRun {
    func fly(_ flight: Flight) async {
        var file = flight.file
        let (now, noticed, patience) = (clock.now(), file, patience)
        let transfer = Transfer(ports: ports, gauge: flight.gauge) { patience.takes($0, noticed, at: now) }
        let outcome: Transfer.Outcome
        do {
            outcome = try await transfer.run(&file)
        } catch is CancellationError {
            outcome = .cancelled
        } catch {
            outcome = .paused(.file, atLeast: nil, "The spool cannot be written (\(error)).")
        }
        await land(flight, file, Task.isCancelled && outcome.isUnfinished ? .cancelled : outcome)
        flights[file.id] = nil
        contents = contents.filter { $0.value != file.id }
        areTotalsOld = true
        bell.ring()
    }

    private var ports: Transfer.Ports {
        Transfer.Ports(
            client: client, session: settings.session, threads: threads, reach: reach, writers: writers,
            claim: { try await self.claim($0, $1) },
            record: { [spool] file in try await spool.record(file) },
            reached: { await self.reached(hasTaken: $0) })
    }

    private func claim(_ file: SpooledFile, _ sha256: String) async throws -> Transfer.Claim {
        guard contents[sha256] == nil else { return .underWay }
        contents[sha256] = file.id
        guard let content = try await spool.identify(file, as: sha256) else { return .changed }
        if content.hasAbandoned { endings.ring() }
        return content.isSent ? .sent : .free(url: content.uploadURL, offset: content.offset)
    }

    private func reached(hasTaken: Bool) {
        if outage.succeeded() { display.tell(.recovered) }
        if hasTaken { lull.taken(at: .now) }
    }

    private func land(_ flight: Flight, _ flown: SpooledFile, _ outcome: Transfer.Outcome) async {
        var file = flown
        switch outcome {
        case .sent(let asDuplicate): await sent(flight, file, asDuplicate)
        case .refused(let reason):
            display.tell(.refused(report(flight, file), reason))
            await settle(file, .refused, reason)
        case .closed(let reason):
            rest(reason, .seconds(30))
            if settings.once || settings.drains { ending.stopped = reason }
        case .stop(let reason): ending.stopped = reason
        case .paused(let scope, let pause, let reason): await delay(flight, &file, scope, pause, reason)
        case .held(let doubt): await hold(flight, file, doubt)
        case .changed: await lookAgain(file)
        case .spoiled(let reason): await startAgain(flight, &file, reason)
        case .missing: await missing(file)
        case .cancelled: break
        }
    }

    private func sent(_ flight: Flight, _ file: SpooledFile, _ asDuplicate: Bool) async {
        await settle(file, .sent)
        ending.sent += 1
        sentBytes += file.facts.size
        display.tell(.sent(report(flight, file), asDuplicate: asDuplicate))
        // What was sent is what had been read; the file may have gone on meanwhile.
        guard let facts = try? await ports.look(file.path), facts != file.facts else { return }
        await notice([ReadyFile(path: file.path, facts: facts)])
    }

    private func delay(
        _ flight: Flight, _ file: inout SpooledFile, _ scope: TransferMachine.Scope, _ pause: Duration?, _ reason: String
    ) async {
        if scope == .server { return fail(reason, pause) }
        if scope == .all { return rest(reason, pause) }
        let (state, retryAt) = retry(flight, &file, pause, reason)
        await settle(file, state, reason, retryAt: retryAt)
    }

    private func retry(
        _ flight: Flight, _ file: inout SpooledFile, _ pause: Duration?, _ reason: String
    ) -> (FileState, Timestamp) {
        file.attempts += 1
        let wait = max(pause ?? .zero, Backoff().pause(after: file.attempts, chance: .random(in: 0...1)))
        display.tell(.delayed(report(flight, file), reason))
        // A script that waits for the end is not held up by one file that can never be read.
        let givesUp = settings.once && file.attempts >= Self.attemptsOnce
        return (givesUp ? .held : .waiting, clock.now() + wait)
    }

    /// What arrived was not what had been read: a disk or a network that changes bytes, or a file that changes unseen.
    private func startAgain(_ flight: Flight, _ file: inout SpooledFile, _ reason: String) async {
        let (state, retryAt) = retry(flight, &file, nil, reason)
        await insistently { [file] in try await self.spool.mistrust(file, as: state, because: reason, retryAt: retryAt) }
    }

    private static let attemptsOnce = 8

    private func fail(_ reason: String, _ pause: Duration?) {
        let isNew = outage.reason != reason
        outage.failed(reason, after: pause, at: .now, chance: .random(in: 0...1))
        if isNew { display.tell(.trouble(reason)) }
    }

    private func rest(_ reason: String, _ pause: Duration?) {
        if lull.asked(reason, for: pause, at: .now, chance: .random(in: 0...1)) { display.tell(.waiting(reason)) }
    }

    private func hold(_ flight: Flight, _ file: SpooledFile, _ doubt: Doubt) async {
        let retryAt = patience.next(doubt, file, at: clock.now())
        guard case .wholeness = doubt else { return await settle(file, .waiting, doubt.reason, retryAt: retryAt) }
        if file.state != .held {
            display.tell(.delayed(report(flight, file), "It is not whole yet; its camera may go on with it."))
        }
        await settle(file, .held, doubt.reason, retryAt: retryAt)
    }

    /// The file may not be what it was. Whether it is the same content under another time or number shows once it is read.
    private func lookAgain(_ file: SpooledFile) async {
        guard let facts = try? await ports.look(file.path) else { return await missing(file) }
        guard facts == file.facts else { return await notice([ReadyFile(path: file.path, facts: facts)]) }
        await insistently {
            let retryAt = self.clock.now() + .seconds(1)
            try await self.spool.mistrust(self.claimed(file), as: .waiting, because: "changed", retryAt: retryAt)
        }
    }

    /// Nothing is there: unless it is the folder itself that is away, the file was taken back.
    private func missing(_ file: SpooledFile) async {
        let folder = settings.folder
        let isFolderThere = (try? await threads.runIfActive { FolderIdentity.of(folder) != nil }) ?? false
        if settings.drains || isFolderThere { return await settle(file, .gone) }
        await settle(file, .waiting, "its folder is away", retryAt: clock.now() + .seconds(5))
    }

    private func settle(
        _ file: SpooledFile, _ state: FileState, _ reason: String? = nil, retryAt: Timestamp? = nil
    ) async {
        await insistently {
            try await self.spool.settle(
                self.claimed(file), as: state, because: reason, retryAt: retryAt, at: self.clock.now())
        }
    }

    /// What a flight may record: how far a content is, only whoever sends it knows.
    private func claimed(_ file: SpooledFile) -> SpooledFile {
        var file = file
        if let sha256 = file.sha256, contents[sha256] != file.id { file.sha256 = nil }
        return file
    }

    private func report(_ flight: Flight, _ file: SpooledFile) -> FileReport {
        FileReport(
            path: file.path, size: file.facts.size, sha256: file.sha256, url: file.uploadURL,
            duration: ContinuousClock.now - flight.began)
    }
}

extension Transfer.Outcome {
    /// Whether it may only be so because the run was told to end.
    fileprivate var isUnfinished: Bool {
        switch self {
        case .paused, .cancelled: true
        default: false
        }
    }
}
