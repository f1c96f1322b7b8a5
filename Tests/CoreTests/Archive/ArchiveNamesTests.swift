import Testing

@testable import Core

@Suite("Names in archives")
struct ArchiveNamesTests {
    @Test(
        "are safe wherever they are unpacked",
        arguments: [
            ("IMG_0001.JPG", "IMG_0001.JPG"), ("été 1.jpg", "été 1.jpg"), ("写真.jpg", "写真.jpg"), ("", "file"), ("..", "file"),
            (".", "file"), ("/etc/passwd", "passwd"), ("../../up.jpg", "up.jpg"), ("C:\\temp\\a.jpg", "a.jpg"), ("a:b?.jpg", "a_b_.jpg"),
            ("a\u{0}b\n.jpg", "ab.jpg"), ("con.jpg", "_con.jpg"), ("LPT1", "_LPT1"), ("trailing. . ", "trailing"),
            ("\u{202E}gpj.exe", "gpj.exe"), ("a\"<b>|*.jpg", "a__b___.jpg"), ("\u{200D}", "file"),
        ])
    func safe(_ wanted: String, _ expected: String) {
        var names = ArchiveNames()
        #expect(names.add(wanted) == expected)
    }

    @Test("are told apart where only case or accents' composition differ, by numbers that depend on what came before alone")
    func unique() {
        var names = ArchiveNames()
        let wanted = [
            "a.jpg", "A.JPG", "a.jpg", "a (2).jpg", "a (4).jpg", "a.jpg", "\u{E9}.jpg", "e\u{301}.jpg", "stra\u{DF}e", "STRASSE", ".x", ".X",
        ]
        #expect(
            wanted.map { names.add($0) } == [
                "a.jpg", "A (2).JPG", "a (3).jpg", "a (2) (2).jpg", "a (4).jpg", "a (5).jpg", "\u{E9}.jpg", "e\u{301} (2).jpg",
                "stra\u{DF}e", "STRASSE (2)", ".x", ".X (2)",
            ])
    }

    @Test("stay short, keep their extension, and hundreds of the same are numbered quickly")
    func many() {
        var names = ArchiveNames()
        let long = String(repeating: "é", count: 300) + ".jpeg"
        let given = (0..<500).map { _ in names.add(long) }
        #expect(given.allSatisfy { $0.utf8.count <= 215 && $0.hasSuffix(".jpeg") })
        #expect(Set(given).count == given.count && given[499].hasSuffix(" (500).jpeg"))
    }
}
