import Core
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The documents against what the server does.
    @Suite(
        .enabled("schemathesis cannot be installed") { await FuzzVenv.python() != nil },
        .enabled(if: Fixtures.has("orientation-1.jpg")))
    struct DocumentFuzzTests {
        /// What is asked may delete whatever it finds: no other test shares this server.
        private static let fuzz = Once { try await DocumentFuzz(try #require(await FuzzVenv.python()), try await ServerProcess.start()) }

        enum Player: String, CaseIterable, Sendable { case stranger, guest, photographer, admin }

        private func token(of player: Player, _ fuzz: DocumentFuzz) async throws -> String? {
            let (server, name) = (fuzz.server, "fuzzing-\(player.rawValue)")
            return switch player {
            case .stranger: nil
            case .guest: try await fuzz.shoot.guest().token
            case .photographer: try server.newcomer().token
            case .admin: try await server.client(try await server.createAccount(name, role: .admin)).token
            }
        }

        @Test(arguments: Player.allCases)
        func `no answer is a fault of the server or one that the document does not know`(player: Player) async throws {
            let fuzz = try await Self.fuzz.value
            let found = try await fuzz.run(as: try await token(of: player, fuzz), Scale.fuzzing, within: .seconds(1800))
            #expect(found == nil, "\(player): \(found ?? "")")
        }

        @Test func `the document is OpenAPI 3.1, and everything in it has an example that fits`() async throws {
            let fuzz = try await Self.fuzz.value
            let script = """
                import json, sys, urllib.request
                from openapi_spec_validator import validate
                from openapi_schema_validator import OAS31Validator
                document = json.load(urllib.request.urlopen(sys.argv[1] + '/openapi.json'))
                validate(document)
                parts, count = document['components'], 0
                def fits(schema, example, place):
                    global count
                    count += 1
                    for error in OAS31Validator(schema).iter_errors(example): raise SystemExit(f'{place}: {error.message}')
                def follow(value): return parts[value['$ref'].split('/')[2]][value['$ref'].split('/')[3]] if '$ref' in value else value
                for path, operations in document['paths'].items():
                    for method, operation in operations.items():
                        place = f'{method} {path}'
                        for parameter in operation.get('parameters', []): fits(parameter['schema'], parameter['example'], f"{place} {parameter['name']}")
                        for side in [operation.get('requestBody', {}), *map(follow, operation['responses'].values())]:
                            for type, content in side.get('content', {}).items():
                                if type == 'application/json': fits(content['schema'], content['example'], place)
                                if type == 'application/problem+json':
                                    assert content['examples'], place
                                    for example in content['examples'].values(): fits(parts['schemas']['Problem'], follow(example)['value'], place)
                print(count)
                """
            let count = try await Tool(fuzz.python).output(["-c", script, fuzz.server.url])
            #expect(Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 500)
        }

        @Test func `every message of every wire has an example that fits`() async throws {
            let fuzz = try await Self.fuzz.value
            let script = """
                import json, sys, urllib.request
                from openapi_schema_validator import OAS31Validator
                document = json.load(urllib.request.urlopen(sys.argv[1] + '/asyncapi.json'))
                schemas, count = document['components']['schemas'], 0
                def resolved(schema):
                    if isinstance(schema, list): return [resolved(each) for each in schema]
                    if not isinstance(schema, dict): return schema
                    if '$ref' in schema: return schemas[schema['$ref'].split('/')[-1]]
                    return {name: resolved(each) for name, each in schema.items()}
                for name, channel in document['channels'].items():
                    for key, message in channel['messages'].items():
                        count += 1
                        for error in OAS31Validator(resolved(message['payload'])).iter_errors(message['examples'][0]['payload']):
                            raise SystemExit(f'{name} {key}: {error.message}')
                print(count)
                """
            let count = try await Tool(fuzz.python).output(["-c", script, fuzz.server.url])
            #expect(Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 50)
        }
    }
}
