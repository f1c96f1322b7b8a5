import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite(.enabled(if: Browser.program != nil && Fixtures.has("orientation-1.jpg", "gps.jpg"), "needs Chromium"))
    struct BrowserTests {
        @Test func `a browser shows the gallery's photos, and a new one as it comes`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, title: "Garden party")
            let jpeg = try Fixtures.data("orientation-1.jpg")
            for number in 0..<3 { try await send(jpeg, number, to: shoot) }
            let browser = try await Browser.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            let sources = try await browser.pictures(3)
            for source in sources {
                let answer = try await shoot.owner.with(nil).get(source)
                #expect(answer.status == 200)
                #expect(answer["Content-Type"]?.hasPrefix("image/") == true)
            }
            #expect(try await browser.value("document.title").stringValue?.contains("Garden party") == true)

            // Nobody reloads the page: it follows the session.
            try await send(jpeg, 3, to: shoot)
            _ = try await browser.pictures(4)
            try await browser.close()
        }

        /// Cuts the second of its requests, asks how far it came, and goes on from there. The server may read the cut request
        /// after the ones that follow it, on another connection, and then takes it for the newest: so it asks again, as
        /// tus clients do.
        private static let uploader = """
            (async (token, session, base64) => {
              const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
              const common = { Authorization: `Bearer ${token}`, "Tus-Resumable": "1.0.0" };
              const metadata = `session ${btoa(session)},filename ${btoa("browser.jpg")},filetype ${btoa("image/jpeg")}`;
              const created = await fetch("/api/uploads", {
                method: "POST",
                headers: { ...common, "Upload-Length": bytes.length, "Upload-Metadata": metadata },
              });
              const location = created.headers.get("Location");
              const patch = (offset, end, signal) => fetch(location, {
                method: "PATCH", signal, body: new Blob([bytes.subarray(offset, end)]),
                headers: { ...common, "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset },
              });
              const first = await patch(0, 60000);
              const cut = new AbortController();
              const second = patch(60000, bytes.length, cut.signal).catch((error) => error.name);
              cut.abort();
              await second;
              const offsets = [], rests = [];
              while (offsets.length < 5 && rests.at(-1) !== 204) {
                const head = await fetch(location, { method: "HEAD", headers: common });
                offsets.push(Number(head.headers.get("Upload-Offset")));
                rests.push(offsets.at(-1) < bytes.length ? (await patch(offsets.at(-1), bytes.length).catch((error) => ({ status: error.message }))).status : 204);
              }
              return [created.status, first.status, await second, rests.join(), Math.min(...offsets), location];
            })
            """

        @Test func `a browser sends a file in pieces, is cut, and goes on`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let jpeg = Fixtures.variant(of: try Fixtures.data("gps.jpg"), 0)
            let browser = try await Browser.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            let arguments: JSONValue = [
                .string(shoot.owner.token ?? ""), .string(shoot.id), .string(jpeg.base64EncodedString()),
            ]
            let seen = try await browser.value("\(Self.uploader)(...\(try JSON.text(arguments)))").elements
            try #require(seen.count == 6)
            #expect(seen.prefix(3) == [201, 204, "AbortError"])
            #expect(seen[3].stringValue?.wholeMatch(of: /((409|423),)*204/) != nil, "answered \(seen[3])")
            #expect(seen[4].integerValue ?? 0 >= 60000, "acknowledged bytes stay")
            let photo = TusClient.id(of: seen.last?.stringValue ?? "")
            #expect(try await shoot.settled(photo)["original"]?["sha256"]?.stringValue == jpeg.sha256)
            try await browser.close()
        }

        private func send(_ jpeg: Data, _ number: Int, to shoot: Shoot) async throws {
            let id = try await shoot.upload(Fixtures.variant(of: jpeg, number), as: "\(number).jpg")
            #expect(try await shoot.settled(id)["status"] == "ready")
        }
    }
}
