"""Addresses that let curl in: Signature Version 4 in the query, with the body left out of it."""

import datetime
import hashlib
import hmac
from urllib.parse import quote, urlparse


class Store:
    """A bucket, by the settings that a server has."""

    def __init__(self, settings: dict[str, str]):
        names = ["S3_ENDPOINT", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"]
        self.environment = {name: settings[name] for name in names}
        self.endpoint, self.bucket, self.region, self.access_key, self.secret_key = self.environment.values()

    def url(self, method: str, key: str, query: dict[str, str]) -> str:
        """Good for an hour."""
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{time[:8]}/{self.region}/s3/aws4_request"
        query = query | {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{self.access_key}/{scope}", "X-Amz-Date": time,
            "X-Amz-Expires": "3600", "X-Amz-SignedHeaders": "host"}
        text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
        path = f"/{self.bucket}/{key}"
        host = urlparse(self.endpoint).netloc
        request = "\n".join([method, path, text, f"host:{host}\n", "host", "UNSIGNED-PAYLOAD"])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(request.encode()).hexdigest()])
        key_bytes = f"AWS4{self.secret_key}".encode()
        for part in [time[:8], self.region, "s3", "aws4_request"]:
            key_bytes = hmac.digest(key_bytes, part.encode(), "sha256")
        signature = hmac.digest(key_bytes, to_sign.encode(), "sha256").hex()
        return f"{self.endpoint}{path}?{text}&X-Amz-Signature={signature}"
