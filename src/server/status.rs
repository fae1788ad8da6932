//! What an HTTP error looks like: a Kubernetes `Status`, which the API server and kubectl know how to read.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

/// Every HTTP status but 200 that the webhook answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No uid can be read, or the body broke off.
    BadRequest,
    /// No such path.
    NotFound,
    /// Anything but POST.
    MethodNotAllowed,
    /// The body did not arrive in time.
    Timeout,
    /// The body is longer than we read.
    TooLarge,
    /// A panic.
    Internal,
    /// There is no room for it. No `Retry-After`: the API server would sleep and come back, up to ten times, while
    /// somebody waits.
    Overloaded,
    /// The API server does not wait for the answer any more.
    TooLate,
}

impl Failure {
    /// Every failure, in order of declaration.
    pub(super) const ALL: [Self; 8] = [
        Self::BadRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Timeout,
        Self::TooLarge,
        Self::Internal,
        Self::Overloaded,
        Self::TooLate,
    ];

    /// The HTTP status.
    pub(super) fn code(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLate => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The word that Kubernetes uses for it.
    fn reason(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::NotFound => "NotFound",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::Timeout => "Timeout",
            Self::TooLarge => "RequestEntityTooLarge",
            Self::Internal => "InternalError",
            Self::Overloaded => "ServiceUnavailable",
            Self::TooLate => "Timeout",
        }
    }

    /// The whole response. Where the rest of the body will not be read, the connection cannot be used again.
    pub(super) fn response(self, message: &str) -> Response<Full<Bytes>> {
        let status = json!({
            "apiVersion": "v1",
            "kind": "Status",
            "status": "Failure",
            "reason": self.reason(),
            "message": message,
            "code": self.code().as_u16(),
        });
        let mut response = json_response(self.code(), status.to_string().into());
        if matches!(self, Self::Timeout | Self::TooLarge) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A response with a JSON body.
pub(super) fn json_response(code: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = code;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
