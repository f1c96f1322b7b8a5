import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What guests take home.
    @Suite struct DownloadTests {
        /// A session whose guests may download originals.
        private static func shoot(showsPlace: Bool) async throws -> Shoot {
            let settings: JSONValue = ["guestDownloads": true, "showLocation": .bool(showsPlace)]
            return try await Shoot.begin(try await SharedServer.stage().ownerAPI, settings: settings)
        }

        private static func original(_ name: String, _ shoot: Shoot, _ guest: API) async throws -> (id: String, url: String) {
            let id = try await shoot.upload(try Fixtures.data(name), as: name)
            _ = try await shoot.settled(id)
            return (id, try #require(try await guest.json(.GET, "/api/photos/\(id)")["original"]?["url"]?.stringValue))
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg") && Picture.isPossible))
        func `an original comes without its place where the session hides it, byte for byte otherwise`() async throws {
            let data = try Fixtures.data("gps.jpg")
            let shoot = try await Self.shoot(showsPlace: false)
            let guest = try await shoot.guest()
            let (id, url) = try await Self.original("gps.jpg", shoot, guest)
            let found = try await guest.with(nil).get(url)
            #expect(found.status == 200 && found.body.count == data.count && found.body != data)
            #expect(found["Cache-Control"] == "private, no-cache")
            let tags = try await Picture(found.body, extension: "jpg").tags()
            #expect(!tags.contains { $0.contains("GPS") } && tags.contains { $0.contains("Make") }, "\(tags)")

            // In pieces it is the same, and its validators are not the original's.
            let half = data.count / 2
            let first = try await guest.with(nil).get(url, [("Range", "bytes=0-\(half - 1)")])
            let second = try await guest.with(nil).get(url, [("Range", "bytes=\(half)-"), ("If-Range", first["ETag"] ?? "")])
            #expect(first.status == 206 && second.status == 206 && first.body + second.body == found.body)
            let owners = try await shoot.owner.get("/media/\(id)/original")
            #expect(owners.body == data && owners["ETag"] != found["ETag"])

            // Shown from now on: whoever goes on with the other file begins anew.
            try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["settings": ["showLocation": true]])
            let resumed = try await eventually("the session to show its place") {
                let answer = try await guest.with(nil).get(url, [("Range", "bytes=\(half)-"), ("If-Range", first["ETag"] ?? "")])
                return answer.status == 200 ? answer : nil
            }
            #expect(resumed.body == data)
        }

        @Test(.enabled(if: Fixtures.has("video.webm")))
        func `an original that cannot be looked through is withheld, its stream is not`() async throws {
            let shoot = try await Self.shoot(showsPlace: false)
            let guest = try await shoot.guest()
            let (id, url) = try await Self.original("video.webm", shoot, guest)
            let refused = try await guest.with(nil).get(url)
            #expect(refused.status == 403 && refused.code == "original_withheld")
            #expect(try await shoot.owner.get("/media/\(id)/original").status == 200)
            let film = try await guest.json(.GET, "/api/photos/\(id)")
            let stream = try #require(film["renditions"]?.elements.first { $0["name"] == "stream" })
            #expect(try await guest.with(nil).get(try stream.text("url"), [("Range", "bytes=0-99")]).status == 206)
        }

        @Test(.enabled(if: Fixtures.has("demo-01.jpg")))
        func `an AVIF file is the WebP until it has been made, and then for good`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(try Fixtures.data("demo-01.jpg"), as: "demo.jpg")
            _ = try await shoot.settled(id)
            let guest = try await shoot.guest()
            let photo = try await guest.json(.GET, "/api/photos/\(id)")
            let webp = try #require(photo["renditions"]?.elements.first { $0["name"] == "small" && $0["format"] == "webp" })
            let url = try webp.text("url").replacing(".webp", with: ".avif")
            // Whoever may not see the photo makes nobody work.
            #expect(try await guest.with(nil).get(String(url.prefix { $0 != "?" })).status == 401)
            let first = try await guest.with(nil).get(url)
            #expect(first.status == 200 && first["Content-Type"] == "image/webp" && first["Cache-Control"] == "private, no-cache")
            #expect(first.body == (try await guest.with(nil).get(try webp.text("url"))).body)
            let made = try await eventually("the AVIF file", within: .seconds(60), every: .milliseconds(300)) {
                let answer = try await guest.with(nil).get(url)
                return answer["Content-Type"] == "image/avif" ? answer : nil
            }
            #expect(made["Cache-Control"]?.contains("immutable") == true && made.body.dropFirst(4).starts(with: Data("ftypavif".utf8)))
            let renditions = try await guest.json(.GET, "/api/photos/\(id)")["renditions"]?.elements ?? []
            #expect(renditions.count { $0["format"] == "avif" } == 4 && renditions.count == 12)
        }

        @Test(.enabled(if: Fixtures.has("demo-01.jpg")))
        func `a still without extension is of the format that a client likes, and as wide as it needs`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(try Fixtures.data("demo-01.jpg"), as: "demo.jpg")
            _ = try await shoot.settled(id)
            let guest = try await shoot.guest()
            let renditions = try await guest.json(.GET, "/api/photos/\(id)")["renditions"]?.elements ?? []
            func rendition(_ name: String, _ format: String) throws -> JSONValue {
                try #require(renditions.first { $0["name"]?.stringValue == name && $0["format"]?.stringValue == format })
            }
            let (webp, jpeg) = (try rendition("small", "webp"), try rendition("small", "jpeg"))
            let url = try webp.text("url").replacing(".webp", with: "")
            func get(_ accept: String, _ hints: String = "") async throws -> Answer {
                try await guest.with(nil).get(url + hints, [("Accept", accept)])
            }
            for (accept, file) in [("image/webp,*/*", webp), ("*/*", jpeg), ("image/webp;q=0.2, image/jpeg;q=0.3", jpeg)] {
                let answer = try await get(accept)
                let path = try file.text("url").prefix { $0 != "?" }
                #expect(answer.status == 200 && answer["Content-Location"] == String(path), "\(accept)")
                #expect(answer.body == (try await guest.with(nil).get(try file.text("url"))).body)
                #expect(answer.headers[canonicalForm: "Vary"].contains("Accept"))
            }
            let width = try #require(webp.integer("width"))
            #expect(try await get("image/webp", "&w=\(width)")["Content-Location"]?.contains("/small-") == true)
            #expect(try await get("image/webp", "&w=\(width / 2 + 1)&dpr=2")["Content-Location"]?.contains("/medium-") == true)
            #expect(try await get("image/webp", "&w=100000")["Content-Location"]?.contains("/large-") == true)
            #expect(try await get("image/webp", "&w=0").code == "bad_query")
            #expect(try await guest.with(nil).get(String(url.prefix { $0 != "?" }), [("Accept", "image/webp")]).status == 401)
        }

        @Test(.enabled(if: Fixtures.has("demo-01.jpg") && Tool.program("curl") != nil))
        func `curl goes on with an original where it was cut off, and saves it under its photographer's name`() async throws {
            let data = try Fixtures.data("demo-01.jpg")
            let shoot = try await Self.shoot(showsPlace: true)
            let id = try await shoot.upload(data, as: "Müller & Söhne.jpg")
            _ = try await shoot.settled(id)
            let url = try #require(try await shoot.guest().json(.GET, "/api/photos/\(id)")["original"]?["url"]?.stringValue)
            let folder = try TemporaryFolder("download")
            let curl = try Tool("curl")
            for cut in [1, data.count / 2, data.count - 1] {
                let file = folder.file("part")
                try data.prefix(cut).write(to: URL(fileURLWithPath: file))
                let status = try await curl.output(["-fsS", "-C", "-", "-o", file, "-w", "%{http_code}", shoot.owner.base + url])
                #expect(try status == "206" && Data(contentsOf: URL(fileURLWithPath: file)) == data)
            }
            let saved = folder.file("saved")
            _ = try await curl.output(["-fsSOJ", "--create-dirs", "--output-dir", saved, shoot.owner.base + url + "&download=1"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: saved) == ["M_ller & S_hne.jpg"])
            let header = try await shoot.owner.get("/media/\(id)/original?download=1")["Content-Disposition"]
            #expect(header == "attachment; filename=\"M_ller & S_hne.jpg\"; filename*=UTF-8''M%C3%BCller%20&%20S%C3%B6hne.jpg")
        }

        @Test(.enabled(if: Fixtures.has("demo-video.mp4") && Tool.program("ffmpeg") != nil), arguments: [0, 3, 7])
        func `ffmpeg seeks in a film`(second: Int) async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(try Fixtures.data("demo-video.mp4"), as: "film.mp4", type: "video/mp4")
            let film = try await shoot.settled(id)
            let stream = try #require(film["renditions"]?.elements.first { $0["name"] == "stream" })
            func frame(of input: String) async throws -> String {
                try await Tool("ffmpeg").output([
                    "-nostdin", "-loglevel", "error", "-ss", "\(second)", "-i", input, "-frames:v", "1", "-an", "-f", "md5", "-",
                ])
            }
            let url = shoot.owner.base + (try stream.text("url"))
            let (here, there) = (try await frame(of: try Fixtures.path("demo-video.mp4")), try await frame(of: url))
            #expect(here == there && here.hasPrefix("MD5="))
        }

        @Test(.enabled(if: Fixtures.has("demo-01.jpg")), .enabled("requests cannot be installed") { await Venv.python() != nil })
        func `Python's requests takes several parts of a picture and goes on with one`() async throws {
            let python = try #require(await Venv.python())
            let shoot = try await Self.shoot(showsPlace: true)
            let (_, url) = try await Self.original("demo-01.jpg", shoot, try await shoot.guest())
            let script = """
                import sys, requests
                url, data = sys.argv[1], open(sys.argv[2], 'rb').read()
                size = len(data)
                whole = requests.get(url)
                tag = whole.headers['ETag']
                assert whole.content == data
                half = requests.get(url, headers={'Range': f'bytes={size // 2}-', 'If-Range': tag})
                assert half.status_code == 206 and half.content == data[size // 2:]
                assert requests.get(url, headers={'Range': f'bytes={size // 2}-', 'If-Range': '"x"'}).content == data
                several = requests.get(url, headers={'Range': 'bytes=-10, 0-9, 5000-5099'})
                assert several.status_code == 206, several.status_code
                ranges = [(size - 10, size - 1), (0, 9), (5000, 5099)]
                boundary = several.headers['Content-Type'].split('boundary=')[1]
                def part(first, last):
                    head = f'--{boundary}\\r\\nContent-Type: image/jpeg\\r\\nContent-Range: bytes {first}-{last}/{size}\\r\\n\\r\\n'
                    return head.encode() + data[first:last + 1] + b'\\r\\n'
                expected = b''.join(part(*range) for range in ranges) + f'--{boundary}--\\r\\n'.encode()
                assert several.content == expected
                assert requests.get(url, headers={'Range': f'bytes={size}-'}).status_code == 416
                assert requests.get(url, headers={'If-None-Match': tag}).status_code == 304
                print('fine')
                """
            #expect(try await Tool(python).output(["-c", script, shoot.owner.base + url, try Fixtures.path("demo-01.jpg")]) == "fine\n")
        }
    }
}
