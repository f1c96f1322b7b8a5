import Core
import Testing

@testable import Sessions

@Suite("Films in lists")
struct FilmViewTests {
    private static let id = UploadID(at: Timestamp(milliseconds: 1_795_000_000_000))

    private static func view(_ status: Photo.Status, _ asIs: MediaFacts.Video.AsIs?, _ names: [RenditionName]) -> PhotoView {
        var video = MediaFacts.Video(
            duration: 1000, videoCodec: "h264", audioCodec: nil, rotation: 0, frameRate: 25, bitRate: nil, capturedAt: nil)
        video.asIs = asIs
        let photo = Photo(
            id: PhotoID(id), originalID: OriginalID(id), sessionID: SessionID(id), originalKey: .original(OriginalID(id)),
            filename: "film.mp4", contentType: "video/mp4", size: 1, sha256: "ab", status: status,
            facts: MediaFacts(kind: .video, contentType: "video/mp4", width: 320, height: 180, video: video),
            createdAt: Timestamp(milliseconds: 0), curation: Curation(position: 0), takenAt: Timestamp(milliseconds: 0))
        let renditions = names.map { name in
            Rendition(
                originalID: OriginalID(id), name: name, format: name == .hls ? .m3u8 : .mp4, recipe: "0123456789ab", width: 320,
                height: 180, size: 1, sha256: "ab", objectKey: .original(OriginalID(id)))
        }
        return PhotoView(photo, PhotoFiles(renditions: renditions), SessionSettings(), rights: .view, grant: nil)
    }

    @Test("a film without segments always says why, once it is ready", arguments: [
        (.processing, nil, [.stream], nil), (.ready, nil, [.stream, .hls], nil), (.ready, nil, [.stream], .noCopy), (.ready, nil, [], .noCopy),
        (.ready, .soundCodec, [.stream], .soundCodec), (.failed, nil, [], nil),
    ] as [(Photo.Status, MediaFacts.Video.AsIs?, [RenditionName], MediaFacts.Video.AsIs?)])
    func asIs(status: Photo.Status, told: MediaFacts.Video.AsIs?, names: [RenditionName], expected: MediaFacts.Video.AsIs?) {
        #expect(Self.view(status, told, names).video?.asIs == expected)
    }
}
