import Core
import Foundation
import NIOHTTP1
import TestSupport

/// Everybody who may ask for something, and the things they may ask for.
struct Cast: Sendable {
    struct Player: Sendable {
        var name: String
        var api: API
        var principal: Principal
        /// What they hold in each of the two sessions.
        var rights: [Thing: Rights] = [:]
    }

    /// Which of several things of a kind is asked for.
    enum Thing: Sendable, CaseIterable { case own, others, missing }

    /// A photographer's session with one thing of each kind in it, and what else belongs to the photographer.
    struct Set: Sendable {
        var account: Account
        var shoot: Shoot
        var key: String
        var device: String
        var photo: String
        /// Said by the photographer.
        var message: String
        /// A list for all guests.
        var selection: String
        /// Of the photo, by the photographer.
        var report: String
        var upload: String
        /// With an empty queue.
        var party: String
        /// The session's number and its own.
        var link: String
        /// The paths of a rendition and of the original.
        var rendition: String
    }

    var players: [Player]
    /// The owner's session and another photographer's.
    var sets: [Thing: Set]
    let server: ServerProcess
    /// A number that nothing has.
    static let missing = "01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"

    /// They have a server of their own, and leave it as they found it.
    static let shared = Once { try await gather(try await ServerProcess.start()) }

    private static func gather(_ server: ServerProcess) async throws -> Cast {
        let accounts = try await [
            server.createAccount("owner"), server.createAccount("other"), server.createAccount("member", role: .member),
            server.createAccount("overseer", role: .admin),
        ]
        let (owner, other) = (try await server.client(accounts[0]), try await server.client(accounts[1]))
        let sets: [Thing: Set] = [
            .own: try await makeSet(server, accounts[0], owner), .others: try await makeSet(server, accounts[1], other),
        ]
        let session = sets.mapValues { SessionID($0.shoot.id) }
        var players = [Player(name: "anonymous", api: server.api, principal: .anonymous)]
        if let assistant = try await assistant(server, sets[.own]) { players.append(assistant) }
        players.append(try person("owner", owner, accounts[0], .photographer, [.own: .owner]))
        players.append(try person("another photographer", other, accounts[1], .photographer, [.others: .owner]))
        players.append(try person("member", try await server.client(accounts[2]), accounts[2], .member, [:]))
        players.append(try person("admin", try await server.client(accounts[3]), accounts[3], .admin, [:]))
        for scope in Scope.allCases {
            let key = try await server.createKey(of: accounts[0], [scope])
            guard let id = UserID(accounts[0].id) else { continue }
            let principal = Principal.key(GrantID(at: now), owner: id, role: .photographer, scopes: [scope])
            players.append(Player(
                name: "the owner's key for \(scope)", api: server.api.with(key), principal: principal, rights: [.own: .owner]))
        }
        for (name, thing) in [("guest", Thing.own), ("guest of another session", .others)] {
            guard let set = sets[thing], let id = session[thing] ?? nil else { continue }
            let token = GrantToken(grantID: GrantID(at: now), sessionID: id, rights: .guest, expiresAt: now)
            players.append(Player(
                name: name, api: try await set.shoot.guest(), principal: .guest(token), rights: [thing: .guest]))
        }
        return Cast(players: players, sets: sets, server: server)
    }

    /// The principals here are only compared by kind, owner and session: their times and numbers do not matter.
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private static func person(
        _ name: String, _ api: API, _ account: Account, _ role: Role, _ rights: [Thing: Rights]
    ) throws -> Player {
        guard let id = UserID(account.id) else { throw API.Unexpected(description: account.id) }
        return Player(
            name: name, api: api, principal: .user(id, role: role, device: DeviceID(at: now)), rights: rights)
    }

    /// Somebody who sees the desk of the owner's session and does not manage it.
    private static func assistant(_ server: ServerProcess, _ set: Set?) async throws -> Player? {
        // The database is changed by a Python.
        guard let set, Tool.program("python3") != nil else { return nil }
        let account = try await server.createAccount("assistant")
        let rights: Rights = [.view, .original, .upload, .desk, .download, .select]
        try await server.terminate()
        try await server.admit(account, to: set.shoot.id, rights)
        try await server.restart()
        return try person("assistant", try await server.client(account), account, .photographer, [.own: rights])
    }

    private static func makeSet(_ server: ServerProcess, _ account: Account, _ owner: API) async throws -> Set {
        let shoot = try await Shoot.begin(owner)
        let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 0)
        let photo = try await shoot.upload(jpeg, as: "set.jpg")
        let url = try await shoot.settled(photo)["renditions"]?.elements.first?.text("url") ?? ""
        _ = try await owner.send(.POST, "/api/photos/\(photo)/report", json: ["reason": "other"])
        let report = try await owner.json(.GET, "/api/sessions/\(shoot.id)/reports")["items"]?.elements.first?.text("id") ?? ""
        return Set(
            account: account, shoot: shoot, key: try await makeKey(owner), device: try await makeDevice(server, account),
            photo: photo, message: try await makeMessage(shoot), selection: try await makeSelection(shoot), report: report,
            upload: try await makeUpload(shoot), party: try await makeParty(owner), link: try await makeLink(shoot), rendition: url.components(separatedBy: "?").first ?? "")
    }

    // MARK: Things to throw away

    /// A new thing beside the one in a set, of the same owner.
    func spare(_ subject: Operation.Subject, _ set: Set) async throws -> String? {
        switch subject {
        case .session: try await Shoot.begin(set.shoot.owner).id
        case .upload: try await Self.makeUpload(set.shoot)
        case .party: try await Self.makeParty(set.shoot.owner)
        case .message: try await Self.makeMessage(set.shoot)
        case .selection: try await Self.makeSelection(set.shoot)
        case .link: try await Self.makeLink(set.shoot)
        case .key: try await Self.makeKey(set.shoot.owner)
        case .device: try await Self.makeDevice(server, set.account)
        case .photo: try await Self.makePhoto(set.shoot)
        case .none, .report, .media, .anything: nil
        }
    }

    private static func makePhoto(_ shoot: Shoot) async throws -> String {
        let photo = try await shoot.upload(Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 1), as: "spare.jpg")
        return try await shoot.settled(photo).text("id")
    }

    private static func makeMessage(_ shoot: Shoot) async throws -> String {
        try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/messages", ["text": "Welcome"], expecting: 201).text("id")
    }

    private static func makeSelection(_ shoot: Shoot) async throws -> String {
        try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/selections", ["name": "Album"], expecting: 201).text("id")
    }

    /// An upload that waits for its bytes.
    private static func makeUpload(_ shoot: Shoot) async throws -> String {
        TusClient.id(
            of: try await TusClient(api: shoot.owner).create(session: shoot.id, filename: "waiting.jpg", length: 1000))
    }

    private static func makeParty(_ owner: API) async throws -> String {
        try await owner.json(.POST, "/api/parties", ["title": "Friday"], expecting: 201).text("id")
    }

    private static func makeLink(_ shoot: Shoot) async throws -> String {
        let link = try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/links", ["name": "spare"], expecting: 201)
        return "\(shoot.id)/\(try link.text("id"))"
    }

    private static func makeKey(_ owner: API) async throws -> String {
        try await owner.json(.POST, "/api/keys", ["name": "spare", "scopes": ["read"]], expecting: 201).text("id")
    }

    private static func makeDevice(_ server: ServerProcess, _ account: Account) async throws -> String {
        try await server.signIn(account, device: "spare").text("deviceId")
    }
}
