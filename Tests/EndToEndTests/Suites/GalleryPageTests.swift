import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What a guest does with the gallery's page.
    @Suite(.enabled(if: Browser.program != nil && Fixtures.has("orientation-1.jpg"), "needs Chromium"))
    struct GalleryPageTests {
        private static func shoot(_ photos: Int, _ title: String = "Garden party") async throws -> Shoot {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, title: title)
            for number in 0..<photos { _ = try await send(number, to: shoot) }
            return shoot
        }

        private static func send(_ number: Int, to shoot: Shoot) async throws -> String {
            let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), number)
            let id = try await shoot.upload(jpeg, as: "\(number).jpg")
            #expect(try await shoot.settled(id)["status"] == "ready")
            return id
        }

        private static func open(_ shoot: Shoot, through base: String? = nil) async throws -> Browser {
            try await Browser.open("\(base ?? shoot.owner.base)/gallery/\(shoot.code)")
        }

        private static let isLive = "document.querySelector('#live').dataset.state === 'live'"

        @Test func `what comes while the network is away is there when it is back, and the page says how it stands`() async throws {
            let shoot = try await Self.shoot(2)
            let network = try await BreakableNetwork.open(to: try #require(URL(string: shoot.owner.base)?.port))
            let browser = try await Self.open(shoot, through: "http://127.0.0.1:\(network.port)")
            _ = try await browser.pictures(2)
            try await browser.waitUntil("the page to be live", Self.isLive)
            network.cut()
            try await browser.waitUntil("the page to admit it", "document.querySelector('#live').dataset.state === 'lost'")
            for number in 2..<5 { _ = try await Self.send(number, to: shoot) }
            network.mend()
            _ = try await browser.pictures(5)
            try await browser.waitUntil("the page to be live again", Self.isLive)
            try await browser.keep(as: "gallery-after-a-cut")
            try await browser.close()
            try await network.close()
        }

        @Test func `who reads further down is told of new photos, and nothing moves`() async throws {
            let shoot = try await Self.shoot(12)
            let browser = try await Self.open(shoot)
            try await browser.show(on: .narrow)
            try await browser.waitUntil("the page to be live", Self.isLive)
            try await browser.value("scrollTo({ top: document.querySelector('#grid').offsetTop + 400, behavior: 'instant' })")
            let seen = """
                (() => { const tile = [...document.querySelectorAll('#grid .tile')].find((one) => one.getBoundingClientRect().top > 100);
                  window.seen ??= tile; return Math.round(window.seen.getBoundingClientRect().top); })()
                """
            let place = try await browser.value(seen)
            _ = try await Self.send(12, to: shoot)
            try await browser.waitUntil("the pill", "!document.querySelector('#pill').inert")
            #expect(try await browser.value(seen) == place)
            try await browser.click("#pill")
            try await browser.waitUntil("the page to go to its beginning", "document.querySelector('#pill').inert && scrollY < 600")
            #expect(browser.complaints.isEmpty, "\(browser.complaints)")
            try await browser.close()
        }

        @Test func `a photo that is taken back goes from the page`() async throws {
            let shoot = try await Self.shoot(3)
            let browser = try await Self.open(shoot)
            _ = try await browser.pictures(3)
            let photo = try await shoot.photos()[0].text("id")
            _ = try await shoot.owner.json(.POST, "/api/photos/batch", ["sessionId": .string(shoot.id), "photoIds": [.string(photo)], "action": "hide"])
            _ = try await browser.pictures(2)
            try await browser.close()
        }

        @Test func `all of it can be done by the keyboard`() async throws {
            let shoot = try await Self.shoot(4)
            let browser = try await Self.open(shoot)
            _ = try await browser.pictures(4)
            try await browser.value("document.querySelector('#grid button').focus()")
            let focused = "[...document.querySelectorAll('#grid .tile')].indexOf(document.activeElement.closest('.tile'))"
            try await browser.press("ArrowRight")
            try await browser.waitUntil("the next tile to have the focus", "\(focused) === 1")
            try await browser.press("Enter")
            try await browser.waitUntil("the lightbox", "document.querySelector('#lightbox').open")
            let place = "document.querySelector('#place').textContent"
            let first = try await browser.value(place)
            try await browser.press("ArrowRight")
            try await browser.waitUntil("another photo", "\(place) !== \(try JSON.text(first))")
            try await browser.press("i")
            try await browser.waitUntil("the facts", "document.querySelector('#fact-list').checkVisibility()")
            try await browser.press("Escape")
            if try await browser.value("document.querySelector('#lightbox').open") == true { try await browser.press("Escape") }
            try await browser.waitUntil("the lightbox to close", "!document.querySelector('#lightbox').open")
            try await browser.waitUntil("the focus to be at the photo that was seen last", "\(focused) === 2")
            #expect(browser.complaints.isEmpty, "\(browser.complaints)")
            try await browser.close()
        }

        @Test(.enabled(if: Firefox.program != nil, "needs Firefox"))
        func `the other engine shows it too, and what comes`() async throws {
            let shoot = try await Self.shoot(2)
            let firefox = try await Firefox.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            let count = "[...document.querySelectorAll('#grid img')].filter((one) => one.complete && one.naturalWidth > 0).length"
            try await firefox.waitUntil("two photos", "\(count) === 2")
            _ = try await Self.send(2, to: shoot)
            try await firefox.waitUntil("three photos", "\(count) === 3")
            #expect(try await firefox.text("document.title").contains("Garden party"))
            try await firefox.close()
        }
    }
}
