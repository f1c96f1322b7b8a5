import Core
import Glibc
import NIOHTTP1

extension S3ObjectStore {
    /// In the order of the keys. Objects whose names are no keys of ours are left out.
    public func page(prefix: String, after cursor: String?, limit: Int) async throws -> ObjectPage {
        var query = [("list-type", "2"), ("max-keys", String(max(1, min(limit, 1000)))), ("prefix", prefix)]
        if let cursor { query.append(("continuation-token", cursor)) }
        let result = try await document(S3Request(method: .GET, key: "", query: query), "ListBucketResult")
        let objects = result.all("Contents").compactMap { entry -> StoredObject? in
            guard let key = entry["Key"].flatMap({ ObjectKey($0) }), let size = entry["Size"].flatMap({ Int64($0) })
            else { return nil }
            return StoredObject(key: key, size: size, modifiedAt: entry["LastModified"].flatMap { Timestamp($0) })
        }
        return ObjectPage(objects: objects, next: result["IsTruncated"] == "true" ? result["NextContinuationToken"] : nil)
    }

    /// A thousand in one request.
    public func remove(_ keys: [ObjectKey]) async throws {
        var rest = keys[...]
        while !rest.isEmpty {
            try await removeBatch(rest.prefix(1000))
            rest = rest.dropFirst(1000)
        }
    }

    private func removeBatch(_ keys: ArraySlice<ObjectKey>) async throws {
        let objects = keys.map { "<Object><Key>\(XMLText.escaped($0.text))</Key></Object>" }.joined()
        let request = S3Request(
            method: .POST, key: "", query: [("delete", "")], headers: [("content-type", "application/xml")],
            body: .text("<Delete xmlns=\"\(Self.namespace)\"><Quiet>true</Quiet>\(objects)</Delete>"), needsMD5: true)
        let result = try await document(request, "DeleteResult")
        let codes = result.all("Error").map { S3ErrorBody.clean($0["Code"] ?? "") }.filter { $0 != "NoSuchKey" }
        if let code = codes.first {
            throw S3Failure(kind: .answered(status: 200, code: code), attempt: request.attempt).error(for: nil)
        }
    }
}
