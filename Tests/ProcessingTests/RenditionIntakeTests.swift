import Core
import Foundation
import Glibc
import ObjectStore
import Testing

@testable import Processing

@Suite struct RenditionIntakeTests {
    private static let jpeg = Data([0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 9, 0, 16, 1, 1, 0x11, 0])
    private static let thumb = DecodedFile(name: .thumb, format: .jpeg, file: "thumb.jpg", width: 16, height: 9)

    private let house: TestHouse
    private let intake: RenditionIntake
    private let claim: ClaimedJob

    init() async throws {
        house = try await TestHouse()
        for name in ["work", "intake"] {
            try FileManager.default.createDirectory(atPath: "\(house.folder.path)/\(name)", withIntermediateDirectories: false)
        }
        intake = RenditionIntake(objects: house.objects, files: FileQueue("test"), intakeFolder: house.folder.path + "/intake")
        try await house.enqueue()
        claim = try #require(try await house.claim())
    }

    private var work: String { house.folder.path + "/work" }
    private var path: String { work + "/thumb.jpg" }

    private func take(_ lease: String = "lease") async throws -> Rendition {
        var claim = claim
        claim.lease = lease
        return try await intake.take(Self.thumb, named: "thumb.jpg", from: work, of: claim)
    }

    private func stored(_ rendition: Rendition) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: try #require(house.objects.localPath(of: rendition.objectKey))))
    }

    @Test func `a decoder that still has its file open and mapped cannot change what was taken`() async throws {
        // Longer than the buffer it is copied with.
        let content = Self.jpeg + Data(repeating: 7, count: 1 << 20)
        try content.write(to: URL(fileURLWithPath: path))
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        let mapping = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
        defer { munmap(mapping, 4096) }
        let rendition = try await take()
        let page = Array("<script>".utf8)
        #expect(pwrite(descriptor, page, page.count, 0) == page.count)
        mapping.copyMemory(from: page, byteCount: page.count)
        #expect(try stored(rendition) == content)
        #expect(rendition.size == Int64(content.count))
        #expect(house.folder.contents(of: "work") == [] && house.folder.contents(of: "intake") == [])
    }

    @Test func `what comes too late is kept apart, the same bytes too`() async throws {
        let content = Self.jpeg + Data("winner".utf8)
        var taken: [Rendition] = []
        for lease in ["late", "lease"] {
            try content.write(to: URL(fileURLWithPath: path))
            taken.append(try await take(lease))
        }
        #expect(taken[0].objectKey != taken[1].objectKey)
        #expect(try stored(taken[0]) == content && stored(taken[1]) == content)
    }

    @Test func `a copy that cannot be made is not the decoder's fault`() async throws {
        try Self.jpeg.write(to: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: intake.intakeFolder)
        await #expect { try await take() } throws: { !($0 is DecoderConversation.End) }
    }

    @Test func `what is taken is hashed`() async throws {
        try Self.jpeg.write(to: URL(fileURLWithPath: path))
        let rendition = try await take()
        #expect(try stored(rendition) == Self.jpeg)
        // printf '\xff\xd8\xff\xc0\x00\x0b\x08\x00\x09\x00\x10\x01\x01\x11\x00' | sha256sum
        #expect(rendition.sha256 == "8c6eb9836bcd5fb861d622633fc597bab7d48732543ab67aa89ec5fdb0809f8e")
    }

    @Test(arguments: ["nothing", "a link", "a pipe", "a folder", "a page", "an empty file"])
    func `anything but the announced file is refused`(kind: String) async throws {
        switch kind {
        case "a link":
            try Self.jpeg.write(to: URL(fileURLWithPath: work + "/real.jpg"))
            #expect(symlink(work + "/real.jpg", path) == 0)
        case "a pipe": #expect(mkfifo(path, 0o600) == 0)
        case "a folder": #expect(mkdir(path, 0o700) == 0)
        case "a page": try Data("<html>".utf8).write(to: URL(fileURLWithPath: path))
        case "an empty file": try Data().write(to: URL(fileURLWithPath: path))
        default: break
        }
        await #expect(throws: DecoderConversation.End.self) { try await take() }
        #expect(house.folder.contents(of: "intake") == [])
    }

    private func takePlaylist(_ text: String) async throws -> Rendition {
        let file = DecodedFile(name: .segments, format: .m3u8, file: "segments.m3u8", width: 16, height: 9)
        try Data(text.utf8).write(to: URL(fileURLWithPath: work + "/segments.m3u8"))
        return try await intake.take(file, named: "segments.m3u8", from: work, of: claim)
    }

    private func playlist(_ file: String) -> String {
        SegmentPlaylist(
            file: file, initialization: 10,
            segments: Array(repeating: .init(duration: 6000, length: 10_000_000), count: SegmentPlaylist.maximumCount)
        ).text()
    }

    @Test func `a playlist is taken that speaks of this film's segments`() async throws {
        let text = playlist("segments-\(claim.job.recipe.hash).mp4")
        #expect(try stored(try await takePlaylist(text)) == Data(text.utf8))
    }

    @Test(arguments: ["segments-0123456789ab.mp4", "sprite-{recipe}.jpg", "original"])
    func `a playlist that speaks of anything else is refused`(file: String) async throws {
        let name = file.replacing("{recipe}", with: claim.job.recipe.hash)
        await #expect(throws: DecoderConversation.End.self) { try await takePlaylist(playlist(name)) }
    }

    @Test func `a playlist of which not all can be looked at is refused`() async throws {
        let text = playlist("segments-\(claim.job.recipe.hash).mp4")
        for more in [String(repeating: "\n", count: 300_000), "https://example.org/\n"] {
            await #expect(throws: DecoderConversation.End.self) { try await takePlaylist(text + more) }
        }
    }
}
