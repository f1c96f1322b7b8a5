import Core
import Foundation
import TestSupport

/// Somebody who watches a party's film in a browser, behind a network of their own.
struct Moviegoer: Sendable {
    let browser: Browser
    let network: BreakableNetwork

    private static let film = "document.querySelector('video')"

    /// Comes in by the code, and is there once the film is.
    /// - Parameter delay: milliseconds of the network, each way.
    static func come(_ name: String, to screening: Screening, delay: ClosedRange<Int64>) async throws -> Moviegoer {
        let port = URL(string: screening.host.base)?.port ?? 0
        let network = try await BreakableNetwork.open(to: port, delay: delay)
        let browser = try await Browser.open("http://127.0.0.1:\(network.port)/party/\(screening.code)")
        let goer = Moviegoer(browser: browser, network: network)
        try await browser.waitUntil("the door", "document.querySelector('#name')?.checkVisibility()")
        try await browser.value("document.querySelector('#name').value = \(try JSON.text(JSONValue.string(name)))")
        try await browser.click("#enter")
        try await browser.waitUntil("the film", "\(film)?.readyState > 1")
        return goer
    }

    func leave() async throws {
        try await browser.close()
        try await network.close()
    }

    /// Notes where the film is from now on, fifty times a second.
    func watch() async throws {
        try await browser.value(
            """
            (window.seen = [], clearInterval(window.watching), window.watching = setInterval(() => {
              const film = \(Self.film);
              seen.push([performance.timeOrigin + performance.now(), film.currentTime, film.paused ? 0 : 1]);
              if (seen.length > 20000) seen.shift();
            }, 20), true)
            """)
    }

    /// What was noted: milliseconds of the machine's clock, seconds of the film, and whether it ran.
    func seen() async throws -> [Sight] {
        try await browser.value("seen").elements.compactMap { row in
            let numbers = row.elements.compactMap { $0.asNumber }
            return numbers.count == 3 ? Sight(at: numbers[0], position: numbers[1], isRunning: numbers[2] == 1) : nil
        }
    }

    /// A look at a film.
    struct Sight: Sendable {
        /// Milliseconds since 1970.
        var at: Double
        /// Seconds.
        var position: Double
        var isRunning: Bool
    }

    func wait(_ what: String, _ expression: String, within limit: Duration = .seconds(30)) async throws {
        try await browser.waitUntil(what, expression.replacingOccurrences(of: "$film", with: Self.film), within: limit)
    }
}

extension JSONValue {
    var asNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// How far apart several were who watched the same film, by what they saw.
struct Togetherness {
    /// Milliseconds between the first and the last, at one moment after the other.
    let spreads: [(at: Double, spread: Double)]

    /// - Parameter sights: of each of them.
    init(_ sights: [[Moviegoer.Sight]], from start: Double, to end: Double) {
        let lines = sights.map { sights in sights.sorted { $0.at < $1.at } }
        spreads = stride(from: start, to: end, by: 20).compactMap { moment in
            let places = lines.compactMap { Self.position(in: $0, at: moment) }
            guard places.count == lines.count, let first = places.max(), let last = places.min() else { return nil }
            return (moment, (first - last) * 1000)
        }
    }

    /// The spread that so many of the moments do not go beyond.
    func quantile(_ share: Double) -> Double {
        let sorted = spreads.map(\.spread).sorted()
        return sorted.isEmpty ? .infinity : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private static func position(in sights: [Moviegoer.Sight], at moment: Double) -> Double? {
        guard let after = sights.firstIndex(where: { $0.at >= moment }), after > 0 else { return nil }
        let (one, other) = (sights[after - 1], sights[after])
        guard other.at - one.at < 500 else { return nil }
        return one.position + (other.position - one.position) * (moment - one.at) / max(1, other.at - one.at)
    }
}
