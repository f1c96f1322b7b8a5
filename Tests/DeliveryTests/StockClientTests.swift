import Core
import Foundation
import TestSupport
import Testing

/// Clients that others wrote.
@Suite("Stock clients")
struct StockClientTests {
    private static let packages = PythonPackages(
        folder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../.build/requests-venv")
            .standardizedFileURL.path,
        packages: ["requests"], modules: ["requests"])

    private static func with(_ body: @escaping @Sendable (MediaBench, _ file: TestFile) async throws -> Void) async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                try await body(bench, try await bench.add(700_000, filename: "été \"1\".jpg"))
            }
        }
    }

    @Test("curl takes parts", .enabled(if: Tool.program("curl") != nil, "curl is not installed"), arguments: [
        ("0-99", 0..<100), ("699990-", 699_990..<700_000), ("-500", 699_500..<700_000), ("5-5", 5..<6), ("0-9,20-29", 0..<30),
    ])
    func parts(range: String, part: Range<Int>) async throws {
        try await Self.with { bench, file in
            let body = bench.folder.file("body")
            let status = try await Tool("curl").output(["-fsS", "-r", range, "-o", body, "-w", "%{http_code}", bench.url(file)])
            #expect(try status == "206" && Data(contentsOf: URL(fileURLWithPath: body)) == file.bytes[part])
        }
    }

    @Test(
        "curl goes on where it was cut off", .enabled(if: Tool.program("curl") != nil, "curl is not installed"),
        arguments: [1, 350_001, 699_999])
    func resume(cut: Int) async throws {
        try await Self.with { bench, file in
            let body = bench.folder.file("body")
            try file.bytes.prefix(cut).write(to: URL(fileURLWithPath: body))
            let curl = try Tool("curl")
            let arguments = ["-fsS", "-C", "-", "-o", body, "-w", "%{http_code} %{size_download}", bench.url(file)]
            #expect(try await curl.output(arguments) == "206 \(700_000 - cut)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: body)) == file.bytes)
            // Nothing is left to fetch, and nothing is harmed.
            _ = try await curl.run(arguments)
            #expect(try Data(contentsOf: URL(fileURLWithPath: body)) == file.bytes)
        }
    }

    @Test("curl saves a file under a name that harms nothing", .enabled(if: Tool.program("curl") != nil, "curl is not installed"))
    func names() async throws {
        try await Self.with { bench, file in
            let folder = bench.folder.file("saved")
            _ = try await Tool("curl").output(["-fsSOJ", "--create-dirs", "--output-dir", folder, bench.url(file, "&download=1")])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["_t_ _1_.jpg"])
        }
    }

    @Test(
        "Python's requests reads parts, several parts, names and conditions",
        .enabled("requests cannot be installed") { await packages.interpreter() != nil })
    func requests() async throws {
        let python = try #require(await Self.packages.interpreter())
        try await Self.with { bench, file in
            let path = bench.folder.file("expected")
            try file.bytes.write(to: URL(fileURLWithPath: path))
            let script = """
                import email, sys, urllib.parse, requests
                url, data = sys.argv[1], open(sys.argv[2], 'rb').read()
                whole = requests.get(url)
                assert whole.content == data and whole.headers['Accept-Ranges'] == 'bytes', whole.headers
                tag, date = whole.headers['ETag'], whole.headers['Last-Modified']
                def get(**headers):
                    return requests.get(url, headers={name.replace('_', '-'): value for name, value in headers.items()}, stream=True)
                assert requests.get(url, headers={'If-None-Match': tag}).status_code == 304
                assert get(If_Modified_Since=date).status_code == 304
                assert get(If_Match='"x", "y,z"').status_code == 412
                half = get(Range='bytes=350000-', If_Range=tag)
                assert half.status_code == 206 and half.content == data[350000:]
                assert get(Range='bytes=350000-', If_Range=date).content == data[350000:]
                assert get(Range='bytes=350000-', If_Range='"x"').content == data
                beyond = get(Range='bytes=700000-')
                assert beyond.status_code == 416 and beyond.headers['Content-Range'] == 'bytes */700000'
                several = get(Range='bytes=500000-500099, 0-9, -1')
                assert several.status_code == 206
                body = several.content
                assert len(body) == int(several.headers['Content-Length'])
                message = email.message_from_bytes(b'Content-Type: ' + several.headers['Content-Type'].encode() + b'\\r\\n\\r\\n' + body)
                parts = [(part['Content-Range'], part.get_content_type()) for part in message.get_payload()]
                assert parts == [(f'bytes {range}/700000', 'image/jpeg') for range in ('500000-500099', '0-9', '699999-699999')], parts
                saved = requests.head(url + '&download=1').headers['Content-Disposition']
                assert urllib.parse.unquote(saved.split("filename*=UTF-8''")[1]) == 'été "1".jpg', saved
                print('fine')
                """
            #expect(try await Tool(python).output(["-c", script, bench.url(file), path]) == "fine\n")
        }
    }

    @Test(
        "ffmpeg finds its way in a film whose index comes last",
        .enabled(if: Tool.program("ffmpeg") != nil, "ffmpeg is not installed"), arguments: [0, 7, 9])
    func seek(second: Int) async throws {
        let folder = try TemporaryFolder("film")
        let film = folder.file("film.mp4")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=10:d=10", "-c:v", "libx264", "-preset", "ultrafast",
            "-qp", "5", "-g", "10", "-pix_fmt", "yuv420p", film,
        ])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: film))
        #expect(bytes.count > 1_000_000)
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let file = try await bench.add(bytes)
                func frame(of input: String) async throws -> String {
                    try await Tool("ffmpeg").output([
                        "-nostdin", "-loglevel", "error", "-ss", "\(second)", "-i", input, "-frames:v", "1", "-f", "md5", "-",
                    ])
                }
                #expect(try await frame(of: bench.url(file)) == frame(of: film))
            }
        }
    }
}
