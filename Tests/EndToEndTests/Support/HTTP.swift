import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// An answer, read to its end.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: Data

    /// `null` when the body is not JSON.
    var json: JSONValue { (try? JSON.decode(from: body)) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// The stable code of a problem.
    var code: String? { json["code"]?.stringValue }

    subscript(_ header: String) -> String? { headers.first(name: header) }
}

/// A client of one server with one credential.
struct API: Sendable {
    struct Unexpected: Error, CustomStringConvertible { let description: String }

    /// Bytes of the longest answer read.
    private static let limit = 64 << 20

    var base: String
    var token: String?

    func with(_ token: String?) -> API { API(base: base, token: token) }

    /// - Parameter path: from the root, or a whole URL.
    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: Data? = nil,
        within limit: TimeAmount = .seconds(60)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : base + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: limit)
        let bytes = try await response.body.collect(upTo: Self.limit)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: Data(bytes.readableBytesView))
    }

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> Answer {
        try await send(.GET, path, headers: headers)
    }

    func send(_ method: HTTPMethod, _ path: String, json: JSONValue) async throws -> Answer {
        try await send(method, path, headers: [("Content-Type", "application/json")], body: try JSON.encode(json))
    }

    /// Sends and insists on a status.
    /// - Returns: the JSON of the answer.
    @discardableResult
    func json(
        _ method: HTTPMethod, _ path: String, _ input: JSONValue? = nil, expecting status: Int = 200
    ) async throws -> JSONValue {
        let answer = if let input { try await send(method, path, json: input) } else { try await send(method, path) }
        guard answer.status == status else {
            throw Unexpected(description: "\(method) \(path): \(answer.status) instead of \(status): \(answer.text.prefix(500))")
        }
        return answer.json
    }

    /// All items of a list, page by page.
    func all(_ path: String, limit: Int = 50) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let separator = path.contains("?") ? "&" : "?"
            let page = try await json(.GET, "\(path)\(separator)limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
            items += page.items
            cursor = page["nextCursor"]?.stringValue
        } while cursor != nil
        return items
    }
}

extension JSONValue {
    /// The elements of an array, none of anything else.
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    /// The items of a page.
    var items: [JSONValue] { self["items"]?.elements ?? [] }
    var doubleValue: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The text of a member that must be there.
    func text(_ key: String) throws -> String {
        guard let text = self[key]?.stringValue else { throw API.Unexpected(description: "no \(key) in \(self)") }
        return text
    }

    func integer(_ key: String) -> Int? { self[key]?.integerValue.map(Int.init) }
}
