import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// A film on several screens, each behind a network that takes its time.
    @Suite(.enabled(if: Browser.program != nil && Tool.program("ffmpeg") != nil, "needs Chromium and ffmpeg"))
    struct PartyPageTests {
        private static let networks: [ClosedRange<Int64>] = [5...15, 30...60, 70...100]

        /// How long a server stays away.
        private static let outage: Duration = .seconds(Scale.isSoak ? 5 : 2)

        /// Milliseconds between the first and the last, one second after a change and in between. What is promised holds on a quiet
        /// machine; otherwise other tests run beside these.
        private let limits = Scale.isSoak ? (soon: 100.0, steady: 40.0) : (soon: 250.0, steady: 100.0)

        private static var now: Double { Date().timeIntervalSince1970 * 1000 }

        private static func gather(_ screening: Screening) async throws -> [Moviegoer] {
            var goers: [Moviegoer] = []
            for (number, delay) in networks.enumerated() {
                goers.append(try await Moviegoer.come("Guest \(number)", to: screening, delay: delay))
            }
            for goer in goers { try await goer.watch() }
            return goers
        }

        private static func togetherness(_ goers: [Moviegoer], from start: Double, to end: Double) async throws -> Togetherness {
            var sights: [[Moviegoer.Sight]] = []
            for goer in goers { sights.append(try await goer.seen()) }
            return Togetherness(sights, from: start, to: end)
        }

        private static func pause(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

        @Test func `three screens show the same moment, after each command and in between`() async throws {
            let screening = try await Screening.open(try await SharedServer.stage().ownerAPI, seconds: [Scale.isSoak ? 180 : 60])
            let goers = try await Self.gather(screening)
            var commands: [(name: String, at: Double)] = []
            for (action, more) in [("play", [:]), ("seek", ["position": 30]), ("pause", [:]), ("play", [:])] as [(String, [String: JSONValue])] {
                let answer = try await screening.order(action, more)
                commands.append((action, answer["at"]?.asNumber ?? Self.now))
                try await Self.pause(.seconds(action == "pause" || !Scale.isSoak ? 2 : 6))
            }
            try await Self.pause(.seconds(2))
            let steadyFrom = Self.now
            try await Self.pause(.seconds(Scale.isSoak ? 60 : 5))
            let end = Self.now
            for (name, at) in commands {
                let soon = try await Self.togetherness(goers, from: at + 1000, to: at + 1900)
                print("one second after \(name): p95 \(Int(soon.quantile(0.95))) ms")
                #expect(soon.quantile(0.95) < limits.soon, "\(name)")
            }
            let steady = try await Self.togetherness(goers, from: steadyFrom, to: end)
            print("steady: p50 \(Int(steady.quantile(0.5))) ms, p95 \(Int(steady.quantile(0.95))) ms, most \(Int(steady.quantile(1))) ms")
            #expect(steady.quantile(0.95) < limits.steady)
            for goer in goers {
                let seen = try await goer.seen().filter { $0.at >= steadyFrom && $0.at < end }
                #expect((seen.last?.position ?? 0) - (seen.first?.position ?? 0) > 4, "it stood")
                #expect(goer.browser.complaints.isEmpty, "\(goer.browser.complaints)")
                try await goer.leave()
            }
        }

        @Test func `a link with a password leads into the party, and out again when it is taken back`() async throws {
            let screening = try await Screening.open(try await SharedServer.stage().ownerAPI, seconds: [10])
            let wish: JSONValue = ["name": "Family", "password": "open sesame", "maxUses": 1]
            let link = try await screening.host.json(.POST, "/api/sessions/\(screening.id)/links", wish, expecting: 201)
            let browser = try await Browser.open(try link.text("url"))
            try await browser.waitUntil("the password to be asked for", "document.querySelector('input[type=password]')?.checkVisibility()")
            try await browser.value("document.querySelector('input[type=password]').focus()")
            try await browser.type("open sesame")
            try await browser.press("Enter")
            try await browser.waitUntil("the party's door", "location.pathname === '/party' && document.querySelector('#name')?.checkVisibility()")
            #expect(try await browser.value("document.querySelector('#code').checkVisibility()") == false)
            try await browser.value("document.querySelector('#name').value = 'Gus'")
            try await browser.click("#enter")
            try await browser.waitUntil("the film", "document.querySelector('video')?.readyState > 1")
            #expect(try await browser.value("document.querySelector('.party-invite').checkVisibility()") == false)
            let members = try await screening.host.json(.GET, "/api/parties/\(screening.id)/members").items
            #expect(members.contains { $0["person"]?["name"] == "Gus" && $0["isPresent"] == true })
            _ = try await screening.host.json(.DELETE, "/api/sessions/\(screening.id)/links/\(try link.text("id"))", expecting: 204)
            try await browser.waitUntil("the door again", "document.querySelector('#door').checkVisibility()")
            #expect(browser.complaints.isEmpty, "\(browser.complaints)")
            try await browser.close()
        }

        @Test func `a screen that gets no film is waited for, by name, and no longer than was agreed`() async throws {
            let screening = try await Screening.open(try await SharedServer.stage().ownerAPI, seconds: [120], settings: ["waitSeconds": 3])
            let goers = try await Self.gather(screening)
            try await screening.order("play")
            for goer in goers { try await goer.wait("the film to run", "$film.currentTime > 1 && !$film.paused") }
            goers[2].network.holdFilms(true)
            let sought = try await screening.order("seek", ["position": 80])
            try await goers[0].wait("somebody to be waited for", "document.querySelector('.screen-banner')?.textContent.includes('Guest 2')")
            let held = try await screening.state
            #expect(held["held"] == true && held["waitingFor"]?.elements.first?["person"]?["name"] == "Guest 2")
            try await goers[0].browser.keep(as: "party-waiting")
            let since = Self.now
            for goer in goers.prefix(2) { try await goer.wait("the film to go on", "$film.currentTime > 82 && !$film.paused") }
            // Two seconds of film, three of patience, and the way there.
            #expect(Self.now - since < 8000)
            #expect(try await screening.state["held"] == false)
            goers[2].network.holdFilms(false)
            try await goers[2].wait("the third to be back", "!$film.paused && $film.currentTime > 83", within: .seconds(40))
            #expect((sought["sequence"]?.integerValue ?? 0) > 0)
            for goer in goers { try await goer.leave() }
        }

        @Test func `who comes late is in step soon and holds nobody up; a server that dies takes nothing with it`() async throws {
            let server = try await ServerProcess.start()
            let screening = try await Screening.open(try server.newcomer(), seconds: [90])
            let first = try await Moviegoer.come("First", to: screening, delay: 10...20)
            try await screening.order("play")
            try await first.wait("the film to run", "$film.currentTime > 3 && !$film.paused")
            let truth = try await screening.state["sequence"]
            let late = try await Moviegoer.come("Late", to: screening, delay: 40...60)
            for goer in [first, late] { try await goer.watch() }
            let came = Self.now
            try await late.wait("the film to run there", "!$film.paused")
            try await Self.pause(.seconds(4))
            #expect(try await screening.state["sequence"] == truth)
            let together = try await Self.togetherness([first, late], from: came + 2000, to: came + 3800)
            print("who came late: p95 \(Int(together.quantile(0.95))) ms apart two seconds later")
            #expect(together.quantile(0.95) < limits.soon)

            let before = try await screening.state
            try await server.kill9()
            try await Self.pause(Self.outage)
            try await server.restart()
            let after = try await eventually("the party to be there again", within: .seconds(20)) { try? await screening.state }
            for name in ["sequence", "position", "at", "playing"] { #expect(after[name] == before[name]) }
            try await Self.pause(.seconds(Scale.isSoak ? 8 : 5))
            let end = Self.now
            let again = try await Self.togetherness([first, late], from: end - 3000, to: end - 100)
            print("after the server was gone for \(Self.outage): p95 \(Int(again.quantile(0.95))) ms apart")
            #expect(again.quantile(0.95) < limits.soon)
            let place = (before["position"]?.asNumber ?? 0) + (end - (before["at"]?.asNumber ?? 0)) / 1000
            let position = try await first.seen().last?.position ?? 0
            #expect(abs(position - place) < 1, "at \(position), not \(place)")
            for goer in [first, late] { try await goer.leave() }
            try await server.kill9()
        }
    }
}
