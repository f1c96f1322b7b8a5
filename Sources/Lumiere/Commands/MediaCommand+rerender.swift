import ArgumentParser
import Core
import Database
import Processing
import Sessions

extension MediaCommand {
    /// `lumiere media rerender`.
    struct Rerender: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have photos derived anew that do not follow their session's recipe; beside a server or worker, which does it.",
            discussion: """
                Needed after the settings of renditions or the program have changed: sessions whose own settings change see to it
                themselves. Interrupted, it goes on without this command.
                """)

        @OptionGroup var shared: SharedOptions
        @Option(name: .long, help: "The id of a session; may be given several times (default: all).") var session: [String] = []
        @Flag(name: .long, help: "Also those that follow the recipe already.") var everything = false
        @Flag(name: .long, help: "Do not wait for the end.") var detach = false
        @Flag(name: .long, help: "Print one JSON object at the end.") var json = false

        func validate() throws {
            for session in session where SessionID(session) == nil { throw ValidationError("--session \(session) is no id.") }
        }

        func run() async throws {
            let settings = try await shared.settings()
            let database = try await House.guestDatabase(settings)
            let service = RenderingService(
                database: database, queue: JobStore(), renditions: RenditionStore(), events: UntoldEvents(), recipe: settings.recipe,
                clock: SystemWallClock(), logger: settings.logger())
            let result = await Result { try await readably { try await run(service) } }
            try await database.close()
            let progress = try result.get()
            if json { return try printJSON(progress.json) }
            print(detach ? "\(progress.total) photos of \(progress.sessions) sessions are looked at from now on." : progress.summary)
        }

        private func run(_ service: RenderingService) async throws -> RenderProgress {
            var progress = RenderProgress()
            for id in try await sessions(service) {
                do { progress.begin(try await service.begin(id, everything: everything)) } catch let problem as Problem
                where problem.status == 404 && session.isEmpty {
                    // It was deleted after it had been listed.
                    continue
                }
            }
            if detach { return progress }
            let display = ProgressDisplay(progress, isQuiet: json)
            let result = await Result { try await follow(service, display) }
            await display.end()
            try result.get()
            return await display.progress
        }

        private func sessions(_ service: RenderingService) async throws -> [SessionID] {
            if !session.isEmpty { return session.compactMap { SessionID($0) } }
            var all: [SessionID] = []
            var cursor: String?
            repeat {
                let page = try await service.sessions(after: cursor)
                all += page.items
                cursor = page.nextCursor
            } while cursor != nil
            return all
        }

        /// Looks every half second how far it is; servers and workers keep the queue filled.
        private func follow(_ service: RenderingService, _ display: ProgressDisplay<RenderProgress>) async throws {
            var lastChange = ContinuousClock.now
            var last = -1
            while await !display.progress.isOver {
                let views = try await service.progress(of: await display.progress.open)
                await display.report { $0.update(views) }
                let done = await display.progress.done
                if done != last { (last, lastChange) = (done, .now) }
                if lastChange.duration(to: .now) > .seconds(60) {
                    await display.say("Nothing has been derived for a minute: is a server or worker running?")
                    lastChange = .now
                }
                if await !display.progress.isOver { try await Task.sleep(for: .milliseconds(500)) }
            }
        }
    }
}

/// This process has no clients: whoever works through the queue tells the desk how far it is.
struct UntoldEvents: EventPublisher, EventRewriter, Nudges {
    func publish(_ event: DurableEvent, in transaction: any Transaction) throws {}
    func send(_ event: EphemeralEvent) {}
    func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws {}
    func nudge(_ name: String, _ payload: String) {}
    func listen(for name: String, _ body: @escaping @Sendable (String) -> Void) {}
}

/// How far the renderings of some sessions are.
struct RenderProgress: ShownProgress {
    private var views: [SessionID: RenderingView] = [:]

    var sessions: Int { views.count }
    var total: Int { views.values.reduce(0) { $0 + $1.total } }
    var failed: Int { views.values.reduce(0) { $0 + $1.failed } }
    var done: Int { views.values.reduce(failed) { $0 + $1.done } }
    var open: [SessionID] { views.values.filter { !$0.isOver }.map(\.sessionId) }
    var isOver: Bool { open.isEmpty }

    /// Follows a session, unless it has no photos.
    mutating func begin(_ view: RenderingView) {
        if view.total > 0 { views[view.sessionId] = view }
    }

    /// - Parameter latest: of all that are open; a session that is not among them has been deleted.
    mutating func update(_ latest: [RenderingView]) {
        for id in open { views[id] = nil }
        for view in latest { views[view.sessionId] = view }
    }

    private var count: CountProgress {
        var count = CountProgress("photos", total: total)
        (count.done, count.faults) = (done, failed)
        return count
    }

    var fraction: Double { count.fraction }
    func line(after elapsed: Duration) -> String { count.line(after: elapsed) }

    var summary: String {
        "\(done - failed) photos of \(sessions) sessions follow their recipes\(failed > 0 ? "; \(failed) keep what they had" : "")."
    }

    var json: JSONValue {
        [
            "sessions": .integer(Int64(sessions)), "photos": .integer(Int64(total)), "done": .integer(Int64(done - failed)),
            "failed": .integer(Int64(failed)), "isOver": .bool(isOver),
        ]
    }
}
