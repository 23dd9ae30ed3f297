// Who may use /api: whoever brings the operator's token, and the users of the operator's Firebase
// project that a list names; and where neither is set up, whoever is on this machine, to read. (A
// project lets in everybody who signs up with it, so a token alone says nothing.)
//
// "On this machine" is narrow. A request that came through a proxy (Forwarded, X-Forwarded-For, …)
// came from elsewhere. A Host that is not a name of this machine means a page whose DNS name points
// to us (DNS rebinding), and the Origin of another site means a page in a browser here: the user
// did not make either request.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "service/api_rights.h"
#include "service/bearer.h"
#include "service/firebase_token_keys.h"
#include "service/http_message.h"
#include "service/inbox_staff.h"

namespace wasync {

struct ApiAccessOptions {
  std::optional<std::filesystem::path> token_file{};
  std::optional<std::string> firebase_project{};
  std::optional<std::filesystem::path> allow_file{};  // without it, no user of the project may
  FirebaseTokenKeys::Options keys{};
  // Where @staff is looked up, with credentials that have no other user.
  std::optional<FirestoreInbox> inbox{};
  std::function<UnixSeconds()> now = &UnixSeconds::now;
};

// Used from one io_context thread.
class ApiAccess {
 public:
  // Throws Error(kConfig) for a file that is no good, or a project that is none; and for @staff
  // where no Firestore has the Inbox.
  ApiAccess(const boost::asio::any_io_executor& executor, ApiAccessOptions options);

  // Some rights, or what to answer: 401, 403, or 503 while Google's keys or the Inbox's staff
  // cannot be had. The client is told nothing that would help to guess; the log is, at most every
  // ten seconds.
  using Answer = std::variant<ApiRights, HttpReply>;
  boost::asio::awaitable<Answer> rights(const HttpAsk& ask);

  // Reads both files again. A file that is no good any more leaves in force what it said before;
  // the log says so.
  void reload();
  void stop();

 private:
  boost::asio::awaitable<Answer> check_token(const HttpAsk& ask);
  boost::asio::awaitable<Answer> check_firebase(std::string token, const HttpAsk& ask);
  boost::asio::awaitable<Answer> rights_of_user(FirebaseToken user, const HttpAsk& ask);
  std::vector<ApiAllowed> read_list() const;
  HttpReply refuse(const HttpAsk& ask, std::string_view why);
  void log_refusal(const HttpAsk& ask, std::string_view why);

  std::optional<TokenFile> token_file_;
  std::optional<std::string> project_;
  std::optional<std::filesystem::path> allow_file_;
  std::vector<ApiAllowed> allowed_;
  std::function<UnixSeconds()> now_;
  FirebaseTokenKeys keys_;
  std::optional<InboxStaff> staff_{};
  std::chrono::steady_clock::time_point logged_at_{};
  std::uint64_t unlogged_ = 0;
};

// Whether it comes from a user of this machine, as above.
bool is_local(const HttpAsk& ask);

}  // namespace wasync
