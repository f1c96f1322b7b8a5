import Core
import Glibc
import NIOCore
import NIOHTTP1

extension S3ObjectStore {
    /// Begins an upload in parts. Not repeated when it is uncertain whether the server has begun one.
    /// - Throws: `ObjectStoreError`.
    public func beginMultipart(_ key: ObjectKey) async throws -> MultipartUpload {
        let request = S3Request(method: .POST, key: key.text, query: [("uploads", "")], isRepeatable: false)
        let result = try await document(request, "InitiateMultipartUploadResult", about: key)
        guard let id = result["UploadId"], !id.isEmpty else {
            throw ObjectStoreError.system(EPROTO, "POST \(key): no upload id")
        }
        return MultipartUpload(key: key, id: id)
    }

    /// Sends a part, replacing the one of that number if there is one.
    /// - Throws: `ObjectStoreError`; `.missing` when the upload was completed or aborted.
    public func uploadPart(_ number: Int, _ bytes: ByteBuffer, of upload: MultipartUpload) async throws -> UploadedPart {
        try await uploadPart(number, .bytes(bytes), of: upload)
    }

    /// The same from a stretch of a local file, which is read as it is sent.
    public func uploadPart(
        _ number: Int, fromFile path: String, at offset: Int64, count: Int64, of upload: MultipartUpload
    ) async throws -> UploadedPart {
        try await uploadPart(number, .file(FileSlice(path: path, offset: offset, length: count)), of: upload)
    }

    /// The parts that the server has, in the order of their numbers.
    /// - Throws: `ObjectStoreError`; `.missing` when the upload was completed or aborted.
    public func parts(of upload: MultipartUpload) async throws -> [UploadedPart] {
        var parts: [UploadedPart] = []
        while parts.count <= MultipartLayout.maxParts {
            let marker = String(parts.last?.number ?? 0)
            let query = [("part-number-marker", marker), ("uploadId", upload.id)]
            let page = try await multipart(S3Request(method: .GET, key: upload.key.text, query: query), nil, upload)
            guard page["UploadId"] == upload.id else {
                throw ObjectStoreError.system(EPROTO, "GET \(upload.key): no list of parts")
            }
            let found = page.all("Part").compactMap { UploadedPart($0) }
            parts += found
            if page["IsTruncated"] != "true" || found.isEmpty { break }
        }
        return parts
    }

    /// Makes the object of the parts, in the order given. May be repeated while the server remembers the upload.
    /// - Throws: `ObjectStoreError`; `.missing` when the upload was completed long ago or aborted;
    ///   `.system(EPROTO, ...)` when a part is not what it was.
    public func complete(_ upload: MultipartUpload, with parts: [UploadedPart]) async throws {
        let list = parts.map {
            "<Part><PartNumber>\($0.number)</PartNumber><ETag>\"\(XMLText.escaped($0.etag))\"</ETag></Part>"
        }.joined()
        let body = "<CompleteMultipartUpload xmlns=\"\(Self.namespace)\">\(list)</CompleteMultipartUpload>"
        let request = S3Request(
            method: .POST, key: upload.key.text, query: [("uploadId", upload.id)],
            headers: [("content-type", "application/xml")], body: .text(body))
        _ = try await multipart(request, "CompleteMultipartUploadResult", upload)
    }

    /// Gives the room of the parts back; nothing happens when the upload is no more.
    /// - Throws: `ObjectStoreError`.
    public func abort(_ upload: MultipartUpload) async throws {
        do {
            _ = try await client.answer(
                S3Request(method: .DELETE, key: upload.key.text, query: [("uploadId", upload.id)]))
        } catch let failure as S3Failure {
            if !failure.hasStatus(404) { throw failure.error(for: upload.key) }
        }
    }

    /// - Parameter sha256: of the body, if it is known.
    func uploadPart(
        _ number: Int, _ body: S3Body, of upload: MultipartUpload, sha256: String? = nil
    ) async throws -> UploadedPart {
        let query = [("partNumber", String(number)), ("uploadId", upload.id)]
        let request = S3Request(method: .PUT, key: upload.key.text, query: query, body: body, sha256: sha256)
        do {
            let answer = try await client.answer(request)
            guard let etag = answer.headers.first(name: "etag").flatMap(ETag.bare) else {
                throw ObjectStoreError.system(EPROTO, "\(request.attempt): no ETag")
            }
            return UploadedPart(number: number, size: body.length, etag: etag)
        } catch let failure as S3Failure {
            throw failure.error(for: upload)
        }
    }

    /// Makes a part of an object in the same bucket, which the server copies.
    /// - Parameters:
    ///   - range: of an object with more than 5 MiB; `nil` for all of it.
    ///   - size: bytes of the part.
    /// - Throws: `ObjectStoreError`; `.system(EPROTO, ...)` also when the server does not copy.
    func copyPart(
        _ number: Int, of source: ObjectKey, _ range: Range<Int64>?, size: Int64, into upload: MultipartUpload
    ) async throws -> UploadedPart {
        var request = S3Request(
            method: .PUT, key: upload.key.text, query: [("partNumber", String(number)), ("uploadId", upload.id)],
            headers: [("x-amz-copy-source", "/\(configuration.bucket)/\(URIEncoding.path(source.text))")])
        if let range {
            request.headers.append(("x-amz-copy-source-range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"))
        }
        let result = try await multipart(request, "CopyPartResult", upload)
        guard let etag = result["ETag"].flatMap(ETag.bare) else {
            throw ObjectStoreError.system(EPROTO, "\(request.attempt): no ETag")
        }
        return UploadedPart(number: number, size: size, etag: etag)
    }

    private func multipart(_ request: S3Request, _ root: String?, _ upload: MultipartUpload) async throws -> XMLElement {
        do {
            return try await client.document(request, root)
        } catch let failure as S3Failure {
            throw failure.error(for: upload)
        }
    }
}

extension S3Failure {
    fileprivate func error(for upload: MultipartUpload) -> ObjectStoreError {
        hasCode("NoSuchUpload") ? .missing(upload.key) : error(for: upload.key)
    }
}

extension UploadedPart {
    init?(_ element: XMLElement) {
        guard let number = element["PartNumber"].flatMap({ Int($0) }), let size = element["Size"].flatMap({ Int64($0) }),
            let etag = element["ETag"].flatMap(ETag.bare)
        else { return nil }
        self.init(number: number, size: size, etag: etag)
    }
}
