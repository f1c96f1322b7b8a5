import ArgumentParser
import Core
import Foundation

/// Tells pgbench what to do.
struct ScriptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script", abstract: "Print a statement as pgbench wants it, with its values, as JSON.")

    @Argument var statement: Statement

    private struct Script: Encodable {
        /// The statement; its values are variables, which pgbench sends beside a prepared statement.
        var text: String
        /// By name.
        var variables: [String: String]
    }

    func run() throws {
        let sql = statement.sql
        let variables = sql.values.enumerated().map { ("v\($0)", $1.argument) }
        let script = Script(
            text: sql.text { ":v\($0)" } + ";\n", variables: Dictionary(variables) { first, _ in first })
        print(try JSON.text(script))
    }
}

extension SQLValue {
    /// As text that a server understands for a parameter of any type.
    fileprivate var argument: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .text(let value): value
        case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}
