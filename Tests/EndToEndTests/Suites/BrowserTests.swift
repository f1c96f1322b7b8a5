import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite(.enabled(if: Browser.program != nil && Fixtures.has("orientation-1.jpg"), "needs Chromium"))
    struct BrowserTests {
        /// Source and width of every photo that has been decoded.
        private static let photos =
            "[...document.querySelectorAll('#grid img')].filter(i => i.complete && i.naturalWidth > 0).map(i => i.currentSrc)"

        @Test func `a browser shows the gallery's photos, and a new one as it comes`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, title: "Garden party")
            let jpeg = try Fixtures.data("orientation-1.jpg")
            for number in 0..<3 { try await send(jpeg, number, to: shoot) }
            let browser = try await Browser.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            let sources = try await shown(3, in: browser)
            for source in sources {
                let answer = try await shoot.owner.with(nil).get(source)
                #expect(answer.status == 200)
                #expect(answer["Content-Type"]?.hasPrefix("image/") == true)
            }
            #expect(try await browser.value("document.title").stringValue?.contains("Garden party") == true)

            // Nobody reloads the page: it follows the session.
            try await send(jpeg, 3, to: shoot)
            _ = try await shown(4, in: browser)
            try await browser.close()
        }

        private func send(_ jpeg: Data, _ number: Int, to shoot: Shoot) async throws {
            let id = try await shoot.upload(Fixtures.variant(of: jpeg, number), as: "\(number).jpg")
            #expect(try await shoot.settled(id)["status"] == "ready")
        }

        private func shown(_ count: Int, in browser: Browser) async throws -> [String] {
            try await eventually("\(count) photos in the browser", within: .seconds(30), every: .milliseconds(200)) {
                let sources = try await browser.value(Self.photos).elements.compactMap(\.stringValue)
                return Set(sources).count == count ? sources : nil
            }
        }
    }
}
