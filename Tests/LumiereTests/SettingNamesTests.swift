import Configuration
import Foundation
import Synchronization
import Testing

@testable import Lumiere

@Suite("The names of settings")
struct SettingNamesTests {
    /// Keeps the names that are looked up.
    private final class Names: AccessReporter {
        let all = Mutex<Set<String>>([])

        func report(_ event: AccessEvent) {
            let name = event.metadata.key.components.joined(separator: ".")
            all.withLock { _ = $0.insert(name) }
        }
    }

    /// Every name there is: of a fleet with all that it can have.
    private func names() async throws -> Set<String> {
        let names = Names()
        let flags = [
            "database.url": "postgresql://x", "signing.keys": String(repeating: "k", count: 32), "redis.url": "redis://127.0.0.1",
            "s3.endpoint": "http://127.0.0.1:9000", "s3.bucket": "lumiere", "s3.access.key": "a", "s3.secret.key": "s",
        ]
        _ = try await Settings.read(flags: flags, file: nil, reporter: names)
        return names.all.withLock { $0 }
    }

    @Test("nest: none is the beginning of another, which a JSON file could not hold beside it")
    func nesting() async throws {
        let names = try await names()
        #expect(names.count > 40 && names.isSuperset(of: ["s3.payload", "redis.authorities", "ingest.transfers"]))
        for name in names {
            let outer = names.filter { name.hasPrefix($0 + ".") }
            #expect(outer.isEmpty, "\(name) lies within \(outer)")
        }
    }

    @Test("are documented as they are, also in the environment")
    func documentation() async throws {
        let names = try await names()
        let manual = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/operating.md")
        let rows = try String(contentsOf: manual, encoding: .utf8).matches(of: /(?m)^\| `([a-z0-9.]+)`[^|]*\| `([A-Z0-9_]+)`/)
        #expect(rows.count > 20)
        for row in rows {
            #expect(names.contains(String(row.1)), "\(row.1)")
            #expect("LUMIERE_" + row.1.uppercased().replacing(".", with: "_") == row.2)
        }
    }
}
