import Core
import Crypto
import Testing

@testable import ObjectStore

/// The examples of "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference.
@Suite struct `Signature V4` {
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let signer = SignatureV4(
        accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), region: "us-east-1")
    private static let time = SigningTime(Timestamp("2013-05-24T00:00:00Z")!)
    private static let host = (name: "Host", value: "examplebucket.s3.amazonaws.com")

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: SignatureV4.Request
        let signature: String
        let signedHeaders: String
    }

    private typealias Headers = [(name: String, value: String)]

    private static func headers(_ payload: String, _ more: Headers = []) -> Headers {
        [host, ("x-amz-content-sha256", payload), ("x-amz-date", "20130524T000000Z")] + more
    }

    static let examples = [
        Example(
            testDescription: "GET with a range",
            request: .init(method: "GET", path: "/test.txt", headers: headers(empty, [("Range", "bytes=0-9")]), payload: empty),
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            signedHeaders: "host;range;x-amz-content-sha256;x-amz-date"),
        Example(
            testDescription: "PUT",
            request: .init(
                method: "PUT", path: "/" + URIEncoding.path("test$file.text"),
                headers: headers(
                    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                    [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]),
                payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class"),
        Example(
            testDescription: "GET of a bucket's lifecycle: a name without a value",
            request: .init(method: "GET", path: "/", query: [("lifecycle", "")], headers: headers(empty), payload: empty),
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            signedHeaders: "host;x-amz-content-sha256;x-amz-date"),
        Example(
            testDescription: "listing: the query is put in order",
            request: .init(
                method: "GET", path: "/", query: [("prefix", "J"), ("max-keys", "2")], headers: headers(empty), payload: empty),
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            signedHeaders: "host;x-amz-content-sha256;x-amz-date"),
    ]

    @Test("in a header", arguments: examples)
    func header(_ example: Example) {
        #expect(
            Self.signer.authorization(example.request, at: Self.time)
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + "SignedHeaders=\(example.signedHeaders),Signature=\(example.signature)")
    }

    @Test("the steps of the range example")
    func steps() {
        let request = Self.examples[0].request
        #expect(
            SignatureV4.canonicalRequest(request)
                == """
                GET
                /test.txt

                host:examplebucket.s3.amazonaws.com
                range:bytes=0-9
                x-amz-content-sha256:\(Self.empty)
                x-amz-date:20130524T000000Z

                host;range;x-amz-content-sha256;x-amz-date
                \(Self.empty)
                """)
        #expect(
            Self.signer.stringToSign(request, at: Self.time)
                == """
                AWS4-HMAC-SHA256
                20130524T000000Z
                20130524/us-east-1/s3/aws4_request
                7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972
                """)
    }

    @Test("in a query")
    func query() {
        let request = SignatureV4.Request(
            method: "GET", path: "/test.txt", headers: [Self.host], payload: SignatureV4.unsignedPayload)
        #expect(
            Self.signer.presignedQuery(request, at: Self.time, lifetime: 86400)
                == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    /// "Examples of how to derive a signing key", AWS General Reference.
    @Test("the key of a day")
    func key() {
        let signer = SignatureV4(
            accessKey: "", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), region: "us-east-1", service: "iam")
        #expect(
            signer.key(for: "20120215").withUnsafeBytes { Hex.text($0) }
                == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d")
    }

    @Test("names and values are percent-encoded once", arguments: [
        ("a-._~Z9", "a-._~Z9", "a-._~Z9"), ("a b+c/d", "a%20b%2Bc%2Fd", "a%20b%2Bc/d"), ("ü%", "%C3%BC%25", "%C3%BC%25"),
    ])
    func encoding(_ text: String, _ component: String, _ path: String) {
        #expect(URIEncoding.component(text) == component)
        #expect(URIEncoding.path(text) == path)
    }

    @Test("blanks in header values count as one")
    func blanks() {
        let request = SignatureV4.Request(method: "GET", path: "/", headers: [("X-B", "  a   b "), ("x-a", "1")], payload: "p")
        #expect(SignatureV4.canonicalRequest(request) == "GET\n/\n\nx-a:1\nx-b:a b\n\nx-a;x-b\np")
    }

    @Test("the secret is in nothing that is printed")
    func secrecy() {
        var configuration = S3Configuration(
            endpoint: "http://h", bucket: "bucket", accessKey: "a", secretKey: Secret("hush-hush"), scratchFolder: "/x")
        configuration.region = "r"
        var text = "\(configuration) \(Self.signer)"
        dump(configuration, to: &text)
        dump(Self.signer, to: &text)
        #expect(!text.contains("hush-hush") && !text.contains("wJalr"))
    }
}
