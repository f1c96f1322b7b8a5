import AsyncHTTPClient
import Core
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Makes signed requests, again and again if need be. Everything that reaches the network is here.
final class S3Client: Sendable {
    /// What an answer to anything but a read may have at most: a listing of a thousand keys.
    static let answerLimit = 4 << 20

    let address: S3Address
    let threads: FileThreads
    let policy: RetryPolicy
    private let http: HTTPClient
    private let signature: SignatureV4
    private let answerTimeout: Duration
    private let ports: S3Ports
    /// Whether signatures cover bodies.
    let signsBodies: Bool
    /// Until the server has shown an ETag that is not the MD5 of what it was sent.
    private let comparesMD5 = Mutex(true)
    /// How far the server's clock is ahead of ours, as far as it has complained.
    private let offset = Mutex(Duration.zero)

    /// - Throws: `S3Configuration.Invalid`, or when the certificates cannot be read.
    init(_ configuration: S3Configuration, threads: FileThreads, ports: S3Ports) throws {
        address = try S3Address(configuration.endpoint, bucket: configuration.bucket, style: configuration.style)
        self.threads = threads
        self.ports = ports
        policy = configuration.retry
        answerTimeout = configuration.answerTimeout
        signsBodies = configuration.payload == .signed || configuration.payload == .auto && !address.isSecure
        signature = SignatureV4(
            accessKey: configuration.accessKey, secretKey: configuration.secretKey, region: configuration.region)
        http = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: try HTTPClient.Configuration(configuration))
    }

    func shutdown() async throws { try await http.shutdown() }

    /// The moment by the server's clock.
    var now: Timestamp { ports.clock.now() + offset.withLock { $0 } }

    /// Makes a request and gives what `use` makes of its answer, whose status is 2xx. Failures of `use` count as a broken
    /// connection, so it has to be repeatable too.
    /// - Throws: `S3Failure` when it cannot be had; `ObjectStoreError` for local files; `CancellationError`.
    func perform<Value: Sendable>(
        _ request: S3Request, _ use: @Sendable (HTTPClientResponse) async throws -> Value
    ) async throws -> Value {
        var proof = try await proof(of: request)
        let start = ContinuousClock.now
        for attempt in 1... {
            do {
                return try await once(request, proof, use)
            } catch let failure as S3Failure {
                if failure.kind == .unproven {
                    // Its ETags may be something else, and now it is told what to expect. It does not come here again.
                    comparesMD5.withLock { $0 = false }
                    proof = try await self.proof(of: request)
                    continue
                }
                if case .skewed(let found) = failure.kind { offset.withLock { $0 = found } }
                let pause = policy.pause(
                    after: attempt, failure, isRepeatable: request.isRepeatable, elapsed: .now - start,
                    chance: ports.chance())
                guard let pause else { throw failure }
                try await ports.sleep(pause)
            }
        }
        // The range has no end, so the loop is only left by return or throw.
        preconditionFailure("unreachable")
    }

    /// The same for answers that are read to their end at once.
    func answer(_ request: S3Request) async throws -> S3Answer {
        try await perform(request) { response in
            S3Answer(headers: response.headers, body: try await response.body.collect(upTo: Self.answerLimit))
        }
    }

    /// A URL with which anybody may read the object for a while.
    func presigned(_ key: String, at address: S3Address, query: [(name: String, value: String)], lifetime: Int64) -> String {
        let request = SignatureV4.Request(
            method: "GET", path: address.path(key), query: query, headers: [("host", address.host)],
            payload: SignatureV4.unsignedPayload)
        return address.url(key, query: signature.presignedQuery(request, at: SigningTime(now), lifetime: lifetime))
    }

    /// Waits before something is tried again, for a random part of the policy's bound.
    func backOff(_ attempt: Int) async throws {
        let bound = min(policy.longestPause, policy.firstPause * (1 << min(attempt - 1, 20)))
        try await ports.sleep(bound * ports.chance())
    }
}

extension S3Client {
    /// A body is signed or has its MD5 compared: by us afterwards if it is a file that the answer speaks of, or else by the
    /// server.
    private func proof(of request: S3Request) async throws -> BodyProof {
        let isUnsigned = !signsBodies && request.body.length > 0
        var proof = BodyProof(payload: SignatureV4.unsignedPayload)
        proof.isCompared = isUnsigned && request.isFileUpload && comparesMD5.withLock { $0 }
        if !isUnsigned {
            let known = request.sha256
            proof.payload = if let known { known } else { Hex.text(try await request.body.digest(SHA256.self, on: threads)) }
        }
        if request.needsMD5 || isUnsigned && !proof.isCompared {
            proof.md5 = Data(try await request.body.digest(Insecure.MD5.self, on: threads)).base64EncodedString()
        }
        return proof
    }

    private func once<Value: Sendable>(
        _ request: S3Request, _ proof: BodyProof, _ use: @Sendable (HTTPClientResponse) async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        do {
            let seconds = answerTimeout + .seconds(request.body.length / (64 << 10))
            let passing = proof.isCompared ? PassingMD5() : nil
            let response = try await http.execute(
                signed(request, proof, passing), timeout: .nanoseconds(seconds.milliseconds * 1_000_000))
            guard (200..<300).contains(response.status.code) else { throw await failure(response, request) }
            guard passing?.isConfirmed(by: response.headers) ?? true else {
                throw S3Failure(kind: .unproven, attempt: request.attempt)
            }
            return try await use(response)
        } catch {
            throw S3Failure.adopting(error, attempt: request.attempt)
        }
    }

    private func signed(_ request: S3Request, _ proof: BodyProof, _ passing: PassingMD5?) -> HTTPClientRequest {
        let time = SigningTime(now)
        var headers = request.headers + [
            ("host", address.host), ("x-amz-content-sha256", proof.payload), ("x-amz-date", time.text),
        ]
        if let md5 = proof.md5 { headers.append(("content-md5", md5)) }
        let canonical = SignatureV4.Request(
            method: request.method.rawValue, path: address.path(request.key), query: request.query, headers: headers,
            payload: proof.payload)
        headers.append(("authorization", signature.authorization(canonical, at: time)))
        var result = HTTPClientRequest(url: address.url(request.key, query: URIEncoding.query(request.query)))
        result.method = request.method
        result.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        switch request.body {
        case .none: result.body = request.method == .PUT || request.method == .POST ? .bytes(ByteBuffer()) : nil
        case .bytes(let bytes): result.body = .bytes(bytes)
        case .file(let slice): result.body = .stream(slice.chunks(on: threads, md5: passing), length: .known(slice.length))
        }
        return result
    }

    /// What an answer other than 2xx says.
    private func failure(_ response: HTTPClientResponse, _ request: S3Request) async -> S3Failure {
        // An error's body is short; one that is not says nothing we need.
        let body = try? await response.body.collect(upTo: 64 << 10)
        let code = body.flatMap { S3ErrorBody.code(of: $0) } ?? ""
        return S3Failure(
            status: Int(response.status.code), code: code, headers: response.headers, ours: ports.clock.now(),
            attempt: request.attempt)
    }
}

/// An answer in memory.
struct S3Answer: Sendable {
    var headers: HTTPHeaders
    var body: ByteBuffer
}

/// What the client needs of the world.
struct S3Ports: Sendable {
    var clock: any WallClock = SystemWallClock()
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Evenly distributed from 0 up to 1.
    var chance: @Sendable () -> Double = { Double.random(in: 0..<1) }
}
