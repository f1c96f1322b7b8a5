import Checksums
import Core
import Crypto
import Foundation
import Glibc
import SystemPackage

/// Takes files from a decoder's folder into the object store.
struct RenditionIntake: Sendable {
    /// What only a decoder can be blamed for.
    enum Failure: Error { case cannotBeOpened(Errno), notARegularFile, notWhatWasAnnounced }

    var objects: any ObjectStore
    var files: FileQueue
    /// Where files are copied first: on the same file system as the object store, and out of the decoder's reach.
    var intakeFolder: String

    /// Hashes a decoded file and stores it.
    /// - Throws: `DecoderConversation.End.violation` when there is no such plain file, or it is not what its name says;
    ///   other errors when it cannot be copied or stored.
    func take(_ file: DecodedFile, named name: String, from folder: String, of claim: ClaimedJob) async throws -> Rendition {
        let copy = "\(intakeFolder)/\(claim.lease)-\(file.name.rawValue).\(file.format.fileExtension)"
        do {
            let headLength = file.format.isDocument ? MediaDocument.maximumLength : FileHead.length
            let content = try await files.run { try Content.copied(from: "\(folder)/\(name)", to: copy, headLength) }
            guard Self.isWhatWasAnnounced(file, content, of: claim) else { throw Failure.notWhatWasAnnounced }
            let key = Self.key(of: file, claim)
            // A `ready` row must never outlive its file in a power cut: nothing would make the file again.
            try await objects.adopt(copy, as: key, durable: true)
            return rendition(file, of: claim, content, key)
        } catch {
            try? await files.run { try FileManager.default.removeItem(atPath: copy) }
            throw error is Failure ? DecoderConversation.End.violation("a file that cannot be taken: \(error)") : error
        }
    }

    /// A document is read as a whole: what it speaks of is to be this film's, by the names that players find it under.
    private static func isWhatWasAnnounced(_ file: DecodedFile, _ content: Content, of claim: ClaimedJob) -> Bool {
        guard file.format.isDocument else {
            return content.head.begins(file.format, width: file.width, height: file.height)
        }
        guard content.size == content.head.bytes.count,
            let document = MediaDocument(content.head.bytes, file.name, file.format)
        else { return false }
        return document.file == document.rendition.name.file(recipe: claim.job.recipe.hash, document.rendition.format)
    }

    /// Where a decoded file lies. The claim is part of the name: a worker that has lost its own, and finds out too late,
    /// neither writes nor removes what a row of another's speaks of.
    private static func key(of file: DecodedFile, _ claim: ClaimedJob) -> ObjectKey {
        let digits = SHA256.hash(data: Data(claim.lease.utf8)).prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let recipe = "\(claim.job.recipe.hash)-\(digits.joined())"
        return .rendition(claim.job.originalID, file.name, recipe: recipe, format: file.format)
    }

    /// The original itself serves.
    func original(_ file: DecodedFile, at path: String, of claim: ClaimedJob) async throws -> Rendition {
        let known = claim.job.sha256
        let content = try await files.run { try Content(of: path, sha256: known) }
        return rendition(file, of: claim, content, claim.job.objectKey)
    }

    private func rendition(_ file: DecodedFile, of claim: ClaimedJob, _ content: Content, _ key: ObjectKey) -> Rendition {
        Rendition(
            originalID: claim.job.originalID, name: file.name, format: file.format, recipe: claim.job.recipe.hash,
            width: file.width, height: file.height, size: content.size, sha256: content.sha256,
            crc32: content.crc32, objectKey: key)
    }
}

/// What a file holds. Everything here blocks.
private struct Content: Sendable {
    /// Bytes.
    var size: Int64 = 0
    var sha256 = ""
    /// `nil` until all of it has been read.
    var crc32: UInt32?
    var head = FileHead(bytes: [])
    /// Bytes of it, at most.
    private var headLength = FileHead.length

    /// The content of an original, which nobody writes to.
    init(of path: String, sha256 known: String?) throws {
        let source = try Self.open(path)
        defer { try? source.descriptor.close() }
        if let known { (size, sha256) = (source.size, known) } else { try read(source, nil) }
    }

    private init(_ headLength: Int) { self.headLength = headLength }

    /// Copies a decoder's file and removes it.
    ///
    /// A decoder that was taken over may keep a file open, or mapped, and write to it wherever it has been moved: what is
    /// looked at is therefore the copy's bytes, on their way there, and no more of them than there are at the start.
    static func copied(from path: String, to copy: String, _ headLength: Int) throws -> Content {
        let source = try open(path)
        defer { try? source.descriptor.close() }
        let target = try FileDescriptor.open(
            FilePath(copy), .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        var content = Content(headLength)
        try target.closeAfter { try content.read(source, target) }
        // What stays behind goes with the folder it lies in.
        unlink(path)
        return content
    }

    private static func open(_ path: String) throws -> (descriptor: FileDescriptor, size: Int64) {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        } catch let error as Errno { throw RenditionIntake.Failure.cannotBeOpened(error) }
        var status = Glibc.stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try descriptor.close()
            throw RenditionIntake.Failure.notARegularFile
        }
        return (descriptor, Int64(status.st_size))
    }

    private mutating func read(_ source: (descriptor: FileDescriptor, size: Int64), _ target: FileDescriptor?) throws {
        var (hash, checksum): (SHA256, UInt32) = (SHA256(), 0)
        let length = Int(max(1, min(source.size, Int64(MediaDocument.maximumLength))))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
        defer { buffer.deallocate() }
        while size < source.size {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(Int64(length), source.size - size))])
            let count = try source.descriptor.read(into: wanted)
            guard count > 0 else { break }
            let bytes = UnsafeRawBufferPointer(rebasing: wanted[..<count])
            if size == 0 { head = FileHead(bytes: Array(bytes.prefix(headLength))) }
            hash.update(bufferPointer: bytes)
            checksum = CRC32.update(checksum, bytes)
            _ = try target?.writeAll(bytes)
            size += Int64(count)
        }
        crc32 = checksum
        sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
