import Core
import Crypto
import Foundation
import Testing

@testable import Webhooks

@Suite struct SignatureTests {
    @Test func `a message is signed as Standard Webhooks' own libraries sign it`() throws {
        // The example that the project's libraries are tested with; `openssl dgst -mac HMAC` agrees.
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let message = SignedMessage(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: Timestamp(milliseconds: 1_614_265_330_999),
            body: #"{"test": 2432232314}"#, secrets: [secret])
        #expect(message.headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(message.headers.map(\.value) == [
            "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ])
    }

    @Test func `two secrets give two signatures, the newer first`() {
        let secrets = [WebhookSecret(), WebhookSecret()]
        let now = Timestamp(milliseconds: 1000)
        let both = SignedMessage(id: "a", at: now, body: "{}", secrets: secrets).headers[2].value
        let each = secrets.map { SignedMessage(id: "a", at: now, body: "{}", secrets: [$0]).headers[2].value }
        #expect(both == each.joined(separator: " ") && each[0] != each[1])
    }

    @Test func `a secret has 32 bytes, is new each time, and does not show itself`() {
        let (one, other) = (WebhookSecret(), WebhookSecret())
        #expect(one.key.count == 32 && one != other)
        #expect(WebhookSecret(one.text.reveal) == one)
        #expect(!"\(one)".contains("whsec_"))
    }

    @Test(arguments: ["", "whsec_", "whsec_%%%", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ="])
    func `what is no secret is not taken for one`(text: String) { #expect(WebhookSecret(text) == nil) }
}
