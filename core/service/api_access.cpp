#include "service/api_access.h"

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"
#include "base/log.h"
#include "base/loopback.h"
#include "base/text.h"
#include "google/credential_file.h"
#include "service/firebase_token.h"
#include "service/http_address.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::seconds kLogPause{10};

constexpr std::array<std::string_view, 9> kProxyHeaders = {
    "forwarded",         "x-forwarded-for",  "x-forwarded-host",
    "x-forwarded-proto", "x-real-ip",        "x-client-ip",
    "true-client-ip",    "cf-connecting-ip", "via"};

// Of "host", "host:80", "[::1]:80".
std::string without_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return std::string(has_port ? authority.substr(0, colon) : authority);
}

bool is_local_origin(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && is_loopback(without_port(origin.substr(scheme + 3)));
}

HttpReply not_now(std::string_view code, std::string_view message) {
  HttpReply reply = error_reply(503, code, message);
  reply.headers.emplace_back("Retry-After", "10");
  return reply;
}

std::optional<std::string> checked_project(std::optional<std::string> project) {
  if (project && !is_project_id(*project)) {
    throw Error(ErrorCode::kConfig,
                Phrase{"--firebase-project is not a valid project id",
                       "--firebase-project nu este un id de proiect bun"},
                Phrase{"Give the project's id, as the Firebase console shows it.",
                       "Dă id-ul proiectului, cum îl arată consola Firebase."});
  }
  return project;
}

}  // namespace

bool is_local(const HttpAsk& ask) {
  if (!is_loopback(ask.peer)) return false;
  if (std::ranges::any_of(kProxyHeaders, [&](std::string_view name) { return ask.has(name); }))
    return false;
  const auto host = ask.all("host");
  if (host.size() != 1 || !is_loopback(without_port(host[0]))) return false;
  return std::ranges::all_of(ask.all("origin"), is_local_origin);
}

ApiAccess::ApiAccess(const asio::any_io_executor& executor, ApiAccessOptions options)
    : project_(checked_project(std::move(options.firebase_project))),
      allow_file_(std::move(options.allow_file)),
      now_(std::move(options.now)),
      keys_(executor, std::move(options.keys)) {
  if (options.token_file) token_file_.emplace(std::move(*options.token_file));
  if (options.inbox) staff_.emplace(executor, std::move(*options.inbox));
  if (allow_file_) allowed_ = read_list();
  if (project_ && !allow_file_)
    log::warn(
        "--firebase-project lets nobody use the HTTP API: --http-allow must say which users may");
}

asio::awaitable<ApiAccess::Answer> ApiAccess::rights(const HttpAsk& ask) {
  if (token_file_ || project_) co_return co_await check_token(ask);
  if (is_local(ask)) co_return rights_to_all(ApiRole::kRead);
  log_refusal(ask, "without --http-token-file or --firebase-project, only this machine may ask");
  co_return error_reply(403, "forbidden", "this address may not use the API");
}

asio::awaitable<ApiAccess::Answer> ApiAccess::check_token(const HttpAsk& ask) {
  if (!ask.has("authorization")) co_return refuse(ask, "there is no Authorization header");
  const auto token = bearer_of(ask);
  if (!token) co_return refuse(ask, "the Authorization header holds no bearer token");
  if (token_file_ && token_file_->is(*token)) co_return rights_to_all(ApiRole::kManage);
  if (!project_) co_return refuse(ask, "the token is not that of the token file");
  co_return co_await check_firebase(std::string(*token), ask);
}

asio::awaitable<ApiAccess::Answer> ApiAccess::check_firebase(std::string token,
                                                             const HttpAsk& ask) {
  const auto fault = [](TokenFault what) {
    return "the Firebase ID token is " + std::string(name(what));
  };
  const auto parsed = parse_firebase_token(token);
  if (const auto* what = std::get_if<TokenFault>(&parsed)) co_return refuse(ask, fault(*what));
  const auto& claimed = std::get<FirebaseToken>(parsed);
  if (const auto what = fault_in_claims(claimed, *project_, now_()))
    co_return refuse(ask, fault(*what));
  const auto found = co_await keys_.find(claimed.key_id);
  if (std::holds_alternative<FirebaseTokenKeys::Unavailable>(found)) {
    log_refusal(ask, "Google's public keys cannot be had");
    co_return not_now("keys_unavailable", "the token cannot be verified now");
  }
  const auto* key = std::get_if<std::shared_ptr<const RsaPublicKey>>(&found);
  if (key == nullptr) co_return refuse(ask, fault(TokenFault::kUnknownKey));
  if (!(*key)->verify(as_bytes(claimed.signed_part), claimed.signature))
    co_return refuse(ask, fault(TokenFault::kSignature));
  auto rights = rights_of_user(claimed, ask);
  co_return co_await std::move(rights);
}

// Google vouches for who this is. A hint helps nobody to guess.
asio::awaitable<ApiAccess::Answer> ApiAccess::rights_of_user(FirebaseToken user,
                                                             const HttpAsk& ask) {
  const auto forbid = [&](std::string_view why, std::string_view message) {
    log_refusal(ask, why);
    return error_reply(403, "forbidden", message);
  };
  if (user.is_anonymous())
    co_return forbid(
        "its user signed in anonymously",
        "users who signed in anonymously may not use the API: sign in with an account");
  if (!allow_file_)
    co_return forbid("there is no --http-allow that says which users may",
                     "no user may use the API until the operator names some: see --http-allow in "
                     "wa-sync-listen(1)");
  StaffRule rule;
  std::string trouble;
  try {
    if (names_staff(allowed_)) {
      auto asking = staff_->rule_for(user.subject);
      rule = co_await std::move(asking);
    }
  } catch (const Error& error) {
    trouble = error.what();
  }
  // What the other lines say holds all the same.
  ApiRights rights = wasync::rights_of(user, allowed_, rule);
  if (!trouble.empty()) log_refusal(ask, "the Inbox's staff cannot be looked up: " + trouble);
  if (rights.any()) co_return rights;
  if (!trouble.empty()) co_return not_now("staff_unavailable", "the staff cannot be looked up now");
  co_return forbid("--http-allow does not name the user " + terminal_safe(user.subject),
                   "this user may not use the API: the operator can add the user to the file of "
                   "--http-allow");
}

std::vector<ApiAllowed> ApiAccess::read_list() const {
  std::vector<ApiAllowed> list = read_allow_file(*allow_file_);
  if (!staff_ && names_staff(list))
    throw Error(
        ErrorCode::kConfig,
        Phrase{"the list of the API's users {} names @staff, and no Firestore has the Inbox",
               "lista utilizatorilor API-ului {} numește @staff, dar niciun Firestore nu "
               "ține Inbox-ul"}
            .with(allow_file_->string()),
        Phrase{"Add --inbox firestore: the Inbox's own documents say who is staff.",
               "Adaugă --inbox firestore: documentele Inbox-ului spun cine este personal."});
  return list;
}

HttpReply ApiAccess::refuse(const HttpAsk& ask, std::string_view why) {
  log_refusal(ask, why);
  HttpReply reply = error_reply(401, "unauthorized", "a valid bearer token is needed");
  reply.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"wa-sync\"");
  return reply;
}

void ApiAccess::log_refusal(const HttpAsk& ask, std::string_view why) {
  const auto now = std::chrono::steady_clock::now();
  if (logged_at_ != decltype(logged_at_){} && now - logged_at_ < kLogPause) {
    ++unlogged_;
    return;
  }
  log::warn("the HTTP API refused a request from {}: {} ({} more since the last such line)",
            ask.peer.to_string(), why, unlogged_);
  logged_at_ = now;
  unlogged_ = 0;
}

void ApiAccess::reload() {
  try {
    if (token_file_) token_file_->reload();
  } catch (const Error& error) {
    log::error("the former token of the HTTP API stays in force: {} ({})", error.what(),
               error.hint());
  }
  try {
    if (allow_file_) allowed_ = read_list();
  } catch (const Error& error) {
    log::error("the former list of the HTTP API's users stays in force: {} ({})", error.what(),
               error.hint());
  }
}

void ApiAccess::stop() {
  keys_.stop();
  if (staff_) staff_->stop();
}

}  // namespace wasync
