import Core
import HTTPTypes
import WebServer

/// Registration, sign-in, the profile and the devices.
struct AccountRoutes: Sendable {
    private static let tag = "Accounts"

    let accounts: AccountService
    let signIns: SignInService

    var routes: [Route] { [register, login, refresh, logout, profile, listDevices, revokeDevice] }

    private var register: Route {
        .json(
            .post, "/api/auth/register", .signIn, "Make an account and sign in", tag: Self.tag,
            input: RegisterInput.self, output: SignInView.self, status: .created,
            errors: [
                "registration_closed": 403, "email_taken": 409, "username_taken": 409, "too_many_requests": 429, "busy": 503,
            ]
        ) { input, call in
            SignInView(
                try await signIns.register(
                    email: input.email, username: input.username, password: input.password.reveal,
                    deviceName: input.deviceName, address: call.remoteAddress))
        }
    }

    private var login: Route {
        .json(
            .post, "/api/auth/login", .signIn, "Sign a device in", tag: Self.tag, input: LoginInput.self,
            output: SignInView.self, errors: ["wrong_credentials": 401, "too_many_requests": 429, "busy": 503]
        ) { input, call in
            SignInView(
                try await signIns.login(
                    try input.account(), password: input.password.reveal, deviceName: input.deviceName,
                    address: call.remoteAddress))
        }
    }

    private var refresh: Route {
        .json(
            .post, "/api/auth/refresh", .signIn, "Trade a refresh token for new tokens", tag: Self.tag,
            input: RefreshInput.self, output: SignInView.self,
            errors: ["invalid_token": 401, "expired_token": 401, "token_reused": 401, "too_many_requests": 429]
        ) { input, call in
            SignInView(try await signIns.refresh(input.refreshToken, address: call.remoteAddress))
        }
    }

    private var logout: Route {
        .empty(.post, "/api/auth/logout", .manageDevices, "Sign this device out", tag: Self.tag) { call in
            let (user, device) = try call.person()
            try await signIns.logout(device, of: user)
        }
    }

    private var profile: Route {
        .json(.get, "/api/auth/profile", .readProfile, "One's own account", tag: Self.tag, output: UserView.self) { call in
            guard let user = try await accounts.user(try call.account()) else { throw Problem.invalidToken }
            return UserView(user)
        }
    }

    private var listDevices: Route {
        .json(
            .get, "/api/auth/devices", .manageDevices, "The devices that are signed in", tag: Self.tag,
            output: Page<DeviceView>.self
        ) { call in
            let (user, current) = try call.person()
            let devices = try await signIns.list(of: user)
            return Page(items: devices.map { DeviceView($0, current: current) }, nextCursor: nil)
        }
    }

    private var revokeDevice: Route {
        .empty(
            .delete, "/api/auth/devices/{id}", .manageDevices, "Sign a device out", tag: Self.tag, noun: "device"
        ) { call in
            try await signIns.revoke(try call.id(of: "device"), of: try call.person().user)
        }
    }
}

extension Call {
    /// The account that asks. The policy has let no other principal through.
    func account() throws -> UserID {
        guard let id = principal.userID else { throw Problem.unauthorized() }
        return id
    }

    /// The person and device that ask. The policy has let no other principal through.
    func person() throws -> (user: UserID, device: DeviceID) {
        guard case .user(let id, _, let device) = principal else { throw Problem.unauthorized() }
        return (id, device)
    }
}
