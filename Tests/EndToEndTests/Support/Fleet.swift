import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport

/// Two servers and two workers behind nginx, on PostgreSQL, Redis and S3: what `make stack` starts.
final class Fleet: Sendable {
    /// Whether the programs are installed; the S3 server comes from the package index.
    static let isPossible = ["nginx", "redis-server", "psql", "curl", "python3"].allSatisfy { Tool.program($0) != nil }

    private static let script = Place.repository.appendingPathComponent("scripts/stack.sh").path
    private static let shared = Once { try await start() }

    private let folder: TemporaryFolder
    private let facts: [String: String]
    /// A client of nginx with a photographer's key.
    let owner: API

    /// One fleet for all tests; what one of them left dead is brought back.
    static func stage() async throws -> Fleet {
        let fleet = try await shared.value
        _ = try await run(["up"], fleet.folder.path)
        return fleet
    }

    private init(folder: TemporaryFolder, facts: [String: String], key: String) {
        self.folder = folder
        self.facts = facts
        self.owner = API(base: facts["STACK_URL"] ?? "", token: key)
    }

    deinit { Self.stop(folder.path) }

    /// A server's own address.
    func server(_ number: Int) -> String { facts["STACK_SERVER_\(number)"] ?? "" }

    func port(_ number: Int) -> Int { URL(string: server(number))?.port ?? 0 }

    /// The owner at one of the servers.
    func owner(at number: Int) -> API { API(base: server(number), token: owner.token) }

    /// The owner with an access token, for what keys may not do.
    func signedIn() async throws -> API {
        let login: JSONValue = ["login": "ada", "password": .string(Account.password), "deviceName": "tests"]
        return owner.with(try await owner.with(nil).json(.POST, "/api/auth/login", login).text("accessToken"))
    }

    func signal(_ part: String, _ number: Int32) throws {
        let text = try String(contentsOfFile: "\(facts["STACK_RUN"] ?? "")/\(part).pid", encoding: .utf8)
        guard let pid = text.split(whereSeparator: \.isWhitespace).first.flatMap({ pid_t($0) }), kill(pid, number) == 0 else {
            throw Tool.Failure(description: "\(part) cannot be signalled")
        }
    }

    /// Changes the database from aside, as another program of the house would.
    func execute(_ statement: String) async throws {
        let arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", facts["DATABASE_URL"] ?? "", "-c", statement]
        _ = try await Tool("psql").output(arguments)
    }

    /// Starts a part that has ended, and waits until it works.
    func up(_ part: String) async throws { _ = try await Self.run(["up", part], folder.path) }

    /// Ends a part in an orderly way; its data stays.
    func down(_ part: String) async throws { _ = try await Self.run(["down", part], folder.path) }

    private static func start() async throws -> Fleet {
        let folder = try TemporaryFolder("fleet")
        // PostgreSQL runs as a user of its own and has to get there.
        chmod(folder.path, 0o711)
        AtExit.run { stop(folder.path) }
        _ = try await run(["up"], folder.path)
        let text = try String(contentsOfFile: folder.file("env"), encoding: .utf8)
        let facts = text.split(separator: "\n").reduce(into: [String: String]()) { facts, line in
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { facts[String(parts[0])] = String(parts[1]) }
        }
        return Fleet(folder: folder, facts: facts, key: try await makeKey(facts, folder))
    }

    /// A key of an administrator made for it.
    func adminKey() async throws -> String {
        let name = "admin-\(UUID().uuidString.prefix(8).lowercased())"
        let account = ["--email", "\(name)@example.org", "--username", name, "--role", "admin", "--password-stdin"]
        let made = try await command(["user", "create"] + account, input: Account.password + "\n")
        let key = try await command(["key", "create", "--user", name, "--json", "--scope", "read", "--scope", "manage"])
        guard made.status == 0, key.status == 0 else { throw Tool.Failure(description: made.err + key.err) }
        return try JSON.decode(JSONValue.self, from: key.out).text("key")
    }

    /// Runs a command of the program like an operator, on a machine that runs none of the nodes.
    func command(_ words: [String], input: String? = nil) async throws -> Tool.Output {
        try await Self.command(words, input: input, facts, folder)
    }

    private static func command(
        _ words: [String], input: String? = nil, _ facts: [String: String], _ folder: TemporaryFolder
    ) async throws -> Tool.Output {
        let variables = facts.filter { !$0.key.hasPrefix("STACK") }.map { "\($0.key)=\($0.value)" }
        let data = ["--data", folder.file("operator")]
        return try await Tool("env").run(variables + House.assignments + [Place.binary] + words + data, input: input)
    }

    private static func makeKey(_ facts: [String: String], _ folder: TemporaryFolder) async throws -> String {
        let ada = ["--email", "ada@example.org", "--username", "ada", "--role", "photographer", "--password-stdin"]
        let made = try await command(["user", "create"] + ada, input: Account.password + "\n", facts, folder)
        let scopes = Scope.allCases.flatMap { ["--scope", $0.rawValue] }
        let key = try await command(["key", "create", "--user", "ada", "--json"] + scopes, facts, folder)
        guard made.status == 0, key.status == 0 else { throw Tool.Failure(description: made.err + key.err) }
        return try JSON.decode(JSONValue.self, from: key.out).text("key")
    }

    private static func run(_ words: [String], _ folder: String) async throws -> String {
        let environment = [
            "STACK_DIR=\(folder)", "LUMIERE_BINARY=\(Place.binary)", "LUMIERE_WEBHOOKS_PRIVATE=true",
        ] + House.assignments
        return try await Tool("env").output(environment + [script] + words, within: .seconds(240))
    }

    /// Blocks for some seconds; for the end of the process.
    private static func stop(_ folder: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = ["down"]
        process.environment = ProcessInfo.processInfo.environment.merging(["STACK_DIR": folder]) { _, own in own }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return }
        process.waitUntilExit()
    }
}
