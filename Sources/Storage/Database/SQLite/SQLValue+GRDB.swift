import Core
import Foundation
import GRDB

extension Core.SQL {
    var arguments: StatementArguments { StatementArguments(values.map(\.databaseValue)) }
}

extension SQLValue {
    var hasNUL: Bool {
        if case .text(let text) = self { text.utf8.contains(0) } else { false }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }

    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob([UInt8](value))
        }
    }
}
