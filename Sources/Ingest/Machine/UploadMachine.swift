import Core

/// What a request brings to an upload, in the words of no dialect.
struct UploadStep: Sendable, Equatable {
    /// Where its bytes go; 0 for a new upload.
    var offset: Int64 = 0
    /// The upload's total length, if the request says it outright.
    var length: Int64?
    /// Bytes the request brings; `nil` when it does not say.
    var content: Int64?
    /// The end of the request is the end of the upload.
    var ends = false
}

/// Why a step cannot be taken, in the words of no dialect.
enum UploadFault: Error, Sendable, Equatable {
    /// The upload takes no further part.
    case gone
    case offset(expected: Int64, given: Int64)
    /// The length is known already, or smaller than what has arrived, or said twice and differently.
    case inconsistentLength
    /// More bytes are announced than the length leaves room for.
    case excess
    /// The length, or what is announced without one, is beyond the largest file.
    case tooLarge
}

/// The rules that every dialect shares, of creation, append, length and completion: pure. A dialect reads a request's
/// headers, asks here, and puts the answer into its own words.
struct UploadMachine: Sendable, Equatable {
    /// Bytes of the largest file.
    let maxSize: Int64

    /// A request that creates an upload.
    /// - Returns: the total length, if it can be known.
    func opening(_ step: UploadStep) throws(UploadFault) -> Int64? {
        let length = try length(step, known: nil, offset: 0)
        try checkRoom(for: step, in: length)
        return length
    }

    /// A request that adds to an upload, whose offset is certain.
    func append(_ step: UploadStep, to upload: Upload, at now: Timestamp) throws(UploadFault) -> UploadAppend {
        if upload.isGone(at: now) { throw .gone }
        guard step.offset == upload.offset else { throw .offset(expected: upload.offset, given: step.offset) }
        let length = try length(step, known: upload.length, offset: upload.offset)
        try checkRoom(for: step, in: length)
        return UploadAppend(
            offset: step.offset, newLength: upload.length == nil ? length : nil, room: (length ?? maxSize) - step.offset,
            expected: step.content)
    }

    /// The total length by all that is said about it, which must agree.
    func length(_ step: UploadStep, known: Int64?, offset: Int64) throws(UploadFault) -> Int64? {
        let sum = step.ends ? step.content.map { step.offset.addingReportingOverflow($0) } : nil
        if sum?.overflow == true { throw .tooLarge }
        let said = [known, step.length, sum?.partialValue].compactMap(\.self)
        guard let length = said.first else { return nil }
        guard said.allSatisfy({ $0 == length }), length >= offset else { throw .inconsistentLength }
        guard length <= maxSize else { throw .tooLarge }
        return length
    }

    private func checkRoom(for step: UploadStep, in length: Int64?) throws(UploadFault) {
        guard let content = step.content, content > (length ?? maxSize) - step.offset else { return }
        throw length == nil ? .tooLarge : .excess
    }
}
