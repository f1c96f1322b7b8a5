/// Finds the properties of an XMP packet that tell coordinates or name a place: those whose name begins like
/// `exif:GPSLatitude`, `drone-dji:Latitude`, `photoshop:City` or `Iptc4xmpExt:LocationShown`, in capitals or not.
enum XMPPlaces {
    private static let words = [
        "gps", "latitude", "longitude", "city", "state", "country", "location", "sublocation", "shotlocation", "provincestate",
        "worldregion",
    ].map { Array($0.utf8) }
    /// Those that are the whole of a name, e.g. `geo:lat`: others merely begin like them.
    private static let wholes = ["lat", "long", "lon", "lng", "lat_long"].map { Array($0.utf8) }

    /// - Returns: parts of the packet; with spaces in their place, it stays well-formed.
    static func find(in packet: [UInt8]) -> [Range<Int>] {
        // In UTF-16 or UTF-32, names do not look like that.
        if packet.prefix(64).contains(0) { return [packet.indices] }
        var (parts, index): ([Range<Int>], Int) = ([], 0)
        while let name = nextName(in: packet, from: index) {
            index = name + 3
            guard let start = startOfName(before: name, in: packet) else { continue }
            let end = start > 0 && packet[start - 1] == UInt8(ascii: "<")
                ? endOfElement(named: start, in: packet) : endOfAttribute(named: start, in: packet)
            guard let end else { continue }
            let first = packet[max(0, start - 1)] == UInt8(ascii: "<") ? start - 1 : start
            parts.append(first..<end)
            index = max(index, end)
        }
        return parts
    }

    /// Where a qualified name begins whose local part is at `index`; `nil` when no local part begins there.
    private static func startOfName(before index: Int, in packet: [UInt8]) -> Int? {
        guard index > 0 else { return nil }
        if isBoundary(packet[index - 1]) { return index }
        guard packet[index - 1] == UInt8(ascii: ":") else { return nil }
        var start = index - 1
        while start > 0, index - start < 64, !isBoundary(packet[start - 1]) { start -= 1 }
        return start > 0 && isBoundary(packet[start - 1]) ? start : nil
    }

    private static func isBoundary(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "<") || isSpace(byte) }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    /// Behind the end tag, or the packet's end when there is none.
    private static func endOfElement(named start: Int, in packet: [UInt8]) -> Int {
        let name = packet[start...].prefix { !isSpace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }
        guard let close = packet[start...].firstIndex(of: UInt8(ascii: ">")) else { return packet.count }
        // An end without a beginning has no name here.
        if packet[close - 1] == UInt8(ascii: "/") || name.isEmpty { return close + 1 }
        let tag = Array("</".utf8) + name
        guard let end = next(tag, in: packet, from: close),
            let last = packet[end...].firstIndex(of: UInt8(ascii: ">"))
        else { return packet.count }
        return last + 1
    }

    /// Behind the closing quote, or the packet's end when there is none; `nil` when no value follows the name.
    private static func endOfAttribute(named start: Int, in packet: [UInt8]) -> Int? {
        var index = start
        while index < packet.count, !isSpace(packet[index]), packet[index] != UInt8(ascii: "=") { index += 1 }
        while index < packet.count, isSpace(packet[index]) { index += 1 }
        guard index < packet.count, packet[index] == UInt8(ascii: "=") else { return nil }
        index += 1
        while index < packet.count, isSpace(packet[index]) { index += 1 }
        guard index < packet.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(packet[index]) else { return nil }
        return (packet[(index + 1)...].firstIndex(of: packet[index]) ?? packet.count - 1) + 1
    }

    /// The next of the words, whatever its case, at the beginning of a name.
    private static func nextName(in packet: [UInt8], from index: Int) -> Int? {
        (index..<max(index, packet.count)).first { start in
            guard start > 0, packet[start - 1] == UInt8(ascii: ":") || isBoundary(packet[start - 1]) else { return false }
            return words.contains { has($0, at: start, in: packet) }
                || wholes.contains { has($0, at: start, in: packet) && isEnd(start + $0.count, in: packet) }
        }
    }

    private static func has(_ word: [UInt8], at start: Int, in packet: [UInt8]) -> Bool {
        start + word.count <= packet.count
            && word.indices.allSatisfy { packet[start + $0] == word[$0] || packet[start + $0] | 0x20 == word[$0] }
    }

    /// Whether a name ends there.
    private static func isEnd(_ index: Int, in packet: [UInt8]) -> Bool {
        index < packet.count && (isSpace(packet[index]) || "=>/".utf8.contains(packet[index]))
    }

    private static func next(_ word: [UInt8], in packet: [UInt8], from index: Int) -> Int? {
        var index = index
        while let start = packet[min(index, packet.count)...].firstIndex(of: word[0]) {
            if packet[start...].starts(with: word) { return start }
            index = start + 1
        }
        return nil
    }
}
