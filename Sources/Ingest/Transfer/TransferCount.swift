import Core

/// How many transfers run, in all and of each uploader, and whether one more may.
struct TransferCount: Sendable {
    let limit: Int
    let limitPerUploader: Int
    private var total = 0
    private var running: [Uploader: Int] = [:]

    init(limit: Int, limitPerUploader: Int) {
        self.limit = limit
        self.limitPerUploader = limitPerUploader
    }

    /// - Throws: `Problem` 503 when the house has too many, 429 when the uploader has.
    mutating func begin(_ uploader: Uploader) throws(Problem) {
        guard total < limit else {
            throw Problem.unavailable("too_many_transfers", "Too many files are arriving; try again shortly.", retryAfter: 2)
        }
        let count = running[uploader, default: 0]
        guard count < limitPerUploader else {
            throw Problem.tooManyUploads("At most \(limitPerUploader) of your files can arrive at once.", retryAfter: 2)
        }
        running[uploader] = count + 1
        total += 1
    }

    /// One that had begun is over.
    mutating func end(_ uploader: Uploader) {
        let count = running[uploader, default: 0]
        running[uploader] = count > 1 ? count - 1 : nil
        total -= 1
    }
}

extension Problem {
    /// 429: one uploader has too much under way; `after` goes into `Retry-After`.
    static func tooManyUploads(_ detail: String, retryAfter seconds: Int) -> Problem {
        Problem(429, "too_many_uploads", detail, headers: ["Retry-After": String(seconds)])
    }
}
