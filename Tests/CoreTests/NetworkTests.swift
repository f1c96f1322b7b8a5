import Core
import Testing

@Suite("Addresses, networks and dates of the internet")
struct NetworkTests {
    @Test(
        "an address is read and written in the usual notation",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("::", "::"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ])
    func notation(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(
        "what is no address is not taken for one",
        arguments: ["", "127.1", "2130706433", "0x7f.0.0.1", "127.0.0.1 ", "[::1]", "fe80::1%eth0", "1.2.3.4.5", "localhost"])
    func noAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test("an address has four bytes or sixteen", arguments: [0, 3, 5, 15, 17])
    func length(count: Int) { #expect(IPAddress(bytes: Array(repeating: 0, count: count)) == nil) }

    @Test("IPv4 written as IPv6 is seen through")
    func mapped() {
        #expect(IPAddress("::ffff:192.0.2.1")?.unmapped == IPAddress("192.0.2.1"))
        #expect(IPAddress("2001:db8::1")?.unmapped == IPAddress("2001:db8::1"))
    }

    @Test(
        "a network contains what begins like it",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("172.16.0.0/12", "172.31.255.255", true),
            ("172.16.0.0/12", "172.32.0.0", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("0.0.0.0/0", "255.1.2.3", true), ("0.0.0.0/0", "::1", false), ("2000::/3", "3fff::1", true),
            ("2000::/3", "4000::1", false), ("::/0", "ff::1", true), ("10.9.8.7/31", "10.9.8.6", true), ("::1/128", "::2", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("10.0.0.0/8", "::ffff:11.1.2.3", false),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true), ("::ffff:10.0.0.0/104", "::ffff:11.0.0.0", false),
            ("::ffff:10.1.2.3", "10.1.2.3", true), ("::ffff:0:0/90", "10.1.2.3", false), ("::/0", "::ffff:10.1.2.3", false),
        ])
    func containment(network: String, address: String, contains: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == contains)
    }

    @Test("what is no network is not taken for one", arguments: ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "x/8"])
    func noNetwork(text: String) { #expect(IPNetwork(text) == nil) }

    @Test("a date of a header comes back to the second, from each of its three forms", arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func date(text: String) {
        #expect(HTTPDate.text(Timestamp(milliseconds: 784_111_777_999)) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.parse(text) == Timestamp(milliseconds: 784_111_777_000))
    }

    @Test("years of two digits, leap days and leap seconds are read", arguments: [
        ("Thursday, 01-Jan-70 00:00:00 GMT", "1970-01-01T00:00:00.000Z"), ("Friday, 01-Jan-69 00:00:00 GMT", "2069-01-01T00:00:00.000Z"),
        ("Thu, 29 Feb 2024 23:59:60 GMT", "2024-02-29T23:59:59.000Z"),
    ])
    func corners(text: String, time: String) { #expect(HTTPDate.parse(text)?.description == time) }

    @Test(
        "other dates are not read",
        arguments: [
            "", "Sunday, 06-Nov-994 08:49:37 GMT", "Sun Nov  6 08:49:37 94", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Nov 1994 08:49:37 GMT",
            "Wed, 29 Feb 2023 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999999999 08:49:37 GMT", "Sun, 06 Nov 1994 8 GMT",
        ])
    func otherDates(text: String) { #expect(HTTPDate.parse(text) == nil) }
}
