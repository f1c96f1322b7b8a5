/// What members of a name usually hold, for examples that can be read.
enum TellingValues {
    /// The first value known for the name that fits the schema; `nil` when none does.
    static func of(_ name: String, _ schema: Schema) -> JSONValue? {
        values[name]?.first(where: schema.fits)
    }

    /// The name of an element in a list of that name.
    static func singular(_ list: String) -> String {
        if list.hasSuffix("ies") { return list.dropLast(3) + "y" }
        return list.hasSuffix("s") ? String(list.dropLast()) : list
    }

    /// The name of a member in a dictionary of that name.
    static func member(of dictionary: String) -> String { members[dictionary] ?? "name" }

    private static let members = ["byWire": "ws", "byKind": "session", "checks": "database", "photos": "ready", "exif": "camera"]

    private static let photo: JSONValue = "01939a2e-91c4-7a80-8f3e-5d2b7c9e4a10"
    private static let session: JSONValue = "01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"
    private static let account: JSONValue = "01939a2d-05f7-7e12-a6c8-3b9d4e7f2a55"
    private static let digest: JSONValue = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    private static let cursor: JSONValue = "MTc4MTk2Nzg0NTAwMH4wMTkzOWEyZS05MWM0LTdhODAtOGYzZS01ZDJiN2M5ZTRhMTA"
    private static let rendition: JSONValue = "/media/01939a2e-91c4-7a80-8f3e-5d2b7c9e4a10/thumb-0123456789ab.jpg"

    /// Where a name has several meanings, the schema tells which is meant.
    private static let values: [String: [JSONValue]] = identities.merging(words) { ids, _ in ids }.merging(figures) { words, _ in words }

    private static let identities: [String: [JSONValue]] = [
        "id": [session, "7"], "sessionId": [session], "session": [session], "photoId": [photo], "photo": [photo], "ownerId": [account],
        "userId": [account], "uploaderId": [account], "person": [account], "guest": ["01939a30-4b6d-7c33-9d0a-6e1f8b5c2d77"],
        "uploadId": ["01939a2e-8f10-7b65-b1d4-7a3c5e9f0b21"], "chatId": ["01939a2e-7c1b-7f90-8e25-1d4a6b8c0e34"],
        "messageId": ["01939a31-2c8e-7d07-a5b9-4f6e0d3c1a98"], "replyTo": ["01939a31-2c8e-7d07-a5b9-4f6e0d3c1a98"],
        "deviceId": ["01939a2d-1a2b-7c3d-8e4f-5a6b7c8d9e0f"], "grantId": ["01939a30-4b6d-7c33-9d0a-6e1f8b5c2d77"],
        "link": ["01939a2f-6d7e-7b8c-9a0b-1c2d3e4f5a6b"], "deliveryId": ["01939a32-3e4f-7a5b-8c6d-7e8f9a0b1c2d"],
        "requestId": ["c0ffee0123456789c0ffee0123456789"], "clientId": ["tether-1"], "epoch": ["k7Qm2x"],
        "sha256": [digest], "picture": [digest], "recipe": ["0123456789ab"], "perceptualHash": ["8f3c61e07b92d5a4"],
        "token": ["lum_3q2-7wQd9Yb5uT1x"], "mediaToken": ["lum_m_8ZkP4vXc2Hs6"], "refreshToken": ["lum_r_5nG9tKe3Wq7Lj"],
        "secret": ["whsec_4TfVb8Zr2Jm6"], "lease": ["5nG9tKe3"], "cursor": [cursor], "nextCursor": [cursor],
        "code": ["ANNA26", 1000, "not_found"], "accessCode": ["ANNA26"], "password": ["a long walk at dusk", "rain"],
    ]

    private static let words: [String: [JSONValue]] = [
        "title": ["Anna & Ben"], "name": ["Anna", "gallery"], "description": ["From the church to the last dance."],
        "caption": ["The rings, a minute before."], "text": ["The light is lovely by the lake."], "message": ["Back in five minutes."],
        "note": ["Please crop a little tighter."], "reason": ["Not in focus."], "detail": ["There is no such session."],
        "filename": ["IMG_0412.JPG"], "file": ["IMG_0412.JPG", "thumb-0123456789ab.jpg"], "folder": ["01939a2e-91c4-7a80-8f3e-5d2b7c9e4a10"],
        "contentType": ["image/jpeg"], "format": ["jpeg"], "kind": ["photo"], "status": ["ready", "active", 200], "role": ["photographer"],
        "username": ["anna"], "login": ["anna"], "email": ["anna@example.org"], "displayName": ["Anna Berg"], "author": ["Anna Berg"],
        "url": ["https://photos.example.org/s/k7Qm2x", rendition], "galleryPath": ["/gallery/ANNA26"], "network": ["192.0.2.0/24"],
        "address": ["192.0.2.7"], "topic": ["session:01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"], "node": ["server-1"], "version": ["1.0.0"],
        "emoji": ["❤️"], "tag": ["ceremony"], "keyword": ["ceremony"], "category": ["Ceremony"], "word": ["spam"], "field": ["/title"],
        "timezone": ["Europe/Vienna"], "timeZone": ["Europe/Vienna"], "language": ["en"], "location": ["Vienna"],
        "dominantColour": ["#8a6f4d"], "colour": ["#ffffff"], "placeholder": ["1QcSHQRnh493V4dIh4eXh1h4kJUI"],
        "capturedAt": ["2026-06-20T15:04:05+02:00"], "expiresAt": ["2026-07-20T15:04:05.000Z"], "date": ["2026-06-20"],
        "group": ["exif"], "value": ["1/250 sec."], "camera": ["Canon EOS R5"], "error": ["timeout"],
        "exif": [["camera": "Canon EOS R5", "lens": "RF50mm F1.2 L USM", "iso": 400]], "video": [["duration": 12_400, "container": "mp4"]],
    ]

    private static let figures: [String: [JSONValue]] = [
        "width": [2048], "height": [1365], "size": [8_412_160], "bytes": [8_412_160], "length": [8_412_160], "offset": [412],
        "deskOffset": [415], "photoCount": [480], "rating": [5], "limit": [50], "longEdge": [2048], "quality": [82], "opacity": [60],
        "duration": [37], "expiresIn": [900], "maxFiles": [10_000], "latitude": [.number(48.2082)], "longitude": [.number(16.3738)], "rotation": [0],
    ]
}
