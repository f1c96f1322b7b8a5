import Core
import Foundation

/// Finds words that must not be said, however they are written: case, width and invisible characters do not matter.
///
/// Words are runs of letters, marks and digits. An entry of several words is found where they follow each other. Scripts that
/// leave no space between words have no such runs: their entries are found anywhere.
struct WordFilter: Sendable {
    /// Words that an entry can have.
    static let longestPhrase = 5

    /// Those that are found between spaces.
    private var phrases: Set<String> = []
    /// Those that are found anywhere.
    private var runs = WordTree()

    /// - Parameter entries: as `normalised` made them.
    init(_ entries: [String]) {
        for entry in entries {
            let scalars = Array(entry.unicodeScalars)
            if scalars.contains(where: \.needsNoSpace) {
                runs.insert(scalars)
            } else {
                phrases.insert(entry)
            }
        }
    }

    /// The entries as they are kept: folded, each once, in order; those without a word are left out.
    /// - Throws: `Problem` 422 for one of too many words.
    static func normalised(_ entries: [String]) throws -> [String] {
        var kept: Set<String> = []
        for (index, entry) in entries.enumerated() {
            let words = FoldedText.words(entry)
            guard words.count <= longestPhrase else {
                throw Problem.invalid("/words/\(index)", "An entry has at most \(longestPhrase) words.")
            }
            if !words.isEmpty { kept.insert(words.joined(separator: " ")) }
        }
        return kept.sorted()
    }

    /// Whether any entry is said.
    func refuses(_ text: FoldedText) -> Bool {
        if !phrases.isDisjoint(with: text.phrases) { return true }
        return text.scalars.indices.contains { runs.begins(text.scalars[$0...]) }
    }
}

/// Words by their beginnings: whether a text begins with one of them takes as many steps as the longest has scalars, however many
/// there are.
private struct WordTree: Sendable {
    private struct Node {
        var next: [Unicode.Scalar: Int] = [:]
        var isEnd = false
    }

    private var nodes = [Node()]

    mutating func insert(_ word: [Unicode.Scalar]) {
        var at = 0
        for scalar in word {
            if let known = nodes[at].next[scalar] {
                at = known
            } else {
                nodes.append(Node())
                nodes[at].next[scalar] = nodes.count - 1
                at = nodes.count - 1
            }
        }
        nodes[at].isEnd = true
    }

    /// Whether a text begins with a word.
    func begins(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        var at = 0
        for scalar in text {
            guard let next = nodes[at].next[scalar] else { return false }
            if nodes[next].isEnd { return true }
            at = next
        }
        return false
    }
}

/// A text as the filter looks at it: made once, outside of any transaction.
struct FoldedText: Sendable {
    /// All its words, a space between them.
    let scalars: [Unicode.Scalar]
    /// Every run of as many words as an entry can have.
    let phrases: Set<String>

    init(_ text: String) {
        let words = Self.words(text)
        scalars = Array(words.joined(separator: " ").unicodeScalars)
        var phrases: Set<String> = []
        for start in words.indices {
            var phrase = ""
            for word in words[start...].prefix(WordFilter.longestPhrase) {
                phrase += phrase.isEmpty ? word : " \(word)"
                phrases.insert(phrase)
            }
        }
        self.phrases = phrases
    }

    /// The words of a text in compatibility form and lower case.
    static func words(_ text: String) -> [String] {
        // Once more after the folding, which may have taken letters apart.
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased().precomposedStringWithCompatibilityMapping
        let seen = folded.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
        return seen.split { !$0.isOfWord }.map { String(String.UnicodeScalarView($0)) }
    }
}

extension Unicode.Scalar {
    fileprivate var isOfWord: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark,
            .enclosingMark, .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// Of a script that is written without spaces: Han, kana, Thai, Lao, Myanmar, Khmer.
    fileprivate var needsNoSpace: Bool {
        switch value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF,
            0x20000...0x3FFFF: true
        default: false
        }
    }
}
