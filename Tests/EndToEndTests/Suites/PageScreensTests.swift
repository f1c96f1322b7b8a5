import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Every page on every screen in every language: it fits, says nothing in another language, and is kept as a picture.
    @Suite(.enabled(if: Browser.program != nil && Fixtures.has("demo-01.jpg"), "needs Chromium"))
    struct PageScreensTests {
        private static func screens(_ language: String) -> [Browser.Screen] {
            if Scale.isSoak { return [.narrow, .phone, .tablet, .desktop] }
            return language == "en" ? [.narrow, .desktop] : [.narrow]
        }
        private static let schemes = Scale.isSoak ? ["dark", "light"] : ["light"]

        private static let shoot = Once {
            let stage = try await SharedServer.stage()
            let account = try await stage.server.createAccount("screens")
            let shoot = try await Shoot.begin(try await stage.server.client(account), title: "Anna & Ben")
            for number in 1...8 {
                let id = try await shoot.upload(try Fixtures.data("demo-0\(number).jpg"), as: "IMG_040\(number).JPG")
                _ = try await shoot.settled(id)
            }
            return (shoot: shoot, account: account)
        }

        /// By how much the page hangs over its edge, to be seen by scrolling sideways only. Phones make room for it by drawing all of it smaller.
        private static let overhang = """
            Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth, document.documentElement.scrollWidth - screen.width, 0)
            """
        /// Static words of the page that are not those of its language.
        private static let foreign = """
            (async () => {
              const { t } = await import(document.querySelector("script[type=module]").src.replace(/js\\/.*/, "js/ui/messages.js"));
              return [...document.querySelectorAll("[data-t]")].filter((node) => node.textContent !== t(node.dataset.t)).map((node) => node.dataset.t);
            })()
            """

        private static func look(at page: String, _ language: String, _ browser: Browser) async throws {
            for screen in screens(language) {
                try await browser.show(on: screen)
                for scheme in schemes {
                    try await browser.prefer(["prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"])
                    try await browser.waitUntil("\(page) to fit \(screen.name)", "\(overhang) === 0", within: .seconds(5))
                    try await browser.keep(as: "\(page)-\(language)-\(screen.name)-\(scheme)")
                }
            }
            #expect(try await browser.value("document.documentElement.lang").stringValue == language)
            #expect(try await browser.value(foreign).elements == [], "\(page) in \(language)")
            #expect(browser.complaints.isEmpty, "\(browser.complaints)")
        }

        @Test(arguments: ["en", "zh", "ru"])
        func `the start page and the gallery fit every screen, in their language`(language: String) async throws {
            let shoot = try await Self.shoot.value.shoot
            let browser = try await Browser.open(shoot.owner.base + "/", language: language)
            try await browser.waitUntil("the language", "document.documentElement.lang === '\(language)'")
            try await Self.look(at: "start", language, browser)
            try await browser.go(to: "\(shoot.owner.base)/gallery/\(shoot.code)")
            _ = try await browser.pictures(8)
            try await Self.look(at: "gallery", language, browser)
            try await browser.value("document.querySelector('#grid button').click()")
            try await browser.waitUntil("the lightbox", "document.querySelector('#lightbox').open && document.querySelector('#stage img')?.naturalWidth > 0")
            try await Self.look(at: "lightbox", language, browser)
            try await browser.close()
        }

        @Test(arguments: ["en", "zh", "ru"])
        func `the desk fits every screen, in its language`(language: String) async throws {
            let (shoot, account) = try await Self.shoot.value
            let browser = try await Browser.open("\(shoot.owner.base)/desk", language: language)
            try await browser.waitUntil("the door", "document.querySelector('input[name=login]')")
            try await Self.look(at: "desk-door", language, browser)
            try await browser.value("document.querySelector('input[name=login]').focus()")
            try await browser.type(account.email)
            try await browser.value("document.querySelector('input[name=password]').focus()")
            try await browser.type(Account.password)
            try await browser.press("Enter")
            try await browser.waitUntil("the sessions", "document.body.innerText.includes('Anna & Ben')")
            try await Self.look(at: "desk-sessions", language, browser)
            for view in ["overview", "photos", "review", "selections", "share", "statistics", "settings"] {
                try await browser.value("location.hash = '#/sessions/\(shoot.id)/\(view)'")
                try await browser.waitUntil("\(view) to be there", "document.querySelector('main h1') && !document.querySelector('.skeleton')")
                try await Self.look(at: "desk-\(view)", language, browser)
            }
            try await browser.close()
        }
    }
}
