import ArgumentParser
import Core
import Foundation
import Glibc
import Tether
import UnixSignals

/// `lumiere tether`: sends what comes into a folder, while the event runs.
struct TetherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tether", abstract: "Watch a folder and send the photos and films that come into it.",
        discussion: """
            Files are taken once they have been closed or renamed in, sent several at a time, and resumed after every cut of
            the network or the power. What has been sent is remembered, so the same command goes on where it was.

            LUMIERE_SERVER, LUMIERE_KEY (or LUMIERE_KEY_FILE) and LUMIERE_SESSION stand in for the options of these names:
            a key on the command line can be read by everybody on the machine.

            Ends with 0 when everything was sent or it was told to end, with 1 when --once leaves files behind, and with 77
            when the server accepts nothing.
            """)

    @Argument(help: "The folder to watch, with those in it.") var folder: String?
    @Option(name: .long, help: "The server, e.g. https://photos.example.org.") var server: String?
    @Option(name: .long, help: "An API key with the scope `upload`.") var key: String?
    @Option(name: .long, help: "A file with the key on its first line.") var keyFile: String?
    @Option(name: .long, help: "The id of the session to send into.") var session: String?
    @Option(name: .long, help: "Files on their way at a time.") var parallel = 3
    @Option(
        name: .long,
        help: "Only files with this ending; may be given several times (default: photos, RAW files and films).")
    var include: [String] = []
    @Option(name: .long, help: "Where the list of sent files is kept (default: $XDG_STATE_HOME/lumiere/tether).")
    var state: String?
    @Flag(name: .long, help: "End once everything that is there has been sent.") var once = false
    @Flag(name: .long, help: "Give files that the server has refused another chance.") var retryRefused = false
    @Flag(name: .long, help: "Print one JSON object a line.") var json = false
    @Flag(name: .long, help: "Be a gphoto2 --hook-script: settings come from the environment, and it never fails.")
    var hook = false
    @Flag(name: .long, help: .hidden) var drain = false

    func validate() throws {
        if !(1...16).contains(parallel) { throw ValidationError("--parallel is a number from 1 to 16.") }
    }

    func run() async throws {
        // A lease on a file that breaks, and a reader of our output that goes away, are no reasons to end.
        signal(SIGIO, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        if hook { return runHook() }
        guard let folder else { throw ValidationError("Name the folder to watch.") }
        var settings = try TetherOptions(self).settings(folder: folder)
        settings.parallel = parallel
        settings.once = once
        settings.drains = drain
        settings.retriesRefused = retryRefused
        if !include.isEmpty { settings.filter = FileFilter(only: include) }
        let code = try await run(settings)
        if code != 0 { throw ExitCode(code) }
    }

    private func run(_ settings: TetherSettings) async throws -> Int32 {
        let display = StandardDisplay(json: json)
        let tether = Tether(settings, environment: ProcessInfo.processInfo.environment, display: display)
        do {
            let ending = try await untilSignal { try await tether.run() }
            await display.end()
            return ending.exitCode(once: settings.once)
        } catch {
            await display.end()
            throw error
        }
    }

    /// Cancels the work when the process is told to end.
    private func untilSignal<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task(operation: work)
        let signals = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) { task.cancel() }
        }
        defer { signals.cancel() }
        return try await task.value
    }

    // MARK: Hook

    /// gphoto2 must go on whatever happens here.
    private func runHook() {
        do {
            let environment = ProcessInfo.processInfo.environment
            let place = FileManager.default.currentDirectoryPath
            guard case .take(let file) = CameraHook.request(environment, in: place) else { return }
            let settings = try TetherOptions(self).settings(folder: environment["LUMIERE_FOLDER"] ?? folder ?? place)
            let hook = CameraHook(settings, environment: environment)
            if try !hook.take(file) {
                let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
                try hook.beginTether(program, environment: environment)
            }
        } catch {
            FileHandle.standardError.write(Data("lumiere tether --hook: \(error)\n".utf8))
        }
    }
}

/// What a tether is told by options or by the environment.
struct TetherOptions {
    private let server: String?
    private let key: String?
    private let keyFile: String?
    private let session: String?
    private let state: String?

    init(_ command: TetherCommand, environment: [String: String] = ProcessInfo.processInfo.environment) {
        server = command.server ?? environment["LUMIERE_SERVER"]
        session = command.session ?? environment["LUMIERE_SESSION"]
        state = command.state ?? environment["LUMIERE_TETHER_STATE"]
        // What is said on the command line wins over the environment, in either form.
        let isSaid = command.key != nil || command.keyFile != nil
        key = command.key ?? (isSaid ? nil : environment["LUMIERE_KEY"])
        keyFile = command.keyFile ?? (isSaid ? nil : environment["LUMIERE_KEY_FILE"])
    }

    /// - Throws: `ValidationError` that says what is missing.
    func settings(folder: String) throws -> TetherSettings {
        guard let server else { throw ValidationError("Name the server: --server, or LUMIERE_SERVER.") }
        guard let address = ServerAddress(server) else {
            throw ValidationError("--server is an address like https://photos.example.org.")
        }
        guard let session else { throw ValidationError("Name the session: --session, or LUMIERE_SESSION.") }
        guard let session = SessionID(session) else { throw ValidationError("--session is the id of a session.") }
        guard let path = realpath(folder, nil) else { throw ValidationError("There is no folder \(folder).") }
        defer { free(path) }
        var settings = TetherSettings(
            server: address, key: try secret(), session: session, folder: String(cString: path))
        settings.stateFolder = state.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        return settings
    }

    private func secret() throws -> Secret {
        var text = key
        if text == nil, let keyFile {
            guard let content = try? String(contentsOfFile: keyFile, encoding: .utf8) else {
                throw ValidationError("The key file \(keyFile) cannot be read.")
            }
            text = content.split(whereSeparator: \.isNewline).first.map(String.init)
        }
        let key = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !key.isEmpty else { throw ValidationError("Give the key: LUMIERE_KEY, --key-file or --key.") }
        // It becomes a header of every request.
        guard key.utf8.count <= 512, key.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw ValidationError("The key has characters that no key has.")
        }
        return Secret(key)
    }
}
