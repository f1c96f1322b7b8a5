import HTTPTypes

/// The header fields that every answer has.
enum StandingFields {
    static func completed(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields[.xContentTypeOptions] = "nosniff"
        if fields[.referrerPolicy] == nil { fields[.referrerPolicy] = "no-referrer" }
        return fields
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
