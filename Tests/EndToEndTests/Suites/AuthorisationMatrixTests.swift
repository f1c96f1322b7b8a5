import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Every declared operation, asked for by everybody, about everything: the answers must be the policy's.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"))) struct AuthorisationMatrixTests {
        /// Those that HTTP operations can have; topics, media files and what bodies name have the others.
        private static let actions = Set(Action.allCases).subtracting([.followDesk, .readOriginal, .receivePhotos])

        @Test func `every operation answers everybody as the policy decides`() async throws {
            let cast = try await Cast.shared.value
            let operations = try await Operation.all(cast.server.api)
            #expect(Set(operations.map(\.action)) == Self.actions)
            var asked = 0
            // What destroys comes last.
            for operation in operations.filter({ !$0.isDestructive }) + operations.filter(\.isDestructive) {
                for player in cast.players {
                    for thing in things(of: operation, player) {
                        try await check(operation, player, thing, cast)
                        asked += 1
                    }
                }
            }
            print("authorisation: \(asked) requests to \(operations.count) operations")
        }

        private func things(of operation: Operation, _ player: Cast.Player) -> [Cast.Thing] {
            switch operation.subject {
            case .none:
                // Signing out would end the player; `AccountTests` has it. Here it is tried by those who cannot.
                if operation.path == "/api/auth/logout", case .user = player.principal { [] } else { [.missing] }
            case .anything: [.missing]
            // Whether a code is wrong or its session missing is not told apart.
            case .session where operation.action == .enterSession: [.own, .others]
            case .session, .link, .photo, .message, .selection, .report, .upload, .party, .media, .key, .device: Cast.Thing.allCases
            }
        }

        private func check(_ operation: Operation, _ player: Cast.Player, _ thing: Cast.Thing, _ cast: Cast) async throws {
            let expected = Expectation(operation, player, thing, cast)
            // What does not come back is thrown away afresh for everybody who may.
            let isSpare = operation.isDestructive && expected == .passage
            let request = try await request(operation, thing, cast, isSpare: isSpare)
            let answer = try await player.api.send(
                operation.method, request.path, headers: request.headers, body: request.body)
            #expect(
                expected.fits(answer.status),
                "\(operation) by \(player.name), \(thing): \(answer.status) \(answer.code ?? ""), expected \(expected)")
        }

        private func request(
            _ operation: Operation, _ thing: Cast.Thing, _ cast: Cast, isSpare: Bool
        ) async throws -> (path: String, headers: [(String, String)], body: Data?) {
            let set = cast.sets[thing]
            if operation.subject == .media { return (set?.rendition ?? "/media/\(Cast.missing)/thumb-0123456789ab.jpg", [], nil) }
            // A door without an id takes any session's code.
            let code = set?.shoot.code ?? (operation.subject == .none ? cast.sets[.own]?.shoot.code : nil)
            var id: String?
            if let set { id = isSpare ? try await cast.spare(operation.subject, set) : operation.id(in: set) }
            return operation.request(id ?? Cast.missing, code: code)
        }

        @Test func `an upload begins only in a session that the caller may upload to`() async throws {
            let cast = try await Cast.shared.value
            for player in cast.players {
                for thing in Cast.Thing.allCases {
                    let operation = Operation(method: .POST, path: "/api/sessions/{id}/files/{name}", action: .continueUpload)
                    let expected = Expectation(operation, player, thing, cast)
                    let metadata = TusClient.metadata(
                        session: cast.sets[thing]?.shoot.id ?? Cast.missing, filename: "new.jpg", type: "image/jpeg")
                    let answer = try await player.api.send(
                        .POST, "/api/uploads",
                        headers: [TusClient.version, ("Upload-Length", "10"), ("Upload-Metadata", metadata)])
                    // A key without the scope is told so before its target is looked at.
                    let isForbidden = Policy.allows(player.principal, .beginUpload, .house) == .forbid
                    #expect(
                        isForbidden ? answer.status == 403 : expected.fits(answer.status),
                        "\(player.name), \(thing): \(answer.status), expected \(expected)")
                }
            }
        }

        @Test func `a topic is followed only by those who may`() async throws {
            let cast = try await Cast.shared.value
            for player in cast.players {
                let socket = try await SocketClient.connect(port: cast.server.port, token: player.api.token)
                for thing in Cast.Thing.allCases {
                    let session = cast.sets[thing]?.shoot.id ?? Cast.missing
                    let answer = try await socket.ask("join_session", ["sessionId": .string(session)])
                    let operation = Operation(method: .GET, path: "/api/sessions/{id}", action: .followSession)
                    let expected = Expectation(operation, player, thing, cast)
                    #expect((answer.type == "ack") == (expected == .passage), "\(player.name), \(thing): \(answer.json)")
                    guard answer.type == "ack" else { continue }
                    let desk = Expectation(
                        Operation(method: .GET, path: "/api/sessions/{id}", action: .followDesk), player, thing, cast)
                    #expect(answer.data["desk"] == .bool(desk == .passage), "\(player.name), \(thing)")
                }
                await socket.close()
            }
        }
    }
}

extension Operation {
    /// Which of a set's things the path names.
    fileprivate func id(in set: Cast.Set) -> String? {
        switch subject {
        case .session: set.shoot.id
        case .link: set.link
        case .photo: set.photo
        case .message: set.message
        case .selection: set.selection
        case .report: set.report
        case .upload: set.upload
        case .party: set.party
        case .key: set.key
        case .device: set.device
        case .none, .media, .anything: nil
        }
    }
}
