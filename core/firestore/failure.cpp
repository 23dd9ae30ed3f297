#include "firestore/failure.h"

#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"

namespace wasync::firestore {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMessage = 600;

std::string shown(std::string_view text) {
  return std::string(first_bytes(folded_whitespace(terminal_safe(text)), kMaxMessage));
}

// google.rpc.Code; OK is none of them.
FailureKind kind_of_code(int code) {
  switch (code) {
    case 3:   // INVALID_ARGUMENT
    case 11:  // OUT_OF_RANGE
    case 12:  // UNIMPLEMENTED
    case 15:  // DATA_LOSS
      return FailureKind::kInvalid;
    case 5: return FailureKind::kNotFound;
    case 6: return FailureKind::kAlreadyExists;
    case 7: return FailureKind::kPermissionDenied;
    case 8: return FailureKind::kExhausted;
    case 9: return FailureKind::kFailedPrecondition;
    case 10: return FailureKind::kAborted;
    case 16: return FailureKind::kUnauthenticated;
    default:
      return FailureKind::kUnavailable;  // cancelled, unknown, deadline, internal, unavailable
  }
}

std::optional<FailureKind> kind_of_status(std::string_view status) {
  constexpr std::pair<std::string_view, FailureKind> kNames[] = {
      {"INVALID_ARGUMENT", FailureKind::kInvalid},
      {"OUT_OF_RANGE", FailureKind::kInvalid},
      {"UNIMPLEMENTED", FailureKind::kInvalid},
      {"NOT_FOUND", FailureKind::kNotFound},
      {"ALREADY_EXISTS", FailureKind::kAlreadyExists},
      {"PERMISSION_DENIED", FailureKind::kPermissionDenied},
      {"RESOURCE_EXHAUSTED", FailureKind::kExhausted},
      {"FAILED_PRECONDITION", FailureKind::kFailedPrecondition},
      {"ABORTED", FailureKind::kAborted},
      {"UNAUTHENTICATED", FailureKind::kUnauthenticated},
      {"UNAVAILABLE", FailureKind::kUnavailable},
      {"DEADLINE_EXCEEDED", FailureKind::kUnavailable},
      {"INTERNAL", FailureKind::kUnavailable},
      {"CANCELLED", FailureKind::kUnavailable},
      {"UNKNOWN", FailureKind::kUnavailable},
  };
  for (const auto& [known, kind] : kNames)
    if (status == known) return kind;
  return std::nullopt;
}

FailureKind kind_of_http(long status) {
  switch (status) {
    case 400: return FailureKind::kInvalid;
    case 401: return FailureKind::kUnauthenticated;
    case 403: return FailureKind::kPermissionDenied;
    case 404: return FailureKind::kNotFound;
    case 409: return FailureKind::kAborted;
    case 413: return FailureKind::kTooLarge;
    case 429: return FailureKind::kExhausted;
    default: break;
  }
  if (status >= 500 || status == 408) return FailureKind::kUnavailable;
  return FailureKind::kMalformed;
}

std::optional<std::chrono::milliseconds> retry_after(const HttpAnswer& answer) {
  const std::string_view text = answer.header("retry-after");
  if (const auto seconds = parse_number<std::int64_t>(text); seconds && *seconds >= 0)
    return std::chrono::seconds(std::min<std::int64_t>(*seconds, 86'400));
  const auto at = parse_http_date(text);
  if (!at) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(0, at->value - UnixSeconds::now().value));
}

// "The query requires an index. You can create it here: https://console.firebase…"
std::string link_in(std::string_view message) {
  const std::size_t begin = message.find("https://console.");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = message.find_first_of(" \t\r\n\"'<>", begin);
  return terminal_safe(message.substr(begin, end == std::string_view::npos ? end : end - begin));
}

}  // namespace

std::string_view name(FailureKind kind) {
  switch (kind) {
    case FailureKind::kUnreachable: return "unreachable";
    case FailureKind::kUnavailable: return "unavailable";
    case FailureKind::kExhausted: return "exhausted";
    case FailureKind::kAborted: return "aborted";
    case FailureKind::kTooLarge: return "too_large";
    case FailureKind::kUnauthenticated: return "unauthenticated";
    case FailureKind::kPermissionDenied: return "permission_denied";
    case FailureKind::kNotFound: return "not_found";
    case FailureKind::kAlreadyExists: return "already_exists";
    case FailureKind::kFailedPrecondition: return "failed_precondition";
    case FailureKind::kInvalid: return "invalid";
    case FailureKind::kMalformed: return "malformed";
  }
  return "unavailable";
}

bool Failure::worth_retrying() const {
  return kind == FailureKind::kUnreachable || kind == FailureKind::kUnavailable ||
         kind == FailureKind::kExhausted || kind == FailureKind::kAborted ||
         kind == FailureKind::kMalformed;
}

std::optional<Failure> failure_in(const HttpAnswer& answer) {
  if (answer.status >= 200 && answer.status < 300) return std::nullopt;
  Failure out{.kind = kind_of_http(answer.status), .http_status = answer.status};
  out.retry_after = retry_after(answer);
  json body = json::parse(answer.body, nullptr, false);
  // A streaming method answers with an array, also when it fails.
  if (body.is_array() && !body.empty()) body = json(body.front());
  const auto error = body.is_object() ? body.find("error") : body.end();
  if (!body.is_object() || error == body.end() || !error->is_object()) {
    out.message = Phrase{"HTTP status {}", "starea HTTP {}"}.with(answer.status);
    return out;
  }
  const auto text = [&](const char* name) {
    const auto found = error->find(name);
    return found != error->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string message = text("message");
  out.kind = kind_of_status(text("status")).value_or(out.kind);
  // For a request that is too large, Google's emulator answers as if a quota were used up.
  if (message.find("exceeds maximum size") != std::string::npos ||
      message.find("too large") != std::string::npos ||
      message.find("too big") != std::string::npos)
    out.kind = FailureKind::kTooLarge;
  out.create_index_link = link_in(message);
  out.message = shown(message);
  // When our clock is wrong, Google refuses the token and does not mention the time. So we do.
  const Words clock = wrong_clock(answer, UnixSeconds::of_host());
  if (out.kind == FailureKind::kUnauthenticated && !clock.empty())
    out.message = Phrase{"{}; {}", "{}; {}"}.with(out.message, clock);
  return out;
}

Failure failure_of(const HttpFailure& failure) {
  Failure out{.kind = FailureKind::kUnreachable, .message = shown(failure.what)};
  if (failure.kind == HttpFailure::Kind::kTooLarge) out.kind = FailureKind::kMalformed;
  return out;
}

Failure failure_of_write(int code, std::string_view message) {
  return {.kind = kind_of_code(code), .http_status = 200, .message = shown(message)};
}

Error to_error(const Failure& failure, std::string_view doing, std::string_view project) {
  const Words said = failure.message.empty() ? Words(name(failure.kind)) : failure.message;
  // What was being done is for whoever reads the log, in English.
  const Words head("Firestore (project " + std::string(project) + "), " + std::string(doing) + ": ",
                   "Firestore (proiectul " + std::string(project) + "): ");
  const auto unreachable = [&](Phrase what, Phrase hint) {
    return Error(ErrorCode::kFirestoreUnreachable, what.with(head, said), hint);
  };
  const auto refused = [&](Phrase what, Words hint = {}) {
    return Error(ErrorCode::kFirestoreRefused, what.with(head, said), std::move(hint));
  };
  constexpr Phrase kPlain{"{}{}", "{}{}"};
  switch (failure.kind) {
    case FailureKind::kUnreachable:
      return unreachable(
          {"{}not reachable: {}", "{}nu răspunde: {}"},
          {"Check the network and the proxy settings. Nothing is lost: wa-sync sends "
           "everything later.",
           "Verifică rețeaua și setările de proxy. Nu se pierde nimic: wa-sync "
           "trimite totul mai târziu."});
    case FailureKind::kUnavailable:
    case FailureKind::kAborted:
    case FailureKind::kMalformed:
      return unreachable(kPlain, {"wa-sync tries again later. See status.cloud.google.com if this "
                                  "continues.",
                                  "wa-sync încearcă din nou mai târziu. Vezi "
                                  "status.cloud.google.com dacă problema persistă."});
    case FailureKind::kExhausted:
      return refused(
          {"{}too many requests, or the day's quota is used up: {}",
           "{}prea multe cereri sau cota zilei s-a terminat: {}"},
          Phrase{"Look at the quotas of the project. wa-sync sends the waiting documents "
                 "later.",
                 "Uită-te la cotele proiectului. wa-sync trimite mai târziu documentele "
                 "care așteaptă."});
    case FailureKind::kUnauthenticated:
      return refused(
          {"{}it does not accept our credentials: {}", "{}nu acceptă datele noastre de acces: {}"},
          Phrase{"Check the key and this machine's clock.",
                 "Verifică cheia și ceasul acestui sistem."});
    case FailureKind::kPermissionDenied:
      return refused(
          {"{}permission denied: {}", "{}acces refuzat: {}"},
          Phrase{"Give the service account the role \"Cloud Datastore User\" in this "
                 "project.",
                 "Dă contului de serviciu rolul „Cloud Datastore User” în acest proiect."});
    case FailureKind::kNotFound:
      return refused({"{}not found: {}", "{}nu a fost găsit: {}"},
                     Phrase{"Check --project and --database; Firestore must be in Native mode.",
                            "Verifică --project și --database; Firestore trebuie să fie în modul "
                            "Native."});
    case FailureKind::kFailedPrecondition:
      if (failure.create_index_link.empty()) break;
      return refused({"{}an index is missing: {}", "{}lipsește un index: {}"},
                     Phrase{"Create it: {}", "Creează-l: {}"}.with(failure.create_index_link));
    case FailureKind::kAlreadyExists:
    case FailureKind::kTooLarge:
    case FailureKind::kInvalid: break;
  }
  return refused(kPlain);
}

}  // namespace wasync::firestore
