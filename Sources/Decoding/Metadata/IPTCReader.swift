import Core

/// Reads the older form of what a photographer wrote: IPTC's Information Interchange Model (version 4.2), within
/// Photoshop's image resources or bare.
enum IPTCReader {
    private static let signature = Array("Photoshop 3.0\0".utf8)
    /// Of image resource blocks.
    private static let blockSignature = Array("8BIM".utf8)
    private static let maximumCount = 2000

    /// - Returns: `nil` when there is nothing of it.
    static func read(_ block: [UInt8]) -> XMPReader.Content? {
        var content = XMPReader.Content()
        var keywords: [String] = []
        for (number, bytes) in dataSets(records(in: block)) {
            switch number {
            case 5: content.editorial.title = content.editorial.title ?? ExifText.clean(bytes)
            case 25 where keywords.count < MediaFacts.Editorial.maximumKeywords:
                if let keyword = ExifText.clean(bytes) { keywords.append(keyword) }
            case 80: content.creator = content.creator ?? ExifText.clean(bytes)
            case 116: content.rights = content.rights ?? ExifText.clean(bytes)
            case 120: content.editorial.caption = content.editorial.caption ?? ExifText.clean(bytes, limit: 2000)
            default: break
            }
        }
        if !keywords.isEmpty { content.editorial.keywords = keywords }
        return content == XMPReader.Content() ? nil : content
    }

    /// The records themselves: resource 0x0404 of Photoshop's, or all there is.
    private static func records(in block: [UInt8]) -> ArraySlice<UInt8> {
        var rest = block[...]
        if rest.starts(with: signature) { rest = rest.dropFirst(signature.count) }
        guard rest.starts(with: blockSignature) else { return rest }
        for _ in 0..<maximumCount {
            guard rest.starts(with: blockSignature), rest.count >= 12 else { return [] }
            let start = rest.startIndex
            let number = Int(rest[start + 4]) << 8 | Int(rest[start + 5])
            // A name, its length in front, and both together of even length.
            let name = (1 + Int(rest[start + 6]) + 1) & ~1
            guard rest.count >= 10 + name else { return [] }
            let length = rest[(start + 6 + name)..<(start + 10 + name)].reduce(0) { $0 << 8 | Int($1) }
            let data = rest.dropFirst(10 + name).prefix(length)
            if number == 0x0404 { return data }
            rest = rest.dropFirst(10 + name + length + length % 2)
        }
        return []
    }

    /// The data sets of the application record, number and value.
    private static func dataSets(_ records: ArraySlice<UInt8>) -> [(Int, ArraySlice<UInt8>)] {
        var sets: [(Int, ArraySlice<UInt8>)] = []
        var rest = records
        for _ in 0..<maximumCount {
            guard rest.count >= 5, rest.first == 0x1C else { break }
            let header = Array(rest.prefix(5))
            let length = Int(header[3]) << 8 | Int(header[4])
            // A set bit at the top announces a length of its own: none of these fields is as long.
            guard length < 0x8000, rest.count >= 5 + length else { break }
            if header[1] == 2 { sets.append((Int(header[2]), rest.dropFirst(5).prefix(length))) }
            rest = rest.dropFirst(5 + length)
        }
        return sets
    }
}
