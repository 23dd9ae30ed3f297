// What Firestore answers when a request fails: a value for callers that can go on (the uploader),
// an Error for those that cannot.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/http.h"

namespace wasync::firestore {

// Named after what to do about it, not after the HTTP status.
enum class FailureKind {
  kUnreachable,      // no answer at all
  kUnavailable,      // it cannot do it now: try again
  kExhausted,        // too much at once, or a quota is used up: try again, more slowly
  kAborted,          // contention: try again
  kTooLarge,         // the request: send less at once
  kUnauthenticated,  // it does not accept the token
  kPermissionDenied,
  kNotFound,  // the database, the project or the document
  kAlreadyExists,
  kFailedPrecondition,  // a document is not as expected, or an index is missing
  kInvalid,             // it will never take this request
  kMalformed,           // what came is no answer of Firestore's
};
std::string_view name(FailureKind kind);  // "permission_denied", …

struct Failure {
  FailureKind kind = FailureKind::kUnavailable;
  long http_status = 0;
  Words message{};  // as the server says it, or in our words; bounded, fit for a terminal
  std::string create_index_link{};  // of a query whose index is missing
  std::optional<std::chrono::milliseconds> retry_after{};

  bool worth_retrying() const;
};

// Nothing when the answer is a success.
std::optional<Failure> failure_in(const HttpAnswer& answer);
Failure failure_of(const HttpFailure& failure);
// Of one write inside a batch, by its google.rpc.Code.
Failure failure_of_write(int code, std::string_view message);

// "Firestore refuses us access to project x: …", with what to do about it. `doing` and `project`
// complete the sentence.
Error to_error(const Failure& failure, std::string_view doing, std::string_view project);

// The same error with its Failure, for a caller that can go on after all.
class FailedRequest : public Error {
 public:
  FailedRequest(const Failure& why, std::string_view doing, std::string_view project)
      : Error(to_error(why, doing, project)), failure(why) {}

  const Failure failure;
};

}  // namespace wasync::firestore
