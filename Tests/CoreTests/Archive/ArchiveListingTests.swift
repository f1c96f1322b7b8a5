import Core
import Testing

@Suite("Listings of archives")
struct ArchiveFileListTests {
    private func file(_ name: String, _ form: ArchivedFile.Form = .stored, crc32: UInt32? = 5) -> ArchivedFile {
        ArchivedFile(
            name: name, objectKey: .original(OriginalID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de001")!), size: 3,
            sha256: String(repeating: "0aF9", count: 16), crc32: crc32, modifiedAt: TestArchive.time, form: form)
    }

    private func listing(_ files: [ArchivedFile]) -> ArchiveListing {
        var builder = ArchiveListingBuilder(title: "One", revision: "1", tellsPlaces: true)
        for one in files { builder.append(one) }
        return builder.listing
    }

    @Test("give back what was put in, packed")
    func packed() {
        let listing = listing([file("a"), file("a", .placeless(crc32: 9)), file("b").asMissing])
        #expect(listing.count == 3 && listing.unknown.isEmpty && listing.revision == "1" && listing.tellsPlaces)
        #expect(listing.objectKey(of: 1) == file("a").objectKey && listing.objectKey(of: 3) == nil)
        #expect(Array(listing.digest(of: 1)) == (0..<16).flatMap { _ in [0x0A, 0xF9] as [UInt8] })
        #expect(Array(listing.digest(of: 2)) == [UInt8](repeating: 0, count: 32))
        #expect(!listing.isPlaceless(0) && listing.isPlaceless(1) && listing.isMissing(2) && !listing.isMissing(0))
        #expect(listing.layout.name(of: 1) == "a (2)" && listing.layout.crc32(of: 1) == 9 && listing.layout.crc32(of: 0) == 5)
        #expect(listing.layout.name(of: 2) == "b.missing.txt" && listing.layout.size(of: 2) == Int64(MissingNote.bytes.count))
        #expect(listing.isLaidOut(as: listing) && !listing.isLaidOut(as: ArchiveListingBuilder(title: "One").listing))
    }

    @Test("the note in place of a file has the checksum that archives give for it")
    func note() { #expect(PlacedFiles.checksum(MissingNote.bytes) == MissingNote.crc32) }

    @Test("say whose checksums are unknown: of what is given, not of what lies there; of many, some")
    func unknown() {
        let files = [file("a"), file("b", crc32: nil), file("c", .placeless(crc32: nil)), file("d", .placeless(crc32: 1), crc32: nil)]
        #expect(listing(files).unknown == [files[1], files[2]])
        let many = listing((0..<1200).map { file("\($0)", crc32: nil) })
        #expect(many.unknownCount == 1200 && many.unknown.map(\.name) == (0..<ArchiveListing.maximumUnknown).map(String.init))
    }

    @Test("give some of their objects from all over, none of which is missing", arguments: [0, 1, 31, 32, 33, 1000])
    func sample(_ count: Int) {
        let sample = listing((0..<count).map { file("\($0)") }).sample(32)
        #expect(sample.count <= 32 && sample.count >= min(count, 16))
        #expect(listing([file("a").asMissing, file("b"), file("c").asMissing]).sample(32) == [file("b").objectKey])
    }

    @Test("take up what their bytes take up, however many files there are", arguments: [1000, 10_000])
    func footprint(_ count: Int) {
        let files = (0..<count).map { file("IMG_\($0 + 100_000).JPG") }
        // 14 bytes of name, 46 of key, 32 of digest; the rest are numbers.
        #expect(listing(files).footprint <= count * (14 + 46 + 32 + 41) + 4 * 4096)
        let long = listing((0..<count).map { file(String(repeating: "n", count: 300) + "\($0).jpeg") })
        #expect(long.footprint <= count * (ArchiveListing.maximumFootprint / ArchiveSubject.maximumFiles))
    }
}
