import Core
import Foundation

/// The routes as a page for people: plain HTML, nothing from elsewhere.
enum DocumentPage {
    static func html(_ routes: [Route], title: String, version: String) -> String {
        let tags = Dictionary(grouping: routes, by: \.tag).sorted { $0.key < $1.key }
        let links = tags.map { tag, _ in "<a href=\"#\(escaped(tag))\">\(escaped(tag))</a>" }.joined(separator: "\n")
        let sections = tags.map(section).joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title)) API</title>
            <link rel="stylesheet" href="/docs/style.css">
            </head>
            <body>
            <header>
            <h1>\(escaped(title)) API <small>\(escaped(version))</small></h1>
            <p>Errors are <code>application/problem+json</code> with a stable <code>code</code>. Machines read
            <a href="/openapi.json">/openapi.json</a>.</p>
            <nav>
            \(links)
            </nav>
            </header>
            <main>
            \(sections)
            </main>
            </body>
            </html>

            """
    }

    private static func section(_ tag: String, _ routes: [Route]) -> String {
        """
        <section id="\(escaped(tag))">
        <h2>\(escaped(tag))</h2>
        \(routes.map(article).joined(separator: "\n"))
        </section>
        """
    }

    private static func article(_ route: Route) -> String {
        let method = route.method.rawValue
        return """
            <details>
            <summary><b class="\(method.lowercased())">\(method)</b> <code>\(escaped(route.path))</code>
            <span>\(escaped(route.summary))</span></summary>
            <p>Requires \(escaped(route.action.requirement.text)).</p>
            \(query(route))\(body(route))\(output(route))\(problems(route))
            </details>
            """
    }

    private static func query(_ route: Route) -> String {
        if route.query.isEmpty { return "" }
        let rows = route.query.map { "<dt><code>\(escaped($0.name))</code></dt><dd>\(escaped($0.about))</dd>" }
        return "<h3>Query</h3><dl>\(rows.joined())</dl>"
    }

    private static func body(_ route: Route) -> String {
        switch route.body {
        case .none: ""
        case .json(let schema): "<h3>Body</h3>\(code(schema))"
        case .optionalJSON(let schema): "<h3>Body, optional</h3>\(code(schema))"
        case .stream(let type): "<h3>Body</h3><p><code>\(escaped(type))</code></p>"
        }
    }

    private static func output(_ route: Route) -> String {
        switch route.output {
        case .json(let status, let schema): "<h3>Answer \(status.code)</h3>\(code(schema))"
        case .empty(let status): "<h3>Answer \(status.code)</h3><p>No body.</p>"
        case .bytes(let status, let type): "<h3>Answer \(status.code)</h3><p><code>\(escaped(type))</code></p>"
        }
    }

    private static func problems(_ route: Route) -> String {
        let rows = route.problems.sorted { $0.key < $1.key }.map { status, codes in
            "<dt>\(status)</dt><dd>\(codes.sorted().map { "<code>\(escaped($0))</code>" }.joined(separator: " "))</dd>"
        }
        return "<h3>Problems</h3><dl>\(rows.joined())</dl>"
    }

    private static func code(_ schema: Schema) -> String { "<pre>\(escaped(schema.outline()))</pre>" }

    static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }

    static let style = """
        :root { color-scheme: light dark; --line: #8884; --soft: #8881; font: 16px/1.5 system-ui, sans-serif; }
        body { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
        nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
        h1 small { font-weight: normal; opacity: .6; }
        h3 { margin: 1rem 0 .25rem; font-size: .9rem; text-transform: uppercase; letter-spacing: .05em; opacity: .7; }
        details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .25rem .75rem; }
        summary { cursor: pointer; padding: .25rem 0; }
        summary b { display: inline-block; min-width: 4.5rem; font-family: ui-monospace, monospace; }
        summary span { opacity: .7; margin-left: .5rem; }
        b.get, b.head { color: #1d7f4f; } b.post { color: #b35c00; } b.put, b.patch { color: #2456c9; } b.delete { color: #c02b2b; }
        code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
        pre { background: var(--soft); border-radius: .25rem; padding: .75rem; overflow: auto; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
        dd { margin: 0; }

        """
}

extension Schema {
    /// The shape in a few lines, for reading.
    func outline(indent: String = "") -> String {
        switch self {
        case .any: "any"
        case .boolean: "true or false"
        case .integer: "whole number"
        case .number: "number"
        case .string: "text"
        case .formatted(let format): format.rawValue
        case .oneOf(let choices): choices.joined(separator: " | ")
        case .array(let element, _): "list of " + element.outline(indent: indent)
        case .dictionary(let element): "names to " + element.outline(indent: indent)
        case .nullable(let inner): inner.outline(indent: indent) + " or null"
        case .object(let fields):
            "{\n" + fields.map { $0.outline(indent: indent + "  ") }.joined() + indent + "}"
        }
    }
}

extension Schema.Field {
    fileprivate func outline(indent: String) -> String {
        let remark = about.isEmpty ? "" : "  (\(about))"
        return "\(indent)\(name)\(isRequired ? "" : "?"): \(schema.outline(indent: indent))\(remark)\n"
    }
}
