import Core
import NIOPosix

/// Takes one file to the server: the machine decides, this acts.
struct Transfer: Sendable {
    /// Where a file has come to.
    enum Outcome: Sendable, Equatable {
        case sent(asDuplicate: Bool)
        case refused(String)
        case closed(String)
        case stop(String)
        /// To be tried again.
        case paused(TransferMachine.Scope, atLeast: Duration?, String)
        case held(Doubt)
        /// Its content is no longer what was noticed.
        case changed
        /// What arrived is not what its digest was taken of.
        case spoiled(String)
        case missing
        case cancelled
    }

    /// What a transfer needs of the rest.
    struct Ports: Sendable {
        var client: UploadClient
        var session: SessionID
        var threads: NIOThreadPool
        var reach: FolderReach
        var writers: @Sendable (OpenedFile) -> Writers
        /// Takes a content, by its SHA-256, for this file.
        var claim: @Sendable (SpooledFile, _ sha256: String) async throws -> Claim
        /// Takes note of how far the file is; `false` when it is no longer what it was.
        var record: @Sendable (SpooledFile) async throws -> Bool
        /// What is there now.
        func look(_ path: String) async throws -> FileFacts? {
            try await threads.runIfActive { [reach] in reach.facts(path) }
        }

        /// The server has answered.
        var reached: @Sendable (_ hasTaken: Bool) async -> Void
    }

    /// Whose a content is.
    enum Claim: Sendable, Equatable {
        /// This file's, with the upload that was begun for it before, under whatever name.
        case free(url: String?, offset: Int64)
        /// It was sent before, under whatever name.
        case sent
        /// The file is no longer what it was.
        case changed
        /// Another file with it is on its way.
        case underWay
    }

    let ports: Ports
    let gauge: TransferGauge
    /// Whether a file is sent in spite of that.
    let takes: @Sendable (Doubt) -> Bool

    /// - Parameter file: its row; `inout` so that what was learned is kept.
    func run(_ file: inout SpooledFile) async throws -> Outcome {
        switch try await prepare(file) {
        case .changed: return .changed
        case .missing: return .missing
        case .cancelled: return .cancelled
        case .doubted(let doubt): return .held(doubt)
        case .unreadable(let reason): return .paused(.file, atLeast: nil, "It cannot be read: \(reason).")
        case .ready(let open, let sha256):
            switch try await ports.claim(file, sha256) {
            case .changed: return .changed
            case .underWay: return .held(.twin)
            case .sent:
                file.sha256 = sha256
                return .sent(asDuplicate: true)
            case .free(let url, let offset):
                (file.sha256, file.uploadURL, file.offset) = (sha256, url, offset)
                return try await sendReadably(&file, open)
            }
        }
    }

    private func sendReadably(_ file: inout SpooledFile, _ open: OpenedFile) async throws -> Outcome {
        do {
            return try await send(&file, open)
        } catch is FileBody.Shrunk {
            return .changed
        } catch let error as OpenedFile.Failure {
            return .paused(.file, atLeast: nil, "It cannot be read: \(error).")
        }
    }

    private func prepare(_ file: SpooledFile) async throws -> FilePreparation.Outcome {
        let preparation = FilePreparation(
            path: file.path, reach: ports.reach, facts: file.facts, sha256: file.sha256, takes: takes,
            writers: ports.writers, gauge: gauge)
        return try await withTaskCancellationHandler {
            try await ports.threads.runIfActive { preparation.run() }
        } onCancel: {
            gauge.cancel()
        }
    }

    private func send(_ file: inout SpooledFile, _ open: OpenedFile) async throws -> Outcome {
        var machine = TransferMachine(length: file.facts.size, url: file.uploadURL, offset: file.offset)
        let attempts = file.attempts
        gauge.show(.sending, machine.offset)
        while true {
            try Task.checkCancellation()
            let heard = try await take(machine.step, file, open)
            if case .reply(let reply) = heard, reply.isOurs, reply.status < 500 { await ports.reached(reply.status < 300) }
            let verdict = machine.heard(heard)
            if machine.offset > file.offset { file.attempts = 0 }
            (file.uploadURL, file.offset) = (machine.url, machine.offset)
            switch verdict {
            case .proceed:
                guard try await ports.record(file), try await ports.look(file.path) == file.facts else { return .changed }
            case .wait(let pause): try await Task.sleep(for: pause)
            case .complete(let asDuplicate): return .sent(asDuplicate: asDuplicate)
            case .spoiled(let reason):
                // That its bytes went out is no progress.
                file.attempts = attempts
                return .spoiled(reason)
            case .pause(let scope, let pause, let reason): return .paused(scope, atLeast: pause, reason)
            case .refused(let reason): return .refused(reason)
            case .closed(let reason): return .closed(reason)
            case .stop(let reason): return .stop(reason)
            }
        }
    }

    private func take(_ step: TransferMachine.Step, _ file: SpooledFile, _ open: OpenedFile) async throws -> TusHeard {
        switch step {
        case .create:
            let metadata = UploadMetadata.header(session: ports.session, name: file.name, sha256: file.sha256 ?? "")
            return try await ports.client.create(length: file.facts.size, metadata: metadata)
        case .ask(let url): return try await ports.client.ask(url)
        case .confirm(let url):
            gauge.show(.confirming, file.facts.size)
            return try await ports.client.confirm(url)
        case .send(let url, let offset, let count):
            let body = FileBody(file: open, offset: offset, count: count, threads: ports.threads, gauge: gauge)
            return try await ports.client.send(body, to: url)
        }
    }
}
