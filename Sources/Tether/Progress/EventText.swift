import Core

extension TetherEvent {
    /// One line for a person.
    var line: String {
        switch self {
        case .began(let folder, let server): "Watching \(folder) for \(server)"
        case .sent(let file, let asDuplicate):
            asDuplicate ? "there already  \(file.summary)" : "sent  \(file.summary)\(file.pace)"
        case .refused(let file, let reason): "refused  \(file.summary): \(reason)"
        case .delayed(let file, let reason): "later  \(file.summary): \(reason)"
        case .trouble(let reason), .waiting(let reason): "waiting: \(reason)"
        case .recovered: "The server is there again."
        case .folderMissing: "The folder is gone; waiting for it to come back."
        case .folderBack: "The folder is back."
        case .note(let text): text
        case .ended(let ending): ending.summary
        }
    }

    /// One object for a script.
    var json: JSONValue {
        switch self {
        case .began(let folder, let server): ["event": "began", "folder": .string(folder), "server": .string(server)]
        case .sent(let file, let asDuplicate): file.json("sent", ["duplicate": .bool(asDuplicate)])
        case .refused(let file, let reason): file.json("refused", ["reason": .string(reason)])
        case .delayed(let file, let reason): file.json("delayed", ["reason": .string(reason)])
        case .trouble(let reason): ["event": "trouble", "reason": .string(reason)]
        case .waiting(let reason): ["event": "waiting", "reason": .string(reason)]
        case .recovered: ["event": "recovered"]
        case .folderMissing: ["event": "folder_missing"]
        case .folderBack: ["event": "folder_back"]
        case .note(let text): ["event": "note", "text": .string(text)]
        case .ended(let ending): ending.json
        }
    }
}

extension FileReport {
    fileprivate var summary: String { "\(FileName.last(path)) (\(ByteText.of(size, .decimal)))" }

    fileprivate var pace: String {
        guard let duration else { return "" }
        let tenths = max(1, duration.milliseconds / 100)
        return " in \(tenths / 10).\(tenths % 10) s"
    }

    fileprivate func json(_ event: String, _ more: [String: JSONValue]) -> JSONValue {
        var object: [String: JSONValue] = ["event": .string(event), "file": .string(path), "size": .integer(size)]
        object["sha256"] = sha256.map(JSONValue.string)
        object["upload"] = url.map(JSONValue.string)
        object["milliseconds"] = duration.map { .integer($0.milliseconds) }
        return .object(object.merging(more) { _, more in more })
    }
}

extension TetherEnding {
    fileprivate var summary: String {
        if let stopped { return "Stopped: \(stopped) \(count)" }
        return count
    }

    private var count: String {
        "\(sent) sent" + (left > 0 ? ", \(left) to be sent" : "") + (refused > 0 ? ", \(refused) refused" : "") + "."
    }

    fileprivate var json: JSONValue {
        var object: [String: JSONValue] = [
            "event": "ended", "sent": .integer(Int64(sent)), "refused": .integer(Int64(refused)),
            "left": .integer(Int64(left)), "interrupted": .bool(isInterrupted),
        ]
        object["reason"] = stopped.map(JSONValue.string)
        return .object(object)
    }
}
