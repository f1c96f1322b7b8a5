import Core
import Foundation

/// An answer as a client reads it.
struct HTTPAnswer {
    let status: Int
    /// Names in lower case; of a repeated one the last.
    let headers: [String: String]
    let body: String

    init(_ text: String) throws {
        guard let end = text.range(of: "\r\n\r\n") else { throw ClientError.timedOut }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        headers = Dictionary(
            lines.dropFirst().map { line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                return (line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
            }, uniquingKeysWith: { _, last in last })
        body = String(text[end.upperBound...])
    }

    var json: JSONValue { get throws { try JSON.decode(from: body) } }
    var code: String? { get throws { try json["code"]?.stringValue } }
}

/// One request on a connection of its own.
func ask(
    _ port: Int, _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], body: String? = nil
) async throws -> HTTPAnswer {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"]
    if let token { lines.append("Authorization: Bearer \(token)") }
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    lines += headers.map { "\($0): \($1)" }
    let client = try await RawClient(port: port)
    try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    return try HTTPAnswer(await client.receive())
}
