import Core

/// Where the bucket is and how patient we are with it.
public struct S3Configuration: Sendable {
    /// How a bucket is named in a URL.
    public enum Style: String, Sendable, CaseIterable {
        /// `https://host/bucket/key`; what every server but AWS takes.
        case path
        /// `https://bucket.host/key`.
        case virtualHost = "virtual-host"
    }

    /// What guards a body on its way to the server.
    public enum Payload: String, Sendable, CaseIterable {
        /// TLS if there is TLS, the signature if not.
        case auto
        /// The signature, which covers the body's SHA-256: it has to be known before the first byte is sent.
        case signed
        /// Nothing but the network: for plain HTTP where nobody else is on the line. What arrives is compared by its MD5.
        case unsigned
    }

    /// `https://host[:port]`.
    public var endpoint: String
    /// What clients are redirected to when they reach the store under another name; `nil` for the same.
    public var publicEndpoint: String?
    public var bucket: String
    public var accessKey: String
    public var secretKey: Secret
    public var region = "us-east-1"
    public var style = Style.path
    public var payload = Payload.auto
    /// A PEM file with the certificates to trust; `nil` for the system's.
    public var trustedCertificates: String?

    /// Until a connection stands, also when it waits for a place in the pool.
    public var connectTimeout = Duration.seconds(5)
    /// Without a byte in either direction.
    public var idleTimeout = Duration.seconds(30)
    /// Until the answer to a request without a large body begins; a body adds a second per 64 KiB.
    public var answerTimeout = Duration.seconds(30)
    /// Connections at a time; a read that is under way holds one.
    public var connections = 128
    public var retry = RetryPolicy()

    /// Bytes of a part, of long objects some times as many; at least 5 MiB, at most 64 MiB.
    public var partSize: Int64 = 8 << 20
    /// Up to this many bytes a file is sent in one request: servers spend about twice as long on one in parts.
    public var singlePutLimit: Int64 = 64 << 20
    /// Parts of one object on their way at a time.
    public var parallelParts = 4

    /// Where local copies lie; several processes may share it.
    public var scratchFolder: String
    /// Bytes of local copies, per process.
    public var scratchBytes: Int64 = 10 << 30
    /// How long a caller waits for room in the scratch folder.
    public var scratchPatience = Duration.seconds(60)

    public init(endpoint: String, bucket: String, accessKey: String, secretKey: Secret, scratchFolder: String) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.scratchFolder = scratchFolder
    }

    /// A setting makes no sense; says which and why.
    public struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// - Throws: `Invalid`.
    public func validate() throws {
        _ = try S3Address(endpoint, bucket: bucket, style: style)
        if let publicEndpoint { _ = try S3Address(publicEndpoint, bucket: bucket, style: style) }
        try require(!accessKey.isEmpty && !secretKey.reveal.isEmpty, "an access key and a secret key are needed")
        try require(!region.isEmpty && region.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "the region is not a name")
        try require((5 << 20...64 << 20).contains(partSize), "a part has 5 to 64 MiB")
        try require((1...32).contains(parallelParts), "1 to 32 parts can be sent at a time")
        try require((0...(5 << 30)).contains(singlePutLimit), "one request carries at most 5 GiB")
        try require((1...10_000).contains(connections), "1 to 10 000 connections")
        try require(scratchFolder.hasPrefix("/"), "the scratch folder needs an absolute path")
        try require(scratchBytes >= 4 * partSize, "the scratch folder has to hold four parts")
    }

    private func require(_ condition: Bool, _ sentence: String) throws {
        if !condition { throw Invalid(description: "S3: \(sentence)") }
    }
}
