import Core
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import ObjectStore

@Suite struct `Pieces of the S3 driver` {
    @Test("XML of answers is understood", arguments: [
        ("<a><b>1</b><b/><c x=\"<\" y='>'>t &amp; &#x41;&#66;<![CDATA[<z>]]></c></a>", "b=1 b= c=t & AB<z>"),
        ("\n  <?xml version=\"1.0\"?>\n<!-- c --><s3:a xmlns:s3=\"u\"><s3:b>x<!-- - -->y</s3:b></s3:a>", "b=xy"),
        ("\u{FEFF}<a />", ""),
    ])
    func xml(_ text: String, _ children: String) throws {
        let root = try XMLParser.parse(text.utf8)
        #expect(root.name == "a")
        #expect(root.children.map { "\($0.name)=\($0.text)" }.joined(separator: " ") == children)
    }

    @Test("other XML is refused", arguments: [
        "", "text", "<a>", "<a></b>", "<a", "<a><b></a></b>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>&x;</a>",
        "<a>&#xD800;</a>", "<a>&amp</a>", "<>x</>", "<a b=\"c></a>", "<a><![CDATA[</a>", "</a>", "<a/ >",
        String(repeating: "<a>", count: 50), "<a>" + String(repeating: "<b/>", count: 20_001) + "</a>",
    ])
    func badXML(_ text: String) {
        #expect(throws: XMLParser.Malformed.self) { try XMLParser.parse(text.utf8) }
    }

    @Test("only letters and digits of an error code are kept", arguments: [
        ("<Error><Code>NoSuchKey</Code></Error>", "NoSuchKey"), ("<Error><Code>a\nb &lt;c</Code></Error>", "abc"),
        ("<Error/>", ""), ("<Ok><Code>x</Code></Ok>", nil), ("no xml", nil),
    ] as [(String, String?)])
    func codes(_ body: String, _ code: String?) {
        #expect(S3ErrorBody.code(of: ByteBuffer(string: body)) == code)
    }

    @Test("a Content-Range is read", arguments: [
        ("bytes 0-9/100", 0..<10), ("bytes 99-99/100", 99..<100), ("bytes 5-4/100", nil), ("bytes 0-100/100", nil),
        ("bytes */100", nil), ("bytes 0-9/*", nil), ("items 0-9/10", nil), ("", nil), ("bytes -1-9/100", nil),
    ] as [(String, Range<Int64>?)])
    func contentRange(_ text: String, _ range: Range<Int64>?) {
        #expect(ContentRange(text)?.range == range)
    }

    @Test("the Date header is read", arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"), ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"), ("", nil),
        ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
    ] as [(String, String?)])
    func dates(_ text: String, _ time: String?) {
        #expect(HTTPDate.parse(text)?.description == time)
    }

    @Test("a bucket is addressed by path or by host", arguments: [
        ("https://s3.example.com", S3Configuration.Style.path, "https://s3.example.com/photos/a/b?q=1"),
        ("https://s3.example.com:443/", .virtualHost, "https://photos.s3.example.com/a/b?q=1"),
        ("http://127.0.0.1:9000", .path, "http://127.0.0.1:9000/photos/a/b?q=1"),
        ("http://[::1]:9000", .path, "http://[::1]:9000/photos/a/b?q=1"),
        ("http://host:80", .virtualHost, "http://photos.host/a/b?q=1"),
    ])
    func addresses(_ endpoint: String, _ style: S3Configuration.Style, _ url: String) throws {
        #expect(try S3Address(endpoint, bucket: "photos", style: style).url("a/b", query: "q=1") == url)
    }

    @Test("clients are sent to the public address")
    func publicAddress() async throws {
        let folder = try TemporaryFolder("scratch")
        var configuration = S3Configuration(
            endpoint: "http://10.0.0.1:9000", bucket: "photos", accessKey: "a", secretKey: Secret("s"),
            scratchFolder: folder.path)
        configuration.publicEndpoint = "https://media.example.com"
        configuration.style = .virtualHost
        let store = try S3ObjectStore(configuration)
        let key = try #require(ObjectKey("originals/x"))
        let url = try #require(try store.address(of: key, as: ObjectLink(lifetime: .seconds(10_000_000))))
        #expect(url.hasPrefix("https://photos.media.example.com/originals/x?"))
        #expect(url.contains("X-Amz-Expires=604800&"))
        try await store.shutdown()
    }

    @Test("settings that make no sense are refused", arguments: [
        { $0.endpoint = "ftp://host" }, { $0.endpoint = "http://host/path" }, { $0.endpoint = "host:9000" }, { $0.endpoint = "" },
        { $0.endpoint = "http://user:pw@host" }, { $0.publicEndpoint = "x" }, { $0.bucket = "B" }, { $0.bucket = "a..b" },
        { $0.bucket = "-ab" }, { $0.accessKey = "" }, { $0.secretKey = Secret("") }, { $0.region = "" }, { $0.partSize = 4 << 20 },
        { $0.partSize = 65 << 20 }, { $0.parallelParts = 0 }, { $0.scratchFolder = "relative" }, { $0.scratchBytes = 1 << 20 },
        { $0.connections = 0 },
    ] as [@Sendable (inout S3Configuration) -> Void])
    func settings(_ change: @Sendable (inout S3Configuration) -> Void) throws {
        var configuration = S3Configuration(
            endpoint: "http://host", bucket: "bucket", accessKey: "a", secretKey: Secret("s"), scratchFolder: "/x")
        try configuration.validate()
        change(&configuration)
        #expect(throws: S3Configuration.Invalid.self) { try configuration.validate() }
    }

    @Test("objects are copied whole, or in stretches that the server manages in time", arguments: [
        ([1], [nil]), ([5 << 20, 0, 1], [nil, nil]), ([0], nil), ([], nil), ([(5 << 20) - 1, 1], nil),
        ([128 << 20], [nil]), ([(128 << 20) + 1, 7], [0..<(64 << 20) + 1, (64 << 20) + 1..<(128 << 20) + 1, nil]),
        ([6 << 40], nil),
    ] as [([Int64], [Range<Int64>?]?)])
    func copies(_ sizes: [Int64], _ ranges: [Range<Int64>?]?) throws {
        let sources = sizes.map { StoredObject(key: S3Bench.key(), size: $0) }
        let plan = CopyPlan(sources)
        #expect(plan?.pieces.map(\.range) == ranges)
        guard let plan else { return }
        #expect(plan.size == sizes.reduce(0, +) && plan.size == plan.pieces.reduce(0) { $0 + $1.size })
        #expect(plan.pieces.dropLast().allSatisfy { $0.size >= CopyPlan.minPart })
        #expect(Array(Set(plan.pieces.map(\.source))).count == sizes.count { $0 > 0 })
    }

    @Test("files are cut into at most ten thousand parts, and long ones into larger ones", arguments: [
        (1, 1, 8 << 20, 0..<1), (8 << 20, 1, 8 << 20, 0..<(8 << 20)), ((8 << 20) + 1, 2, 8 << 20, (8 << 20)..<((8 << 20) + 1)),
        ((128 << 20) - 1, 16, 8 << 20, (120 << 20)..<((128 << 20) - 1)), (128 << 20, 4, 32 << 20, (96 << 20)..<(128 << 20)),
        (320 << 30, 9930, 33 << 20, (9929 * (33 << 20))..<(320 << 30)),
    ] as [(Int64, Int, Int64, Range<Int64>)])
    func layout(_ size: Int64, _ count: Int, _ partSize: Int64, _ last: Range<Int64>) {
        let layout = MultipartLayout(size: size, preferred: 8 << 20)
        #expect(layout.count == count)
        #expect(layout.partSize == partSize)
        #expect(layout.range(of: count) == last)
    }
}

@Suite struct `Retry policy` {
    private static func failure(_ kind: S3Failure.Kind, retryAfter: Duration? = nil) -> S3Failure {
        S3Failure(kind: kind, attempt: "GET x", retryAfter: retryAfter)
    }

    private static func pause(
        _ attempt: Int, _ failure: S3Failure, isRepeatable: Bool = true, elapsed: Duration = .zero, chance: Double = 0.5
    ) -> Duration? {
        RetryPolicy().pause(after: attempt, failure, isRepeatable: isRepeatable, elapsed: elapsed, chance: chance)
    }

    @Test("pauses double up to a bound, and are spread", arguments: [
        (1, 1.0, 100), (1, 0.0, 0), (2, 1.0, 200), (3, 0.5, 200), (5, 1.0, 1600),
    ])
    func doubling(_ attempt: Int, _ chance: Double, _ milliseconds: Int64) {
        #expect(Self.pause(attempt, Self.failure(.broken), chance: chance) == .milliseconds(milliseconds))
    }

    @Test("there is an end in number and in time")
    func bounded() {
        #expect(Self.pause(6, Self.failure(.broken)) == nil)
        #expect(Self.pause(1, Self.failure(.broken), elapsed: .seconds(30)) == nil)
        #expect(Self.pause(1, Self.failure(.broken), elapsed: .seconds(29)) != nil)
    }

    @Test("the server's wish counts, within reason", arguments: [(2, 2000), (3600, 5000), (0, 50)] as [(Int, Int64)])
    func retryAfter(_ seconds: Int, _ milliseconds: Int64) {
        let failure = Self.failure(.answered(status: 503, code: "SlowDown"), retryAfter: .seconds(seconds))
        #expect(Self.pause(1, failure) == .milliseconds(milliseconds))
    }

    @Test("what is not repeatable is repeated only if it surely did not happen", arguments: [
        (S3Failure.Kind.unreached, true), (.broken, false), (.answered(status: 500, code: ""), false),
        (.answered(status: 400, code: "RequestTimeout"), false),
        (.answered(status: 503, code: "SlowDown"), true), (.answered(status: 429, code: ""), true),
        (.answered(status: 403, code: "AccessDenied"), false),
    ])
    func unrepeatable(_ kind: S3Failure.Kind, _ repeats: Bool) {
        #expect((Self.pause(1, Self.failure(kind), isRepeatable: false) != nil) == repeats)
    }

    @Test("some refusals are no more than a wish for patience", arguments: [
        (400, "RequestTimeout", true), (409, "OperationAborted", true), (200, "InternalError", true), (502, "", true),
        (400, "InvalidPart", false), (409, "BucketNotEmpty", false), (501, "NotImplemented", false),
    ])
    func transient(_ status: Int, _ code: String, _ isTransient: Bool) {
        #expect((Self.pause(1, Self.failure(.answered(status: status, code: code))) != nil) == isTransient)
    }

    @Test("a wrong clock is put right once")
    func skew() {
        #expect(Self.pause(1, Self.failure(.skewed(.seconds(900)))) == .zero)
        #expect(Self.pause(2, Self.failure(.skewed(.seconds(900)))) == nil)
    }

    @Test("a refusal is the clock's fault only if the clocks differ", arguments: [
        ("RequestTimeTooSkewed", 900, true), ("RequestTimeTooSkewed", 10, false), ("", -900, true), ("AccessDenied", 900, false),
    ])
    func skewed(_ code: String, _ seconds: Int64, _ isSkewed: Bool) throws {
        let theirs = try #require(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT"))
        let failure = S3Failure(
            status: 403, code: code, headers: ["date": "Sun, 06 Nov 1994 08:49:37 GMT"], ours: theirs - .seconds(seconds),
            attempt: "x")
        #expect(failure.kind == (isSkewed ? .skewed(.seconds(seconds)) : .answered(status: 403, code: code)))
    }
}
