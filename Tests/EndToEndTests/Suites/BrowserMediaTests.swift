import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What a browser makes of what it is sent.
    @Suite(.enabled(if: Browser.program != nil && Fixtures.has("orientation-1.jpg"), "needs Chromium"))
    struct BrowserMediaTests {
        /// A film of a minute that is far too large to be fetched ahead as a whole.
        private static func film() async throws -> Data {
            let folder = try TemporaryFolder("film")
            let path = folder.file("film.mp4")
            _ = try await Tool("ffmpeg").output([
                "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=5:d=60", "-c:v", "libx264", "-preset", "ultrafast",
                "-g", "10", "-pix_fmt", "yuv420p", "-b:v", "2M", "-minrate", "2M", "-maxrate", "2M", "-bufsize", "2M",
                "-x264-params", "nal-hrd=cbr", "-movflags", "+faststart", path,
            ])
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }

        /// Winds the film on the stage forward, lets it run, and looks at a frame: where it was and is, frames that have been
        /// decoded since, and how many colours are seen.
        private static let winding = """
            (async () => {
              const film = document.querySelector("#stage video");
              const happens = (name) => new Promise((done) => film.addEventListener(name, done, { once: true }));
              film.muted = true;
              if (film.readyState < 1) await happens("loadedmetadata");
              film.pause();
              const seeked = happens("seeked");
              film.currentTime = film.duration / 2;
              await seeked;
              const place = film.currentTime, frames = film.getVideoPlaybackQuality().totalVideoFrames;
              await film.play();
              while (film.currentTime < place + 0.5) await happens("timeupdate");
              film.pause();
              const canvas = document.createElement("canvas");
              [canvas.width, canvas.height] = [64, 48];
              const pen = canvas.getContext("2d");
              pen.drawImage(film, 0, 0, 64, 48);
              const colours = new Set(new Uint32Array(pen.getImageData(0, 0, 64, 48).data.buffer)).size;
              return [film.duration, place, film.currentTime, film.getVideoPlaybackQuality().totalVideoFrames - frames, colours];
            })()
            """

        @Test(.enabled(if: Tool.program("ffmpeg") != nil))
        func `a guest comes in by a link and its password, sees the photos, and winds a film forward`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, title: "Première")
            let film = try await Self.film()
            let ids = [
                try await shoot.upload(film, as: "dance.mp4", type: "video/mp4"),
                try await shoot.upload(Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 0), as: "still.jpg"),
            ]
            for id in ids { #expect(try await shoot.settled(id)["status"] == "ready") }
            let input: JSONValue = ["name": "Family", "password": "rosebud"]
            let link = try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/links", input, expecting: 201)
            let browser = try await Browser.open(try link.text("url"))
            try await browser.knock("thorn")
            try await eventually("the wrong password to be refused") {
                let message = try await browser.value("document.querySelector('#entry-message').textContent").stringValue
                return message?.contains("not the password") == true ? () : nil
            }
            try await browser.knock("rosebud")
            _ = try await browser.pictures(2)
            #expect(try await browser.value("document.title").stringValue?.contains("Première") == true)

            try await browser.value("document.querySelector('.tile-badge').closest('button').click()")
            try await browser.waitUntil("the film", "document.querySelector('#stage video')")
            let seen = try await browser.value(Self.winding).elements.compactMap(\.doubleValue)
            try #require(seen.count == 5)
            #expect(abs(seen[0] - 60) < 0.5 && abs(seen[1] - 30) < 0.5 && (30.4..<32).contains(seen[2]), "\(seen)")
            #expect(seen[3] >= 1 && seen[4] > 10, "\(seen)")
            // It has not fetched all that comes before.
            let answers = browser.answers(to: "/stream-")
            let starts = answers.compactMap { $0.contentRange?.split(separator: " ").last?.split(separator: "-").first.flatMap { Int($0) } }
            #expect(answers.allSatisfy { $0.status == 206 } && starts.first == 0 && starts.contains { $0 > film.count / 3 }, "\(answers)")
            try await browser.close()
        }

        @Test func `a browser is shown WebP at once, and AVIF as soon as there is one`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 0), as: "still.jpg")
            #expect(try await shoot.settled(id)["status"] == "ready")
            let photo = try await shoot.guest().json(.GET, "/api/photos/\(id)")
            let small = photo["renditions"]?.elements.first { $0["name"] == "small" && $0["format"] == "webp" }
            let url = try (small ?? .null).text("url").replacing(".webp", with: "")
            let browser = try await Browser.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            // A page keeps what it has shown, so each time another width is asked for.
            func show(_ width: Int) async throws -> String? {
                let shown = try await browser.value("""
                    new Promise((done) => {
                      const image = new Image();
                      image.onload = () => done(image.naturalWidth);
                      image.onerror = () => done(0);
                      image.src = "\(url)&w=\(width)";
                    })
                    """)
                #expect(shown.integerValue ?? 0 > 0)
                return browser.answers(to: "&w=\(width)").last?.contentType
            }
            #expect(try await show(100) == "image/webp")
            var width = 100
            try await eventually("an AVIF picture", within: .seconds(60), every: .milliseconds(300)) {
                width += 1
                return try await show(width) == "image/avif" ? () : nil
            }
            try await browser.close()
        }
    }
}

extension Browser {
    /// Waits to be asked for a password, and gives one.
    fileprivate func knock(_ password: String) async throws {
        try await eventually("the door") {
            let isAsked = "!document.querySelector('#door').hidden && document.querySelector('#code').type === 'password'"
            return try await value(isAsked) == true ? () : nil
        }
        try await value("document.querySelector('#code').value = '\(password)'; document.querySelector('#entry').requestSubmit()")
    }
}
