import ObjectStore
import Processing

extension Settings {
    /// Where the house keeps its files.
    var objectStoreKind: ObjectStoreKind { storage.s3 == nil ? .disk : .s3 }

    /// Opens a store; S3 is not spoken to yet.
    /// - Throws: `SettingsError` when S3 is not configured; whatever keeps its folder from being made.
    func objectStore(_ kind: ObjectStoreKind) throws -> any StreamingObjectStore {
        switch kind {
        case .disk: return try DiskObjectStore(root: objectsFolder)
        case .s3:
            guard let s3 = storage.s3 else { throw SettingsError(faults: ["s3.endpoint is not set."]) }
            return try S3ObjectStore(s3)
        }
    }

    /// What Processing is told.
    var processing: ProcessingConfiguration {
        var configuration = ProcessingConfiguration(
            decoderPath: decoderPath, scratchFolder: scratchFolder, decoders: decoders)
        configuration.expressDecoders = expressDecoders
        configuration.filmEncoding = filmEncoding
        configuration.filmTimeLimit = .seconds(filmHours * 3600)
        return configuration
    }

    /// What previews are made with.
    var previews: ProcessingConfiguration {
        ProcessingConfiguration(decoderPath: decoderPath, scratchFolder: previewFolder, decoders: 1)
    }
}
