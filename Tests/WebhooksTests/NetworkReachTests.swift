import Core
import Testing

@testable import Webhooks

@Suite struct NetworkReachTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
        "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "169.254.170.2", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
    ])
    func `a special address is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!NetworkReach.publicOnly.permits(address))
        #expect(NetworkReach.anywhere.permits(address))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "168.63.129.15", "168.63.129.17", "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "192.167.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.255",
        "2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2003::1",
    ])
    func `a public address is not`(text: String) throws {
        #expect(NetworkReach.publicOnly.permits(try #require(IPAddress(text))))
    }

    @Test func `what the operator denies is refused in any case`() async throws {
        let denied = try ["198.100.0.0/16", "2a00:1450::/32", "10.0.0.7"].map { try #require(IPNetwork($0)) }
        for reach in [NetworkReach.publicOnly, .anywhere] {
            let reach = reach.denying(denied)
            for text in ["198.100.1.2", "::ffff:198.100.1.2", "2a00:1450::1", "10.0.0.7"] {
                #expect(!reach.permits(try #require(IPAddress(text))), "\(text)")
            }
            for text in ["198.101.0.1", "2a00:1451::1"] { #expect(reach.permits(try #require(IPAddress(text)))) }
            #expect(await code { try WebhookURL("https://198.100.1.2/", within: reach) } == "invalid_field")
        }
        #expect(NetworkReach.anywhere.denying(denied).permits(try #require(IPAddress("10.0.0.8"))))
    }

    @Test(arguments: [(80, true), (443, true), (1024, true), (65_535, true), (22, false), (25, false), (1023, false)])
    func `of the low ports only the web's are used`(port: Int, isPermitted: Bool) {
        #expect(NetworkReach.publicOnly.permits(port: port) == isPermitted)
        #expect(NetworkReach.anywhere.permits(port: port))
    }
}

@Suite struct WebhookURLTests {
    @Test(arguments: [
        ("https://hooks.example.org", "https://hooks.example.org/", "hooks.example.org", 443),
        ("HTTP://Hooks.Example.ORG:8080/A?b=C", "http://hooks.example.org:8080/A?b=C", "hooks.example.org", 8080),
        ("https://8.8.8.8/x", "https://8.8.8.8/x", "8.8.8.8", 443),
        ("https://[2606:4700:4700::1111]:8443/", "https://[2606:4700:4700::1111]:8443/", "2606:4700:4700::1111", 8443),
        ("https://a.example/p?to=me@example.org", "https://a.example/p?to=me@example.org", "a.example", 443),
        ("https://a.example?b=c:/d", "https://a.example/?b=c:/d", "a.example", 443),
        ("https://a.example/%C3%A4", "https://a.example/%C3%A4", "a.example", 443),
    ] as [(String, String, String, Int)])
    func `a URL is brought into one form`(text: String, whole: String, host: String, port: Int) throws {
        let url = try WebhookURL(text, within: .publicOnly)
        #expect(url.text == whole && url.host == host && url.port == port)
        #expect(WebhookURL(sqlValue: .text(whole)) == url)
        #expect("\(url.isSecure ? "https" : "http")://\(url.authority)\(url.target)" == whole && url.target.hasPrefix("/"))
    }

    @Test(arguments: [
        "", "hooks.example.org", "/hook", "//a.example/", "ftp://a.example/", "file:///etc/passwd", "http+unix://a/", "javascript:1",
        "https://", "https:///x", "https://user@a.example/", "https://user:word@a.example/", "https://@a.example/", "https://:@a.example/",
        "https://a.example/#part", "https://a.example:0/", "https://a.example:65536/", "https://a.example:22/", "https://a.example:x/",
        "https://a.ex ample/", "https://a.example/\n", "https://a\\b.example/", "https://a.example\\@b.example/", "https://bücher.example/",
        "https://a%2eexample/", "https://127.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://[fe80::1%25eth0]/",
        "http://10.0.0.1:8080/", "http://169.254.169.254/latest/meta-data/", "https://[a.example]/", "https://.example/",
        "https://a.example/" + String(repeating: "x", count: 2048), "https://a.example?" + String(repeating: "x", count: 2030),
        "https://a.example/" + String(repeating: "{", count: 700), "https://" + String(repeating: "a", count: 254) + "/",
    ])
    func `what must not be asked for is refused`(text: String) async {
        #expect(await code { try WebhookURL(text, within: .publicOnly) } == "invalid_field")
    }

    @Test func `a lab may use its own addresses`() throws {
        #expect(try WebhookURL("http://127.0.0.1:81/", within: .anywhere).port == 81)
        #expect(try WebhookURL("http://[::1]:1/", within: .anywhere).address == IPAddress("::1"))
    }
}
