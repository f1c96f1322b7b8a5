import Core
import Foundation

/// Runs a command-line program to its end.
public struct Tool: Sendable {
    /// What it left.
    public struct Output: Sendable {
        public var status: Int32
        public var out: String
        public var err: String

        /// The lines of standard output without the empty ones.
        public var lines: [String] { out.split(whereSeparator: \.isNewline).map(String.init) }
    }

    /// What a program, or a test's own set-up, could not do.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    public let path: String

    /// - Parameter name: a path, or a program on the search path.
    public init(_ name: String) throws {
        guard let path = name.contains("/") ? name : Tool.program(name) else {
            throw Failure(description: "\(name) is not installed")
        }
        self.path = path
    }

    /// A program on the search path; `nil` when it is not installed.
    public static func program(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }

    /// - Throws: `TimedOut`, or when it cannot be started; not for its exit status.
    public func run(_ arguments: [String], input: String? = nil, within limit: Duration = .seconds(60)) async throws -> Output {
        let folder = try TemporaryFolder("tool")
        var source = "/dev/null"
        if let input {
            source = folder.file("in")
            try Data(input.utf8).write(to: URL(fileURLWithPath: source))
        }
        let child = try Child(path, arguments, input: source, output: folder.file("out"), errors: folder.file("err"))
        let ending = try await child.ended(within: limit)
        let text = { (name: String) in
            String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: folder.file(name)))) ?? Data(), as: UTF8.self)
        }
        return switch ending {
        case .exited(let status): Output(status: status, out: text("out"), err: text("err"))
        case .killed(let signal): Output(status: 128 + signal, out: text("out"), err: text("err"))
        }
    }

    /// The same, but a status other than 0 is an error.
    public func output(_ arguments: [String], input: String? = nil, within limit: Duration = .seconds(60)) async throws -> String {
        let output = try await run(arguments, input: input, within: limit)
        guard output.status == 0 else {
            throw Failure(description: "\(path) \(arguments.joined(separator: " ")) ended with \(output.status): \(output.err)")
        }
        return output.out
    }

    /// The same for programs that print JSON.
    public func json(_ arguments: [String], input: String? = nil) async throws -> JSONValue {
        try JSON.decode(from: try await output(arguments, input: input))
    }
}
