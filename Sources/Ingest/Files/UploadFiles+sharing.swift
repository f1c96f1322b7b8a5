import Core
import Glibc

/// Files that other processes write to as well, perhaps on other machines.
extension UploadFiles {
    private static let pause = Duration.milliseconds(20)

    /// Opens the file of an upload, or makes it when there cannot be a byte in it yet.
    func open(_ upload: Upload) async throws -> UploadFile {
        try await pool.run { try openNow(upload) }
    }

    /// Waits until nobody else holds the file.
    /// - Throws: `Problem` 423 when its holder does not let go in time.
    func lock(_ file: UploadFile, within patience: Duration) async throws -> UploadFile {
        let deadline = ContinuousClock.now + patience
        while try await !pool.run({ try file.lock() }) {
            guard ContinuousClock.now < deadline else { throw TusMachine.locked }
            try await Task.sleep(for: Self.pause)
        }
        return file
    }

    /// Makes sure how many bytes of an open file are on the disk, as `reopen` does.
    func settle(_ file: UploadFile, _ upload: Upload) async throws -> (offset: Int64, isCut: Bool) {
        try await pool.run { try settleNow(file, upload) }
    }
}

extension UploadFile {
    /// `F_OFD_SETLK` of `fcntl(2)`, which is not imported: locks that belong to the open file and not to the process.
    private static let setOpenFileLock: Int32 = 37

    /// Locks the file for this open file and no other, here or in another process: until it is closed, also by the
    /// process's death.
    /// - Returns: false while somebody else holds it.
    func lock() throws -> Bool {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        if withDescriptor({ fcntl($0, Self.setOpenFileLock, &lock) }) == 0 { return true }
        guard errno == EAGAIN || errno == EACCES else { throw UploadFileError.last("lock") }
        return false
    }
}
