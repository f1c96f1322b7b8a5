import Core
import WebServer

struct UserView: WireType {
    let id: UserID
    let email: String
    let username: String
    let role: Role
    let createdAt: Timestamp

    init(_ user: User) {
        self.id = user.id
        self.email = user.email
        self.username = user.username
        self.role = user.role
        self.createdAt = user.createdAt
    }

    static let schema: Schema = .object([
        .field("id", .formatted(.uuid)), .field("email", .formatted(.email)), .field("username", .string(3...32)),
        .field("role", .oneOf(Role.allCases.map(\.rawValue))), .field("createdAt", .formatted(.dateTime)),
    ])
}

struct SignInView: WireType {
    let user: UserView
    let accessToken: String
    let refreshToken: String
    let tokenType: String
    let expiresIn: Int64
    let deviceId: DeviceID

    init(_ signIn: SignIn) {
        self.user = UserView(signIn.user)
        self.accessToken = signIn.accessToken.reveal
        self.refreshToken = signIn.refreshToken.reveal
        self.tokenType = "Bearer"
        self.expiresIn = signIn.lifetime.components.seconds
        self.deviceId = signIn.deviceID
    }

    static let schema: Schema = .object([
        .field("user", UserView.schema), .field("accessToken", .string(), "A JWT, sent as `Authorization: Bearer`."),
        .field("refreshToken", .string(), "Good for one refresh; each brings the next."),
        .field("tokenType", .oneOf(["Bearer"])),
        .field("expiresIn", .integer(0...Int64.max), "Seconds for which the access token holds."),
        .field("deviceId", .formatted(.uuid)),
    ])
}

struct DeviceView: WireType {
    let id: DeviceID
    let name: String
    let createdAt: Timestamp
    let lastUsedAt: Timestamp
    let expiresAt: Timestamp
    let current: Bool

    init(_ device: Device, current: DeviceID) {
        self.id = device.id
        self.name = device.name
        self.createdAt = device.createdAt
        self.lastUsedAt = device.lastUsedAt
        self.expiresAt = device.expiresAt
        self.current = device.id == current
    }

    static let schema: Schema = .object([
        .field("id", .formatted(.uuid)), .field("name", .string(1...100)), .field("createdAt", .formatted(.dateTime)),
        .field("lastUsedAt", .formatted(.dateTime), "The last sign-in or refresh."),
        .field("expiresAt", .formatted(.dateTime), "When it is signed out unless used before."),
        .field("current", .boolean, "Whether it is the one that asks."),
    ])
}
