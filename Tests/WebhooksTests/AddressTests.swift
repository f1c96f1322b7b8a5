import Core
import Foundation
import TestSupport
import Testing

@testable import Webhooks

/// Where messages go, and where they do not.
@Suite(.enabled(if: WebhookReceiver.isAvailable)) struct AddressTests {
    private static func firstAttempt(
        _ house: House, _ feature: WebhooksFeature, _ names: Names, url: String
    ) async throws -> Delivery.Attempt {
        let webhook = try await feature.service.create(house.wish(url), owner: house.owner)
        return try await attempt(house, feature, names, webhook)
    }

    private static func attempt(
        _ house: House, _ feature: WebhooksFeature, _ names: Names, _ webhook: Webhook
    ) async throws -> Delivery.Attempt {
        var entry: Delivery.Attempt?
        try await house.sending(feature, names: names) {
            try await house.tell(feature)
            entry = try await eventually("an attempt") { try await house.log(webhook, feature).first?.log.last }
        }
        return try #require(entry)
    }

    @Test(arguments: [["127.0.0.1"], ["10.0.0.1", "::1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], []])
    func `a name that leads into our own network is not followed`(addresses: [String]) async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            let feature = house.feature { $0.reach = .publicOnly }
            let names = Names(addresses: ["inside.test": addresses])
            let entry = try await Self.firstAttempt(
                house, feature, names, url: "http://inside.test:\(receiver.port)/")
            #expect(entry.error == .noPublicAddress && entry.status == nil)
            #expect(try receiver.messages().isEmpty)
        }
    }

    /// Written before the setting was changed: the rule holds where the connection is made.
    @Test func `an address in the URL is checked again before it is used`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            let webhook = try await house.feature().service.create(house.wish(receiver.url), owner: house.owner)
            let entry = try await Self.attempt(house, house.feature { $0.reach = .publicOnly }, Names(), webhook)
            #expect(entry.error == .noPublicAddress)
            #expect(try receiver.messages().isEmpty)
        }
    }

    /// A port can be told from an address only before the connection is made.
    @Test func `a port in the URL is checked again before it is used`() async throws {
        try await House.with { house in
            let names = Names(addresses: ["far.test": ["8.8.8.8"]])
            let webhook = try await house.feature().service.create(house.wish("http://far.test:25/"), owner: house.owner)
            let entry = try await Self.attempt(
                house, house.feature { ($0.reach, $0.connectTimeout) = (.publicOnly, .milliseconds(1)) }, names, webhook)
            #expect(entry.error == .noPublicAddress)
        }
    }

    @Test func `old spellings of addresses are seen through`() async throws {
        let resolver = SystemResolver(limit: .seconds(5))
        let found = try await resolver.addresses(of: "127.1", for: UserID(at: Timestamp(milliseconds: 1)))
        #expect(found == [IPAddress("127.0.0.1")])
    }

    @Test func `the connection goes to the address that was checked, under the name's own name`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            // No resolver of the machine knows this name: it is never asked a second time.
            let names = Names(addresses: ["pinned.invalid": ["127.0.0.1"]])
            let entry = try await Self.firstAttempt(
                house, house.feature(), names, url: "http://pinned.invalid:\(receiver.port)/")
            #expect(entry.status == 200)
            #expect(try receiver.messages().first?.headers["host"] == "pinned.invalid:\(receiver.port)")
        }
    }

    @Test func `a host with several addresses is tried at another each time`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            let feature = house.feature()
            // The whole of 127.0.0.0/8 is this machine, but the receiver listens at one address of it only.
            let names = Names(addresses: ["two.test": ["127.9.9.9", "127.0.0.1"]])
            let webhook = try await feature.service.create(
                house.wish("http://two.test:\(receiver.port)/"), owner: house.owner)
            try await house.sending(feature, names: names) {
                try await house.tell(feature)
                try await eventually("an attempt") { try await house.log(webhook, feature).first?.log.count == 1 ? () : nil }
                house.clock.advance(by: .seconds(5))
                let delivery = try #require(try await house.settled(webhook, feature, [.delivered]).first)
                #expect(delivery.log.map(\.error) == [.unreachable, nil])
            }
        }
    }

    @Test func `a certificate must be trusted and bear the name`() async throws {
        let folder = try TemporaryFolder("certificates")
        let certificates = try await TestCertificates(in: folder)
        // The certificate is also one for 127.0.0.1, which would do whatever the name.
        let address = "127.0.0.2"
        let receiver = try await WebhookReceiver(["200"], host: address, certificates: certificates)
        let names = Names(addresses: ["localhost": [address], "other.test": [address]])
        for (host, isTrusted, isTaken) in [("localhost", true, true), ("other.test", true, false), ("localhost", false, false)] {
            try await House.with { house in
                let feature = house.feature { $0.authorities = isTrusted ? certificates.authority : nil }
                let entry = try await Self.firstAttempt(house, feature, names, url: "https://\(host):\(receiver.port)/")
                #expect(entry.status == (isTaken ? 200 : nil) && entry.error == (isTaken ? nil : .tls), "\(host) \(isTrusted)")
            }
        }
        #expect(try receiver.messages().count == 1)
    }
}
