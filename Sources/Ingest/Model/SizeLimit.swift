import Core

/// The largest file that an upload may become: the house's, or that of its type if that is smaller.
struct SizeLimit: Sendable, Equatable {
    let bytes: Int64
    /// What is said to a larger one.
    let refusal: Problem

    /// - Parameter maxSize: bytes of the house's largest file.
    init(of declaration: UploadDeclaration, maxSize: Int64, _ admission: any UploadAdmission) {
        if let ofType = admission.sizeLimit(of: declaration), ofType < maxSize {
            self.bytes = ofType
            self.refusal = .fileTooLarge(forType: ofType)
        } else {
            self.bytes = maxSize
            self.refusal = TusMachine.tooLarge(maxSize)
        }
    }

    /// - Throws: `Problem` 413.
    func require(_ length: Int64) throws(Problem) {
        if length > bytes { throw refusal }
    }
}
