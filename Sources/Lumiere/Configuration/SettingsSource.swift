import Configuration
import Core
import SystemPackage

/// Where settings come from, and what was wrong with them.
struct SettingsSource {
    private let reader: ConfigReader
    /// The environment as others write it: `DATABASE_URL`, `REDIS_URL`, `S3_ENDPOINT` and the like.
    private let common = ConfigReader(provider: EnvironmentVariablesProvider())
    private(set) var faults: [String] = []

    /// - Parameters:
    ///   - flags: what the command line says, by configuration key, e.g. `server.port`.
    ///   - file: a JSON file; `nil` reads none.
    ///   - reporter: is told of every setting that is looked up.
    /// - Throws: when the file cannot be read or is not JSON.
    init(flags: [String: String], file: String?, reporter: (any AccessReporter)? = nil) async throws {
        let values = flags.map { (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: false)) }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: Dictionary(values, uniquingKeysWith: { first, _ in first })),
            EnvironmentVariablesProvider().prefixKeys(with: "lumiere"),
        ]
        if let file { providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file))) }
        reader = ConfigReader(providers: providers, accessReporter: reporter)
    }

    /// A text, or `nil` when nobody set it.
    func text(_ key: String) -> String? { reader.string(forKey: ConfigKey(key)) ?? reader.int(forKey: ConfigKey(key)).map(String.init) }

    /// The same for what a fleet shares, which may also stand in the environment without a prefix.
    func shared(_ key: String) -> String? { text(key) ?? common.string(forKey: ConfigKey(key)) }

    /// A text that must not be shown.
    func secret(_ key: String) -> Secret? { shared(key).map(Secret.init) }

    /// A whole number within bounds; anything else is noted as a fault.
    mutating func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            faults.append("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text).")
            return nil
        }
        return number
    }

    /// `true` or `false`.
    mutating func flag(_ key: String) -> Bool? {
        reader.bool(forKey: ConfigKey(key)) ?? flag(key, text(key))
    }

    /// The same for what a fleet shares.
    mutating func sharedFlag(_ key: String) -> Bool? {
        reader.bool(forKey: ConfigKey(key)) ?? flag(key, shared(key))
    }

    private mutating func flag(_ key: String, _ text: String?) -> Bool? {
        guard let text else { return nil }
        guard let flag = Bool(text) else {
            faults.append("\(key) must be true or false, not \(text).")
            return nil
        }
        return flag
    }

    /// A list: commas in flags and the environment, an array in the file.
    func list(_ key: String) -> [String]? {
        reader.stringArray(forKey: ConfigKey(key)) ?? text(key).map { $0.split(separator: ",").map(String.init) }
    }

    /// One of some words.
    mutating func choice<Value>(_ key: String, _ choices: [String: Value]) -> Value? { choice(key, text(key), choices) }

    /// The same for what a fleet shares.
    mutating func sharedChoice<Value>(_ key: String, _ choices: [String: Value]) -> Value? {
        choice(key, shared(key), choices)
    }

    private mutating func choice<Value>(_ key: String, _ text: String?, _ choices: [String: Value]) -> Value? {
        guard let text else { return nil }
        if choices[text] == nil {
            faults.append("\(key) must be one of \(choices.keys.sorted().joined(separator: ", ")), not \(text).")
        }
        return choices[text]
    }

    mutating func add(_ more: [String]) { faults += more }
}
