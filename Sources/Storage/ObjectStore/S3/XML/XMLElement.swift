/// A parsed element: what S3's answers need of XML, and no more.
struct XMLElement: Sendable, Equatable {
    /// Without its namespace prefix.
    var name: String
    var text = ""
    var children: [XMLElement] = []

    /// The first child of that name.
    func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first child of that name.
    subscript(_ name: String) -> String? { child(name)?.text }

    /// All children of that name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// What escapes text inside an element.
enum XMLText {
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
