import Core
import Crypto
import Foundation
import SystemPackage

/// Takes files from a decoder's folder into the object store.
struct RenditionIntake: Sendable {
    enum Failure: Error { case notARegularFile, notWhatWasAnnounced }

    var objects: any ObjectStore
    var files: FileQueue
    /// Where files are moved first: on the same file system, and out of the decoder's reach, so that what was looked
    /// at is what is stored.
    var intakeFolder: String

    /// Hashes a decoded file and stores it.
    /// - Throws: `DecoderConversation.End.violation` when there is no such plain file, or it is not what its name says.
    func take(_ file: DecodedFile, named name: String, from folder: String, of claim: ClaimedJob) async throws -> Rendition {
        let moved = "\(intakeFolder)/\(claim.lease)-\(file.name.rawValue).\(file.format.fileExtension)"
        let key = ObjectKey.rendition(
            claim.job.originalID, file.name, recipe: claim.job.recipe.hash, format: file.format)
        let content: Content
        do {
            content = try await files.run {
                try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: moved)
                let content = try Content(of: moved)
                guard content.head.begins(file.format, width: file.width, height: file.height) else {
                    throw Failure.notWhatWasAnnounced
                }
                return content
            }
        } catch {
            try? await files.run { try FileManager.default.removeItem(atPath: moved) }
            throw DecoderConversation.End.violation("a file that cannot be taken: \(error)")
        }
        // A `ready` row must never outlive its file in a power cut: nothing would make the file again.
        try await objects.adopt(moved, as: key, durable: true)
        return rendition(file, of: claim, content, key)
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
            width: file.width, height: file.height, size: content.size, sha256: content.sha256, objectKey: key)
    }

    /// What a file holds. Blocks.
    private struct Content: Sendable {
        /// Bytes.
        var size: Int64 = 0
        var sha256: String
        var head = FileHead(bytes: [])

        init(of path: String, sha256 known: String? = nil) throws {
            let descriptor = try FileDescriptor.open(
                FilePath(path), .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
            defer { try? descriptor.close() }
            guard try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeRegular else {
                throw Failure.notARegularFile
            }
            if let known {
                self.size = try descriptor.seek(offset: 0, from: .end)
                self.sha256 = known
                return
            }
            var hash = SHA256()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
            defer { buffer.deallocate() }
            while case let count = try descriptor.read(into: buffer), count > 0 {
                if size == 0 { head = FileHead(bytes: Array(buffer.prefix(min(count, FileHead.length)))) }
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                size += Int64(count)
            }
            self.sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
