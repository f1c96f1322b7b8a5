public import Core

extension Subject {
    /// Somebody's wish to be told.
    public enum Webhook {}
    /// A message to a webhook.
    public enum Delivery {}
}

/// Names a webhook.
public typealias WebhookID = Identifier<Subject.Webhook>
/// Names a delivery; what receivers know as `webhook-id`.
public typealias DeliveryID = Identifier<Subject.Delivery>
