import Core
import Testing

@Suite("Listings of archives")
struct ArchiveFileListTests {
    private func file(_ name: String, _ form: ArchivedFile.Form = .stored, crc32: UInt32? = 5) -> ArchivedFile {
        ArchivedFile(
            name: name, objectKey: .original(OriginalID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de001")!), size: 3,
            sha256: String(repeating: "0aF9", count: 16), crc32: crc32, modifiedAt: TestArchive.time, form: form)
    }

    @Test("give back what was put in, packed")
    func packed() {
        var listing = ArchiveListing(title: "One")
        for one in [file("a"), file("a", .placeless(crc32: 9))] { listing.append(one) }
        #expect(listing.count == 2 && listing.unknown.isEmpty)
        #expect(listing.objectKey(of: 1) == file("a").objectKey && listing.objectKey(of: 2) == nil)
        #expect(Array(listing.digest(of: 1)) == (0..<16).flatMap { _ in [0x0A, 0xF9] as [UInt8] })
        #expect(!listing.isPlaceless(0) && listing.isPlaceless(1))
        #expect(listing.layout.name(of: 1) == "a (2)" && listing.layout.crc32(of: 1) == 9 && listing.layout.crc32(of: 0) == 5)
        #expect(listing.footprint < 1000 && listing.isLaidOut(as: listing) && !listing.isLaidOut(as: ArchiveListing(title: "One")))
    }

    @Test("say whose checksums are unknown: of what is given, not of what lies there")
    func unknown() {
        var listing = ArchiveListing(title: "One")
        let files = [file("a"), file("b", crc32: nil), file("c", .placeless(crc32: nil)), file("d", .placeless(crc32: 1), crc32: nil)]
        for one in files { listing.append(one) }
        #expect(listing.unknown == [files[1], files[2]])
    }
}
