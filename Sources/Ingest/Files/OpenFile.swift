import Core

/// The file of one upload. On a shared disk it is locked for as long as this lives, or the process.
struct OpenFile: OpenUpload {
    let bytes: LocalBytes
    let file: UploadFile
    /// Whether this process has seen every byte so far, so that to hash behind the writer saves reading all again; not of a
    /// partial upload, whose digest nobody asks for.
    let isFollowed: Bool

    func sink(for upload: Upload, _ ports: SinkPorts) async throws -> any UploadSink {
        if ports.isProvisional { try await bytes.makeProvisional(upload, isFollowed: isFollowed) }
        return UploadWriter(
            upload, file: file,
            ports: WriterPorts(
                files: bytes.files, follower: isFollowed ? bytes.follower : nil,
                sync: { try await bytes.sync($0, of: upload.id) }, requireRoom: { try await bytes.requireReserve() },
                record: { ports.isProvisional ? true : try await ports.record(UploadMark(offset: $0)) }, arrived: ports.arrived,
                isTold: ports.isTold))
    }
}
