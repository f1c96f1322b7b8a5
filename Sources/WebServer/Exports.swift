// A route's handler reads `Request` and its body and writes `HTTPFields`: whoever declares routes needs their members.
@_exported public import HTTPTypes
@_exported public import HummingbirdCore
