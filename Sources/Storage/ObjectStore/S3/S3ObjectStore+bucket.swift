import Core
import NIOHTTP1

extension S3ObjectStore {
    /// Asks for the bucket: fails when the server is out of reach, the keys are wrong or there is no such bucket.
    /// - Throws: `ObjectStoreError.unavailable`, or `.system` with what is wrong.
    public func check() async throws {
        // Unlike HEAD, a listing says why it is refused.
        _ = try await document(
            S3Request(method: .GET, key: "", query: [("list-type", "2"), ("max-keys", "1")]), "ListBucketResult")
    }

    /// Makes the bucket; nothing happens when it is ours already.
    /// - Throws: `ObjectStoreError`.
    public func createBucket() async throws {
        var request = S3Request(method: .PUT, key: "")
        if configuration.region != "us-east-1" {
            let region = XMLText.escaped(configuration.region)
            request.body = .text(
                "<CreateBucketConfiguration xmlns=\"\(Self.namespace)\"><LocationConstraint>\(region)"
                    + "</LocationConstraint></CreateBucketConfiguration>")
        }
        do {
            _ = try await client.answer(request)
        } catch let failure as S3Failure {
            if !failure.hasCode("BucketAlreadyOwnedByYou") { throw failure.error(for: nil) }
        }
    }

    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
}
