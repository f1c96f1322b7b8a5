import Core
import Foundation
import Testing

@testable import Sessions

@Suite("Files made of lists")
struct SelectionExportTests {
    private static let clock = ManualClock()

    private func entry(_ filename: String, _ note: String = "", _ colour: Choice.Colour? = nil, rating: Int = 0) -> ChoiceStore.Listed {
        let now = Self.clock.now()
        let choice = Choice(
            photoID: PhotoID(at: now), note: note, colour: colour, rating: rating, person: .guest(GrantID(at: now)), personName: "Ann",
            chosenAt: now)
        return ChoiceStore.Listed(choice: choice, filename: filename, isShown: true)
    }

    @Test("names stand once each, with or without extension, between what was asked for", arguments: [
        ([:], "IMG_1.JPG,IMG_1.CR3,.hidden,a.b.jpg"), (["extension": "strip"], "IMG_1,.hidden,a.b"),
        (["separator": "newline", "extension": "strip"], "IMG_1\n.hidden\na.b"),
        (["separator": "space", "extension": "strip"], "IMG_1 .hidden a.b"),
        (["separator": "semicolon", "extension": "keep"], "IMG_1.JPG;IMG_1.CR3;.hidden;a.b.jpg"),
    ] as [([String: String], String)])
    func names(query: [String: String], expected: String) throws {
        let request = try ExportRequest(query)
        let list = NameList(["IMG_1.JPG", "IMG_1.CR3", ".hidden", "IMG_1.JPG", "a.b.jpg"], stripsExtensions: request.ending == .strip)
        #expect(list.text(request.separator) == expected)
    }

    @Test("what cannot be asked for is refused", arguments: [["format": "pdf"], ["separator": "tab"], ["extension": ""]])
    func queries(query: [String: String]) {
        #expect { try ExportRequest(query) } throws: { ($0 as? Problem)?.code == "bad_query" }
    }

    @Test("cells are quoted where they have to be, and none is a formula", arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), ("=a,\"b\"", "\"'=a,\"\"b\"\"\""), ("＝1", "'＝1"),
        ("a=b", "a=b"), ("", ""),
    ])
    func cells(text: String, expected: String) { #expect(ChoiceTable.cell(text) == expected) }

    @Test("a table has a header, and a record for each photo")
    func table() {
        let text = ChoiceTable([entry("a.jpg", "Crop", .red, rating: 4), entry("=b.jpg")]).text
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[3].isEmpty && lines[0] == "filename,note,colour,rating,chosenBy,chosenAt,shown,photoId")
        #expect(lines[1].hasPrefix("a.jpg,Crop,red,4,Ann,2026-") && lines[2].hasPrefix("'=b.jpg,,,,Ann,"))
    }

    @Test("a sidecar is well-formed whatever the note says, and has a star when nothing else was said")
    func sidecar() throws {
        let text = String(decoding: Sidecar(choice: entry("a.jpg", "<b> & \"c\"\n\u{1}\u{FFFE}]]>", .blue).choice).bytes, as: UTF8.self)
        #expect(text.contains("xmp:Rating=\"1\"") && text.contains("xmp:Label=\"Blue\""))
        #expect(text.contains("&lt;b&gt; &amp; \"c\"\n]]&gt;</rdf:li>"))
        let bare = String(decoding: Sidecar(choice: entry("a.jpg", rating: 5).choice).bytes, as: UTF8.self)
        #expect(bare.contains("xmp:Rating=\"5\"") && !bare.contains("Label") && !bare.contains("dc:description"))
    }

    @Test("the sidecars are a ZIP that others read, each name once")
    func archive() async throws {
        let archive = SidecarArchive([entry("a.jpg", "One"), entry("a.cr3", "Two"), entry("../b.jpg", "Ü")])
        let bytes = archive.pieces.reduce(into: []) { $0 += $1 }
        #expect(archive.length == Int64(bytes.count))
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else { return }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidecars-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("list.zip")
        try Data(bytes).write(to: file)
        let script = """
            import sys, zipfile, xml.dom.minidom
            z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
            for n in z.namelist(): xml.dom.minidom.parseString(z.read(n)); print(n)
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script, file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let names = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && names == "a.xmp\na (2).xmp\nb.xmp\n")
    }
}
