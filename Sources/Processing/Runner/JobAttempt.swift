import Core
import Foundation
import Logging
import ServiceLifecycle

/// One claim of one job, from the scratch folder to the commit that ends it.
struct JobAttempt: Sendable {
    /// How the work on a claim ended; the database may know more.
    enum Ending: Sendable, Equatable {
        case completed
        /// The thumbnail is shown, the rest waits for its turn.
        case handedOver
        /// The worker gives the claim back, or no longer has it.
        case interrupted
        case setback(Setback)
    }

    /// What an attempt has made so far.
    struct Progress: Sendable {
        var facts: MediaFacts?
        /// What the decoder has found to be a film that browsers cannot play.
        var isForeign = false
        /// In the object store, not yet in the database.
        var unrecorded: [Rendition] = []
        /// Everything this attempt put into the object store.
        var stored: [ObjectKey] = []
        var isPublished = false
    }

    /// Thrown out of a transaction that found the claim lost.
    private struct ClaimLost: Error {}

    let claim: ClaimedJob
    let house: ProcessingHouse
    let files: FileQueue
    let folders: DecoderFolders
    let claimedAt: ContinuousClock.Instant
    /// What the decoder is there for.
    let role: DecoderRole

    /// Never fails: what goes wrong is recorded, or left to the lease's end when even that is impossible.
    /// - Returns: how it ended.
    func run(on decoder: Decoder) async -> Ending {
        let (ending, progress) = await watched(decoder) {
            let result = await work(on: decoder)
            try? await files.run { [folders] in folders.empty() }
            return result
        }
        switch ending {
        case .completed, .handedOver: break
        case .interrupted, .setback: await settle(ending, progress)
        }
        return ending
    }

    // MARK: Decoding

    private func work(on decoder: Decoder) async -> (Ending, Progress) {
        do {
            return try await house.objects.withLocalFile(claim.job.objectKey) { path in
                let admitted = try await files.run { [folders] in try folders.admit(path) }
                return await decode(admitted, on: decoder)
            }
        } catch {
            return (.setback(setback(of: error, "job could not start")), Progress())
        }
    }

    private func decode(_ path: String, on decoder: Decoder) async -> (Ending, Progress) {
        var progress = Progress()
        do {
            return (try await decode(path, on: decoder, &progress), progress)
        } catch {
            if !decoder.isAlive { house.metrics.decoderLost(error as? Decoder.End ?? .interrupted) }
            return (ending(for: error, decoder), progress)
        }
    }

    private func decode(_ path: String, on decoder: Decoder, _ progress: inout Progress) async throws -> Ending {
        var part = claim.priority.part
        if part == .rest {
            progress.isPublished = try await hasThumbnail()
            // It was of another recipe.
            if !progress.isPublished { part = .all }
        }
        if let failure = try await perform(part, path, on: decoder, &progress) { return .setback(.refused(failure)) }
        guard part == .thumbnail else { return .completed }
        guard try await advance(&progress) else { return .handedOver }
        if let failure = try await perform(.rest, path, on: decoder, &progress) { return .setback(.refused(failure)) }
        return .completed
    }

    /// Whether the first size of the recipe has been made already, in all formats.
    private func hasThumbnail() async throws -> Bool {
        let (original, recipe) = (claim.job.originalID, claim.job.recipe)
        let made = try await house.database.read { transaction in
            try house.renditions.renditions(of: [original], transaction: transaction)[original] ?? []
        }
        let formats = made.filter { $0.recipe == recipe.hash && $0.name == recipe.sizes.first?.name }.map(\.format)
        return Set(formats).isSuperset(of: recipe.formats)
    }

    /// Has the decoder make a part, and takes in what comes of it.
    /// - Returns: why the decoder refused, if it did.
    private func perform(
        _ part: DecodePart, _ path: String, on decoder: Decoder, _ progress: inout Progress
    ) async throws -> ProcessingFailure? {
        var sequence = ReplySequence(claim.job.recipe, part)
        let request = DecodeRequest(
            id: claim.job.id, inputPath: path, outputFolder: folders.results, recipe: claim.job.recipe,
            timeLimit: house.configuration.timeLimit(of: part).milliseconds, part: part,
            watermarkPicture: [.thumbnail, .film].contains(part) ? nil : try await watermarkPicture(),
            encoding: part == .film ? house.configuration.filmEncoding : nil)
        var refusal: ProcessingFailure?
        try await decoder.decode(request) { reply in
            switch try sequence.take(reply) {
            // Known already when the thumbnail is there, and better.
            case .facts(let facts):
                if [.all, .thumbnail].contains(part) { progress.facts = facts }
                progress.isForeign = facts.video?.isForeignToBrowsers ?? false
            case .file(let file, let isFirst):
                try await store(file, original: path, &progress)
                if isFirst { try await publish(&progress) }
            case .finish:
                switch part {
                case .thumbnail: break
                case .all, .rest: try await finish(&progress)
                case .avif: try await grant(progress)
                case .film: try await replaceStream(progress)
                }
            case .refused(let failure): refusal = failure
            }
        }
        return refusal
    }

    /// The picture that the recipe's watermark names; without it, the decoder refuses to draw the mark.
    private func watermarkPicture() async throws -> Data? {
        guard let name = claim.job.recipe.watermark?.picture, let pictures = house.pictures else { return nil }
        let session = claim.job.sessionID
        return try await house.database.read { try pictures.picture(name, of: session, transaction: $0) }
    }

    private func ending(for error: any Error, _ decoder: Decoder) -> Ending {
        switch error {
        case DecoderConversation.End.interrupted, is ClaimLost, is CancellationError: return .interrupted
        case DecoderConversation.End.timedOut: return .setback(.timedOut)
        case is DecoderConversation.End:
            house.logger.warning("decoder failed on a job", metadata: metadata(error))
            return .setback(.crashed(wasProven: decoder.isProven))
        default: return .setback(setback(of: error, "job failed"))
        }
    }

    /// What an error of the house means for the job.
    private func setback(of error: any Error, _ message: Logger.Message) -> Setback {
        if Self.isAway(error) {
            house.logger.warning("job waits for storage", metadata: metadata(error))
            return .away
        }
        house.logger.error(message, metadata: metadata(error))
        return .ours
    }

    private static func isAway(_ error: any Error) -> Bool {
        switch error {
        case ObjectStoreError.unavailable: true
        case let error as DatabaseError: error.isTransient
        default: false
        }
    }

    private func store(_ file: DecodedFile, original: String, _ progress: inout Progress) async throws {
        let intake = RenditionIntake(
            objects: house.objects, files: files, intakeFolder: house.configuration.intakeFolder)
        guard let name = file.file else {
            progress.unrecorded.append(try await intake.original(file, at: original, of: claim))
            return
        }
        // A worker that was out for long has nothing to store any more, and would leave what nobody removes.
        try await requireClaim()
        let rendition = try await intake.take(file, named: name, from: folders.results, of: claim)
        progress.stored.append(rendition.objectKey)
        progress.unrecorded.append(rendition)
    }

    /// - Throws: `ClaimLost`.
    private func requireClaim() async throws {
        let standing = try await house.database.read { try house.jobs.standing(of: claim, in: $0) }
        if standing != .held { throw ClaimLost() }
    }

    // MARK: Recording

    /// The first commit: the photo can be shown.
    private func publish(_ progress: inout Progress) async throws {
        let superseded = try await record(progress) { transaction in
            try house.listener.thumbnailReady(claim.job, in: transaction)
            return []
        }
        progress.unrecorded = []
        progress.isPublished = true
        house.metrics.published(after: claimedAt.duration(to: .now))
        await remove(superseded)
    }

    /// The commit after the thumbnail in all formats. Whoever made it goes on with the rest of the photo, unless others
    /// wait: then the queue decides what comes next.
    /// - Returns: whether to go on.
    private func advance(_ progress: inout Progress) async throws -> Bool {
        // Not in the transaction below, which others' jobs would make run again.
        let othersWait = try await house.database.read { try house.jobs.isAnyWaiting(in: $0) }
        let goesOn = role == .general && !othersWait
        let superseded = try await record(progress) { transaction in
            let isOurs = try goesOn
                ? house.jobs.advance(claim, in: transaction) : house.jobs.handOver(claim, in: transaction)
            guard isOurs else { throw ClaimLost() }
            return []
        }
        progress.unrecorded = []
        await remove(superseded)
        return goesOn
    }

    /// The last commit; afterwards what older recipes made can go.
    private func finish(_ progress: inout Progress) async throws {
        let job = claim.job
        let isFilmWanted = progress.isForeign && house.configuration.filmEncoding != nil
        let superseded = try await record(progress) { transaction in
            let others = try house.renditions.removeOthers(
                of: job.originalID, keeping: job.recipe, in: transaction)
            let isOurs = try isFilmWanted
                ? house.jobs.completeButFilm(claim, in: transaction) : house.jobs.complete(claim, in: transaction)
            guard isOurs else { throw ClaimLost() }
            try house.listener.finished(job, in: transaction)
            return others
        }
        house.metrics.completed(after: claimedAt.duration(to: .now))
        await remove(superseded)
    }

    /// The only commit of a wish.
    private func grant(_ progress: Progress) async throws {
        let job = claim.job
        let superseded = try await record(progress) { transaction in
            guard try house.jobs.complete(claim, in: transaction) else { throw ClaimLost() }
            try house.listener.granted(job, in: transaction)
            return []
        }
        await remove(superseded)
    }

    /// The only commit of a film that was encoded anew: from here on it is played instead of what it was.
    private func replaceStream(_ progress: Progress) async throws {
        let job = claim.job
        let superseded = try await record(progress) { transaction in
            let others = try house.renditions.removeStreams(of: job.originalID, job.recipe.hash, but: .mp4, in: transaction)
            guard try house.jobs.complete(claim, in: transaction) else { throw ClaimLost() }
            try house.listener.extended(job, in: transaction)
            return others
        }
        await remove(superseded)
    }

    /// Writes what there is, and then the body, unless the claim is lost.
    /// - Parameter body: gives objects that can go after the commit.
    /// - Returns: these, and those in whose place others are recorded now.
    private func record(
        _ progress: Progress, _ body: @escaping @Sendable (any Transaction) throws -> [ObjectKey]
    ) async throws -> [ObjectKey] {
        try await house.database.write { transaction in
            guard try house.jobs.standing(of: claim, in: transaction) == .held else { throw ClaimLost() }
            if !progress.isPublished, let facts = progress.facts {
                try house.listener.inspected(claim.job, facts, in: transaction)
            }
            let replaced = try progress.unrecorded.compactMap { rendition in
                try house.renditions.put(rendition, of: claim.job.sessionID, in: transaction)
            }
            return try replaced + body(transaction)
        }
    }

    // MARK: After a setback

    private func settle(_ ending: Ending, _ progress: Progress) async {
        do {
            let orphans = try await house.database.write { transaction in
                try recordEnding(ending, progress, in: transaction)
            }
            await remove(orphans)
        } catch {
            house.logger.error("a job's end could not be recorded", metadata: metadata(error))
        }
    }

    /// - Returns: objects that nothing will ever refer to.
    private func recordEnding(
        _ ending: Ending, _ progress: Progress, in transaction: any Transaction
    ) throws -> [ObjectKey] {
        if try house.jobs.standing(of: claim, in: transaction) == .held {
            if case .setback(let setback) = ending { try record(setback, progress, in: transaction) } else {
                try house.jobs.release(claim, in: transaction)
            }
        }
        return try unrecorded(of: progress, in: transaction)
    }

    private func record(_ setback: Setback, _ progress: Progress, in transaction: any Transaction) throws {
        let failure = try house.jobs.fail(claim, setback, in: transaction)
        let code = RetryPolicy.failure(for: setback).code
        transaction.afterCommit { house.metrics.failed(code, isFinal: failure != nil) }
        // Otherwise the photo has all that it had before.
        guard let failure, !claim.priority.isExtra else { return }
        if !progress.isPublished, let facts = progress.facts {
            try house.listener.inspected(claim.job, facts, in: transaction)
        }
        try house.listener.failed(claim.job, failure, in: transaction)
    }

    /// The objects that no row speaks of.
    private func unrecorded(of progress: Progress, in transaction: any Transaction) throws -> [ObjectKey] {
        let original = claim.job.originalID
        let recorded = try house.renditions.renditions(of: [original], transaction: transaction)[original] ?? []
        return progress.stored.filter { key in !recorded.contains { $0.objectKey == key } }
    }

    private func remove(_ keys: [ObjectKey]) async {
        for key in keys {
            do { try await house.objects.remove(key) } catch {
                house.logger.warning("an object nobody needs stays", metadata: ["key": "\(key)", "error": "\(error)"])
            }
        }
    }

    func metadata(_ error: any Error) -> Logger.Metadata {
        ["job": "\(claim.job.id)", "attempt": "\(claim.attempt)", "error": "\(error)"]
    }
}
