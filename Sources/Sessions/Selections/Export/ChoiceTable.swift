import Core

/// What is on a list as comma-separated values (RFC 4180), whose cells no spreadsheet takes for formulas.
struct ChoiceTable: Sendable {
    private static let header = ["filename", "note", "colour", "rating", "chosenBy", "chosenAt", "shown", "photoId"]

    let rows: [[String]]

    init(_ entries: [ChoiceStore.Listed], stripsExtensions: Bool = false) {
        rows = entries.map { entry in
            let choice = entry.choice
            return [
                stripsExtensions ? entry.filename.withoutExtension : entry.filename, choice.note, choice.colour?.rawValue ?? "",
                choice.rating > 0 ? String(choice.rating) : "", choice.personName, choice.chosenAt.description,
                entry.isShown ? "yes" : "no", choice.photoID.description,
            ]
        }
    }

    /// Records end with CR and LF.
    var text: String { ([Self.header] + rows).map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined() }

    /// Quoted where it has to be (section 2), and with an apostrophe before what a spreadsheet would carry out.
    static func cell(_ text: String) -> String {
        let harmless = text.unicodeScalars.first.map(startsFormula) == true ? "'" + text : text
        guard harmless.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return harmless }
        return "\"" + harmless.replacing("\"", with: "\"\"") + "\""
    }

    /// With their full-width forms, which some programs read alike.
    private static func startsFormula(_ scalar: Unicode.Scalar) -> Bool {
        "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(scalar)
    }
}
