import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What a photographer does at the desk's page.
    @Suite(.enabled(if: Browser.program != nil && Fixtures.has("orientation-1.jpg"), "needs Chromium"))
    struct DeskPageTests {
        /// A photographer of one test alone, at the desk.
        private struct Sitting {
            let browser: Browser
            let shoot: Shoot
            var address: String { "\(shoot.owner.base)/desk#/sessions/\(shoot.id)" }

            static func begin(_ title: String, settings: JSONValue = [:]) async throws -> Sitting {
                let stage = try await SharedServer.stage()
                let account = try await stage.server.createAccount("desk-\(UUID().uuidString.prefix(8).lowercased())")
                let shoot = try await Shoot.begin(try await stage.server.client(account), title: title, settings: settings)
                let browser = try await Browser.open("\(shoot.owner.base)/desk#/sessions/\(shoot.id)")
                try await browser.waitUntil("the door", "document.querySelector('input[name=login]')")
                try await browser.value("document.querySelector('input[name=login]').focus()")
                try await browser.type(account.email)
                try await browser.value("document.querySelector('input[name=password]').focus()")
                try await browser.type(Account.password)
                try await browser.press("Enter")
                try await browser.waitUntil("the session", "document.body.innerText.includes(\(try JSON.text(JSONValue.string(title))))")
                return Sitting(browser: browser, shoot: shoot)
            }

            func go(to view: String) async throws {
                try await browser.value("location.hash = '#/sessions/\(shoot.id)/\(view)'")
            }

            /// Chooses files to be sent.
            func give(_ files: [String]) async throws {
                try await browser.value("[...document.querySelectorAll('button')].find((one) => one.innerText.trim() === 'Upload').click()")
                _ = try await browser.command("Page.setInterceptFileChooserDialog", ["enabled": true])
                try await browser.click(".uploads-choices .primary")
                try await browser.choose(files, in: "input[type=file]")
            }

            func end() async throws {
                #expect(browser.complaints.isEmpty, "\(browser.complaints)")
                try await browser.close()
            }
        }

        @Test func `who signs in is where the address leads, also after a reload, until they sign out`() async throws {
            let sitting = try await Sitting.begin("The harbour")
            try await sitting.browser.reload()
            try await sitting.browser.waitUntil("the session", "document.body.innerText.includes('The harbour')")
            try await sitting.browser.keep(as: "desk-overview")
            try await sitting.end()
        }

        /// A picture that is followed by so much that it takes a while to be sent.
        private static func heavy(_ bytes: Int) throws -> Data {
            try Fixtures.data("orientation-1.jpg") + Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
        }

        @Test func `an upload goes on after a reload where the server stands`() async throws {
            let sitting = try await Sitting.begin("The long upload")
            let folder = try TemporaryFolder("upload")
            let heavy = try Self.heavy(10 << 20)
            try heavy.write(to: URL(fileURLWithPath: folder.file("long.jpg")))
            let browser = sitting.browser
            // As a hotel's network may be.
            try await browser.slowDown(upload: 1 << 20)
            try await sitting.go(to: "photos")
            try await sitting.give([folder.file("long.jpg")])
            let part = "Number(document.querySelector('[role=progressbar].uploads-bar')?.ariaValueNow)"
            try await browser.waitUntil("a part of it to be sent", "\(part) >= 10 && \(part) < 90", within: .seconds(60))
            try await browser.keep(as: "desk-upload")
            try await browser.reload()
            try await browser.slowDown(upload: -1)
            let photo = try await eventually("the photo", within: .seconds(90)) { try await sitting.shoot.photos().first }
            #expect(try await sitting.shoot.settled(try photo.text("id"))["original"]?["sha256"]?.stringValue == heavy.sha256)
            try await sitting.end()
        }

        @Test func `what waits for review is decided by one key, and guests see it`() async throws {
            let sitting = try await Sitting.begin("The review", settings: ["review": "all"])
            let jpeg = try Fixtures.data("orientation-1.jpg")
            var photos: [String] = []
            for number in 0..<3 { photos.append(try await sitting.shoot.upload(Fixtures.variant(of: jpeg, number), as: "\(number).jpg")) }
            for photo in photos { _ = try await sitting.shoot.settled(photo) }
            let guest = try await sitting.shoot.guest()
            let seen = { try await guest.all("/api/photos?session=\(sitting.shoot.id)").compactMap { try $0.text("id") } }
            #expect(try await seen().isEmpty)
            try await sitting.go(to: "review")
            try await sitting.browser.waitUntil("the first photo", "document.querySelector('.review-stage img')?.naturalWidth > 0")
            try await sitting.browser.keep(as: "desk-review")
            try await sitting.browser.press("a")
            try await eventually("the first to be shown") { try await seen() == [photos[0]] ? () : nil }
            try await sitting.browser.waitUntil("the second photo", "document.querySelector('.review-name')?.textContent === '1.jpg'")
            try await sitting.browser.press("r")
            try await eventually("the second to be rejected") {
                try await sitting.shoot.owner.json(.GET, "/api/photos/\(photos[1])")["review"] == "rejected" ? () : nil
            }
            #expect(try await seen() == [photos[0]])
            try await sitting.end()
        }

        @Test func `what guests choose is seen at the desk while they choose`() async throws {
            let sitting = try await Sitting.begin("The album")
            let photo = try await sitting.shoot.upload(try Fixtures.data("orientation-1.jpg"), as: "IMG_0001.JPG")
            _ = try await sitting.shoot.settled(photo)
            let link = try await sitting.shoot.owner.json(
                .POST, "/api/sessions/\(sitting.shoot.id)/links", ["name": "The couple", "rights": ["select"]], expecting: 201)
            let token = try link.text("url").components(separatedBy: "/s/")[1]
            let entry = try await sitting.shoot.owner.with(nil).json(.POST, "/api/links/\(token)/enter", ["name": "Anna"])
            let anna = sitting.shoot.owner.with(try entry.text("token"))
            try await sitting.go(to: "selections")
            let list = try await anna.json(.POST, "/api/sessions/\(sitting.shoot.id)/selections", ["name": "For grandmother"], expecting: 201)
            try await sitting.browser.waitUntil("the list", "document.body.innerText.includes('For grandmother')")
            _ = try await anna.send(.PUT, "/api/selections/\(try list.text("id"))/photos/\(photo)", json: ["note": "the big one"])
            try await sitting.browser.waitUntil("its count", "/(^|\\D)1(\\D|$)/.test([...document.querySelectorAll('*')].filter((one) => one.textContent.includes('For grandmother')).at(-1).closest('li, article, a, button, section')?.innerText ?? '')")
            try await sitting.browser.keep(as: "desk-selections")
            try await sitting.end()
        }
    }
}

extension Browser {
    /// - Parameter upload: bytes a second; -1 for as many as there can be.
    fileprivate func slowDown(upload: Int) async throws {
        _ = try await command(
            "Network.emulateNetworkConditions",
            ["offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": .integer(Int64(upload))])
    }
}
