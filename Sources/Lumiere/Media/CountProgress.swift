import Core

/// How many of some things have been dealt with.
struct CountProgress: ShownProgress, Equatable {
    /// In the plural.
    let noun: String
    /// As far as is known.
    var total: Int
    var done = 0
    /// Of those dealt with, how many are not as they should be, and what that is called.
    var faults = 0
    var faultNoun = "failed"

    init(_ noun: String, total: Int, faultNoun: String = "failed") {
        self.noun = noun
        self.total = total
        self.faultNoun = faultNoun
    }

    var fraction: Double { total == 0 ? 1 : min(1, Double(done) / Double(total)) }

    func line(after elapsed: Duration) -> String {
        var parts = ["\(Int(fraction * 100))%", "\(done) of \(max(done, total)) \(noun)"]
        if faults > 0 { parts.append("\(faults) \(faultNoun)") }
        let seconds = Double(elapsed.milliseconds) / 1000
        if seconds >= 1, done > 0, done < total {
            let left = Double(total - done) * seconds / Double(done)
            parts.append("\(Self.clock(seconds: Int64(min(left, 1e9)))) left")
        }
        return parts.joined(separator: ", ")
    }
}
