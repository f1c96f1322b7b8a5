import Core
import Logging

/// What every attempt needs of the rest of the house.
struct ProcessingHouse: Sendable {
    var configuration: ProcessingConfiguration
    var database: any Database
    var objects: any ObjectStore
    var jobs: JobStore
    var renditions: RenditionStore
    var listener: any ProcessingListener
    /// Where the pictures of watermarks are; `nil` where no recipe has any.
    var pictures: (any WatermarkPictures)?
    let trust = DecoderTrust()
    var metrics = ProcessingMetrics()
    var logger: Logger
}
