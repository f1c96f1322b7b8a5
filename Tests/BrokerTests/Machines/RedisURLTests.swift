import Core
import Testing

@testable import Broker

@Suite struct `Redis URL` {
    typealias Host = RedisURL.Host

    @Test("names a server, its database and who we are to it", arguments: [
        ("redis://localhost", Host(name: "localhost", port: 6379), false, nil, nil, 0),
        ("redis://localhost/", Host(name: "localhost", port: 6379), false, nil, nil, 0),
        ("rediss://cache.example:7000/2", Host(name: "cache.example", port: 7000), true, nil, nil, 2),
        ("redis://:pass@h", Host(name: "h", port: 6379), false, nil, "pass", 0),
        ("redis://ann:p%40s%3As@h:1", Host(name: "h", port: 1), false, "ann", "p@s:s", 0),
        ("redis://a@b@h", Host(name: "h", port: 6379), false, "a@b", nil, 0),
        ("redis://[::1]:6380/15", Host(name: "::1", port: 6380), false, nil, nil, 15),
        ("redis://[fe80::1]", Host(name: "fe80::1", port: 6379), false, nil, nil, 0),
    ] as [(String, Host, Bool, String?, String?, Int)])
    func server(_ line: (String, Host, Bool, String?, String?, Int)) throws {
        let url = try RedisURL(line.0)
        #expect(url.location == .server(line.1))
        #expect(url.isTLS == line.2 && url.user == line.3 && url.password?.reveal == line.4 && url.database == line.5)
    }

    @Test("names sentinels and the master they know")
    func sentinels() throws {
        let url = try RedisURL("rediss+sentinel://u:p@one,two:7,[::1]:9/the%20house/4?sentinelPassword=q%26a")
        let hosts = [Host(name: "one", port: 26379), Host(name: "two", port: 7), Host(name: "::1", port: 9)]
        #expect(url.location == .sentinels(hosts, master: "the house", password: Secret("q&a")))
        #expect(url.isTLS && url.user == "u" && url.password == Secret("p") && url.database == 4)
        let plain = try RedisURL("redis+sentinel://one/house")
        #expect(plain.location == .sentinels([Host(name: "one", port: 26379)], master: "house", password: nil))
    }

    @Test("is refused otherwise, and the refusal tells no secret", arguments: [
        "", "localhost:6379", "http://h", "redis://", "redis://:hunter2@", "redis://hunter2@h:0", "redis://h:65536",
        "redis://h:hunter2", "redis://h/hunter2", "redis://h/-1", "redis://h/1/2", "redis://h?hunter2=1",
        "redis://[::1", "redis://[::1]6379", "redis://:hunter2%zz@h", "redis+sentinel://h", "redis+sentinel:///house",
        "redis+sentinel://h/house/0/0", "redis+sentinel://h/house?hunter2=3", "redis+sentinel://h:x/house",
    ])
    func malformed(_ text: String) {
        let error = #expect(throws: RedisURL.Malformed.self) { try RedisURL(text) }
        #expect(error?.description.contains("hunter2") == false)
        #expect(!"\((try? RedisURL("redis://u:hunter2@h")) as Any)".contains("hunter2"))
    }
}
