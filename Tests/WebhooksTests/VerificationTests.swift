import Core
import Foundation
import TestSupport
import Testing

@testable import Webhooks

/// Messages as receivers verify them.
@Suite(.enabled(if: WebhookReceiver.isAvailable)) struct VerificationTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static let library = PythonPackages(
        folder: repository.appendingPathComponent(".build/webhooks-venv").path, packages: ["standardwebhooks"],
        modules: ["standardwebhooks"])

    @Test(.enabled("standardwebhooks cannot be installed") { await library.interpreter() != nil })
    func `Standard Webhooks' own library takes a message, also while the secret changes`() async throws {
        let python = try #require(await Self.library.interpreter())
        try await Self.verify(
            with: python,
            """
            from standardwebhooks.webhooks import Webhook, WebhookVerificationError
            def verify(secret, headers, body):
                try: return bool(Webhook(secret).verify(body, headers))
                except WebhookVerificationError: return False
            """)
    }

    @Test func `so do the lines of Python in the documentation`() async throws {
        let guide = try String(contentsOf: Self.repository.appendingPathComponent("docs/webhooks.md"), encoding: .utf8)
        let code = try #require(guide.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
        try await Self.verify(with: "python3", code)
    }

    /// Sends a message while two secrets hold, and asks a Python function whether it is genuine.
    private static func verify(with python: String, _ function: String) async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            // Receivers compare with the time of day.
            let feature = house.feature(clock: SystemWallClock())
            let old = try await feature.service.create(house.wish(receiver.url), owner: house.owner)
            let new = try await feature.service.rotate(old.id, of: house.owner)
            try await house.sending(feature) {
                _ = try await feature.service.test(old.id, of: house.owner)
                let message = try #require(try await receiver.wait(for: 1).first)
                for (secret, body, isGenuine) in [
                    (old.secret, message.body, true), (new.secret, message.body, true),
                    (WebhookSecret(), message.body, false), (new.secret, message.body + " ", false),
                ] {
                    let input: JSONValue = [
                        "secret": .string(secret.text.reveal), "body": .string(body),
                        "headers": .object(message.headers.mapValues(JSONValue.string)),
                    ]
                    let output = try await Tool(python).output(["-c", function + Self.asking], input: try JSON.text(input))
                    #expect(output == (isGenuine ? "True\n" : "False\n"))
                }
            }
        }
    }

    private static let asking = """

        import json, sys
        told = json.load(sys.stdin)
        print(verify(told["secret"], told["headers"], told["body"].encode()))
        """
}
