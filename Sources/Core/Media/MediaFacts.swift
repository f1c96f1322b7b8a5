/// What a file turned out to be, read by a decoder child.
public struct MediaFacts: Sendable, Equatable, Codable {
    /// The two things a file can be.
    public enum Kind: String, Sendable, Codable, SQLConvertible { case photo, video }

    /// Decided by the content alone.
    public var kind: Kind
    /// The true media type, from the content, e.g. `image/heic`.
    public var contentType: String
    /// Pixels, upright: after orientation or rotation.
    public var width: Int
    /// Pixels, upright.
    public var height: Int
    /// `nil` when the camera wrote nothing that can be read.
    public var exif: Exif?
    /// `nil` for a photo.
    public var video: Video?
    /// Part of the data could not be decoded; what could be is shown.
    public var isDamaged: Bool
    /// What the photographer wrote about the picture; `nil` when nothing.
    public var editorial: Editorial?
    /// Everything else that was written into the file, as text, bounded; `nil` when nothing. It may tell where, when and
    /// with which piece of equipment a picture was taken: for staff alone.
    public var tags: [Tag]?
    /// A ThumbHash in Base64: a blurred picture for the time before any other has come.
    public var placeholder: String?
    /// The colour that most of the picture has, as in CSS: `#aabbcc`.
    public var dominantColour: String?
    /// Tells pictures of one burst from others.
    public var perceptualHash: PerceptualHash?

    /// Facts; see the properties of the same names.
    public init(
        kind: Kind, contentType: String, width: Int, height: Int, exif: Exif? = nil, video: Video? = nil,
        isDamaged: Bool = false
    ) {
        self.kind = kind
        self.contentType = contentType
        self.width = width
        self.height = height
        self.exif = exif
        self.video = video
        self.isDamaged = isDamaged
    }

    /// What the camera wrote, in the units people use. Every field may be missing.
    public struct Exif: Sendable, Equatable, Codable {
        /// The camera's maker.
        public var make: String?
        /// The camera's model.
        public var model: String?
        /// The lens's model.
        public var lens: String?
        /// Millimetres.
        public var focalLength: Double?
        /// f-number.
        public var aperture: Double?
        /// Seconds.
        public var exposureTime: Double?
        /// Sensitivity (ISO 12232).
        public var iso: Int?
        /// RFC 3339 local time, with a fraction and an offset when the camera knew them: `2026-06-01T14:03:21.07+02:00`.
        public var capturedAt: String?
        /// 1 to 8, as in the file, before it was applied.
        public var orientation: Int?
        /// Degrees, north positive.
        public var latitude: Double?
        /// Degrees, east positive.
        public var longitude: Double?
        /// Metres above sea level.
        public var altitude: Double?
        /// Whose rights are reserved, in the photographer's words.
        public var copyright: String?
        /// The photographer.
        public var artist: String?
        /// The focal length that shows as much on 35 mm film, in millimetres.
        public var focalLength35mm: Double?
        /// Exposure values added to what was metered.
        public var exposureBias: Double?
        /// `manual`, `normal`, `aperturePriority`, `shutterPriority`, `creative`, `action`, `portrait` or `landscape`.
        public var exposureProgram: String?
        /// `average`, `centreWeighted`, `spot`, `multiSpot`, `pattern`, `partial` or `other`.
        public var meteringMode: String?
        /// Whether the flash fired.
        public var flash: Bool?

        /// Nothing known.
        public init() {}
    }

    /// What the photographer, or an agency, wrote about a picture (IPTC Core, XMP).
    public struct Editorial: Sendable, Equatable, Codable {
        /// A short name.
        public var title: String?
        /// A description.
        public var caption: String?
        /// At most `maximumKeywords`; `nil` when there are none.
        public var keywords: [String]?
        /// -1 for rejected, 0 for none, else stars: 1 to 5.
        public var rating: Int?

        /// Keywords that are kept.
        public static let maximumKeywords = 64

        /// Nothing known.
        public init() {}
    }

    /// One entry of a file's metadata, for people to read.
    public struct Tag: Sendable, Equatable, Codable {
        /// Where in the file it stands: `image`, `thumbnail`, `exif`, `gps`, `interoperability`.
        public var group: String
        /// The standard's name, e.g. `ExposureTime`.
        public var name: String
        /// In words or numbers, e.g. `1/250 sec.`.
        public var value: String

        /// Entries that are kept of one file.
        public static let maximumCount = 200
        /// UTF-8 bytes of all names and values that are kept: what is listed with every photo must stay small.
        public static let maximumLength = 16 << 10

        /// As many of the first entries as are kept.
        public static func bounded(_ tags: some Sequence<Tag>) -> [Tag] {
            var length = 0
            return Array(tags.prefix(maximumCount).prefix { tag in
                length += tag.name.utf8.count + tag.value.utf8.count
                return length <= maximumLength
            })
        }

        /// A tag; see the properties of the same names.
        public init(group: String, name: String, value: String) {
            self.group = group
            self.name = name
            self.value = value
        }
    }

    /// What the container and its streams say of a film.
    public struct Video: Sendable, Equatable, Codable {
        /// Milliseconds, a year: nothing that a film can last.
        public static let maximumDuration: Int64 = 31_536_000_000

        /// Milliseconds; 0 for a film that does not tell.
        public var duration: Int64
        /// FFmpeg's short name, e.g. `h264`.
        public var videoCodec: String
        /// FFmpeg's short name, e.g. `aac`; missing for silent films.
        public var audioCodec: String?
        /// Degrees clockwise that the picture has to be turned for showing: 0, 90, 180 or 270. One that is to be mirrored as
        /// well is turned first.
        public var rotation: Int
        /// Frames per second.
        public var frameRate: Double?
        /// Bits per second.
        public var bitRate: Int64?
        /// Recording time from the container, RFC 3339.
        public var capturedAt: String?
        /// `mp4`, `mov`, `webm` or `matroska`.
        public var container: String?
        /// Everything in the container, picture and sound included; at most 16.
        public var streams: [Stream]?
        /// As the codec's standard names it, e.g. `High` or `Main 10`.
        public var videoProfile: String?
        /// Pixels as stored, before rotation and before the pixels' own shape; what is shown has the facts' width and height.
        public var pixelWidth: Int?
        /// See `pixelWidth`.
        public var pixelHeight: Int?
        /// Bits of each colour channel.
        public var bitDepth: Int?
        /// Whether frames follow each other at different intervals; missing when the container does not tell.
        public var isVariableFrameRate: Bool?
        /// How brighter than a usual screen's white is told: `pq` (SMPTE ST 2084) or `hlg` (ARIB STD-B67); missing for others.
        public var hdr: String?
        /// As the codec's standard names it, e.g. `LC`.
        public var audioProfile: String?
        /// FFmpeg's name, e.g. `stereo` or `5.1`.
        public var audioLayout: String?
        /// Sound channels.
        public var audioChannels: Int?
        /// Samples per second.
        public var audioSampleRate: Int?
        /// Why the film is served as it is, and not in segments; missing when there are some.
        public var asIs: AsIs?

        /// One of the streams in a container.
        public struct Stream: Sendable, Equatable, Codable {
            /// `video`, `audio`, `subtitle`, `data` or `attachment`.
            public var kind: String
            /// FFmpeg's short name.
            public var codec: String
            /// ISO 639-2, when the container tells.
            public var language: String?

            /// A stream; see the properties of the same names.
            public init(kind: String, codec: String, language: String? = nil) {
                self.kind = kind
                self.codec = codec
                self.language = language
            }
        }

        /// What keeps a film from being cut into segments without coding it anew.
        public enum AsIs: String, Sendable, Codable {
            /// Its picture is neither H.264 nor HEVC, or lacks what its players need in advance.
            case pictureCodec
            /// It is, but in a form that browsers do not play, such as 10-bit H.264.
            case pictureProfile
            /// Its sound is not AAC.
            case soundCodec
            /// There are not enough frames to begin a segment with.
            case keyFrames
            /// None of these, and yet no copy in segments could be made: it takes too long or too much room, or the streams do
            /// not go together. Known when everything is made, and not from a decoder.
            case noCopy
        }

        /// Facts; see the properties of the same names.
        public init(
            duration: Int64, videoCodec: String, audioCodec: String?, rotation: Int, frameRate: Double?, bitRate: Int64?,
            capturedAt: String?
        ) {
            self.duration = duration
            self.videoCodec = videoCodec
            self.audioCodec = audioCodec
            self.rotation = rotation
            self.frameRate = frameRate
            self.bitRate = bitRate
            self.capturedAt = capturedAt
        }
    }
}
