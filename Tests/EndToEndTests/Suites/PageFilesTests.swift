import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// The files of the web client, before any browser has seen them.
    struct PageFilesTests {
        private static let root = URL(fileURLWithPath: Place.webRoot)
        /// The forms that a language tells numbers apart by (Unicode CLDR, cardinal plurals of whole numbers).
        private static let languages = ["en": ["one", "other"], "zh": ["other"], "ru": ["few", "many", "one", "other"]]

        private static func files(_ kind: String) throws -> [String] {
            let all = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
            return all.filter { $0.hasSuffix(".\(kind)") }.sorted()
        }

        private static func text(_ path: String) throws -> String {
            try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        }

        /// A language's messages by their keys.
        private static func messages(_ language: String) throws -> [String: JSONValue] {
            var found: [String: JSONValue] = [:]
            for path in try files("json") where path.hasPrefix("messages/\(language)/") {
                guard case .object(let members) = try JSON.decode(JSONValue.self, from: try text(path)) else { continue }
                found.merge(members) { $1 }
            }
            return found
        }

        @Test(arguments: languages.keys.sorted())
        func `every message is there in each language, in the forms it needs, with the same values`(language: String) throws {
            let (english, own) = (try Self.messages("en"), try Self.messages(language))
            #expect(!english.isEmpty && Set(own.keys) == Set(english.keys), "\(Set(own.keys).symmetricDifference(english.keys).sorted())")
            for (key, message) in own {
                if case .object(let forms) = message { #expect(forms.keys.sorted() == Self.languages[language], "\(key)") }
                #expect(Self.values(message).isSubset(of: Self.values(english[key]).union(["count"])), "\(key)")
            }
        }

        private static func values(_ message: JSONValue?) -> Set<String> {
            let texts: [String] =
                switch message {
                case .string(let text)?: [text]
                case .object(let forms)?: forms.values.compactMap(\.stringValue)
                default: []
                }
            return Set(texts.flatMap { $0.matches(of: /\{(\w+)\}/).map { String($0.1) } })
        }

        @Test func `every message that a page asks for by name is there`() throws {
            let known = Set(try Self.messages("en").keys)
            for path in try Self.files("js") + Self.files("html") {
                let text = try Self.text(path)
                let asked = text.matches(of: /\bt\("([^"]+)"/).map { String($0.1) } + text.matches(of: /data-t[a-z-]*="([^"]+)"/).map { String($0.1) }
                let missing = Set(asked).subtracting(known)
                #expect(missing.isEmpty, "\(path): \(missing.sorted())")
            }
        }

        @Test func `nothing comes from anywhere else, and nothing is written into the page as markup`() throws {
            for path in try Self.files("js") + Self.files("html") + Self.files("css") {
                let text = try Self.text(path).replacing("http://www.w3.org/2000/svg", with: "")
                #expect(text.firstMatch(of: /(src|href|url\(|from|import)[^\n]{0,3}["'(]https?:/) == nil, "\(path)")
                for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                    #expect(!text.contains(word), "\(path): \(word)")
                }
                #expect(path.hasSuffix(".js") || text.firstMatch(of: /<script>|<style|\sstyle="|\son[a-z]+="/) == nil, "\(path)")
            }
        }

        @Test(arguments: ["/", "/gallery/ANNA26", "/desk"])
        func `what a page begins with is small, and all that it may come to need is there`(page: String) async throws {
            let first = try await Self.scripts(of: page, andLater: false)
            let bytes = first.values.reduce(0, +)
            #expect(!first.isEmpty && bytes < 60_000, "\(page) begins with \(bytes) bytes in \(first.count) scripts")
            _ = try await Self.scripts(of: page, andLater: true)
            // What is said to be fetched ahead is needed at once.
            let text = try await SharedServer.stage().ownerAPI.get(page).text
            let ahead = Set(text.matches(of: /rel="modulepreload" href="([^"]+)"/).map { String($0.1) })
            #expect(ahead.isSubset(of: first.keys), "\(ahead.subtracting(first.keys))")
        }

        /// Scripts that a page asks for, and their bytes as they are sent to a browser.
        private static func scripts(of page: String, andLater: Bool) async throws -> [String: Int] {
            let api = try await SharedServer.stage().ownerAPI.with(nil)
            var (known, open) = ([String: Int](), [page])
            while let path = open.popLast() {
                if known[path] != nil { continue }
                let answer = try await api.get(path, [("Accept-Encoding", "gzip")])
                try #require(answer.status == 200, "\(path)")
                // The client unpacks what comes, and leaves its length as it was.
                known[path] = answer["Content-Length"].flatMap { Int($0) }
                open += scripts(in: answer.text, of: path, andLater: andLater)
            }
            known[page] = nil
            return known
        }

        private static func scripts(in text: String, of path: String, andLater: Bool) -> [String] {
            let tags = text.matches(of: /src="([^"]+\.js)"/).map { String($0.1) }
            let first = text.matches(of: /(?:from |import )"([^"]+\.js)"/).map { String($0.1) }
            let later = andLater ? text.matches(of: /(?:import|later)\("([^"]+\.js)"/).map { String($0.1) } : []
            let imports = first + later
            let base = URL(string: "http://x\(path)")
            return (tags + imports).compactMap { URL(string: $0, relativeTo: base)?.path }
        }

        @Test(.enabled(if: Tool.program("node") != nil, "needs Node.js"))
        func `the parts without a page do what their own tables say`() async throws {
            let folder = Place.repository.appendingPathComponent("Tests/WebTests")
            let tests = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".test.mjs") }.sorted()
            try #require(!tests.isEmpty)
            _ = try await Tool("node").output(
                ["--experimental-default-type=module", "--test"] + tests.map { folder.appendingPathComponent($0).path })
        }
    }
}
