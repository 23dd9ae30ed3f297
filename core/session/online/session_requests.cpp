// What a session asks for of its own accord: pre-keys, names, and our phone for what did not
// decrypt.
#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "session/connection/pre_keys.h"
#include "session/online/session.h"
#include "session/receive/chat_addresses.h"
#include "session/receive/missing_names.h"
#include "session/receive/phone_requests.h"
#include "session/receive/phone_retry.h"
#include "session/receive/placeholder_resend.h"
#include "session/receive/stanza_group.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::int64_t kHistoryTakesS = 3'600;
// Times the wait before the first request: what the phone is given to answer it.
constexpr int kAskAgainAfter = 12;

using ToAsk = std::deque<std::pair<std::chrono::steady_clock::time_point, std::int64_t>>;

void ask_later(ToAsk& to_ask, std::chrono::steady_clock::time_point due, std::int64_t row) {
  const auto at = std::ranges::upper_bound(to_ask, due, {}, &ToAsk::value_type::first);
  to_ask.emplace(at, due, row);
}

}  // namespace

// Without fresh keys we still receive from everybody who has a session with us.
asio::awaitable<void> Session::replenish() {
  if (replenishing_) co_return;
  replenishing_ = true;
  try {
    co_await replenish_pre_keys(stream_, store_);
    co_await renew_signed_pre_key(stream_, store_, options_.timings.signed_pre_key_lifetime);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStore || error.code() == ErrorCode::kNetwork) throw;
    log::warn("the pre-keys could not be renewed: {}", error.what());
  }
  replenishing_ = false;
}

// The server says when it runs low; but not that the signed one has grown old.
asio::awaitable<void> Session::look_after_pre_keys() {
  while (is_open()) {
    co_await over_.wait_for(options_.timings.pre_key_check);
    if (is_open()) co_await replenish();
  }
}

asio::awaitable<void> Session::look_after_names() {
  auto wait = options_.timings.names_after;
  while (is_open()) {
    co_await over_.wait_for(wait);
    if (is_open()) co_await ask_for_names();
    wait = options_.timings.names_every;
  }
}

// History brings names itself, if it is still to come.
asio::awaitable<void> Session::ask_for_names() {
  const UnixSeconds now = UnixSeconds::now();
  const auto device = load_device(database_);
  if (!device) co_return;
  if (device->history_awaited && now.value - device->paired_at.value < kHistoryTakesS) co_return;
  const Nameless nameless = find_nameless(database_, now);
  for (const Jid& each : nameless.groups) {
    const auto answer = co_await ask_name(group_question(each), std::vector<Jid>(1, each));
    if (answer) {
      StanzaGroup group(store_, device_);
      take_group_answer(each, *answer, group);
      group.commit();
    }
    co_await over_.wait_for(options_.timings.names_pause);
    if (!is_open()) co_return;
  }
  if (!nameless.people.empty()) co_await look_up_people(nameless.people);
}

asio::awaitable<void> Session::look_up_people(std::vector<Jid> people) {
  Node question = people_question(people, stream()->next_id());
  const auto answer = co_await ask_name(std::move(question), people);
  if (!answer) co_return;
  StanzaGroup group(store_, device_);
  take_people_answer(people, *answer, group);
  group.commit();
}

// Nothing when the server does not tell: then it is not asked again for a week.
asio::awaitable<std::optional<Node>> Session::ask_name(Node question, std::vector<Jid> about) {
  Transaction transaction(database_, "names asked for");
  note_asked_about(database_, about, UnixSeconds::now());
  transaction.commit();
  try {
    co_return co_await stream_->query(std::move(question));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kServerRefused && error.code() != ErrorCode::kTimeout) throw;
    log::info("WhatsApp does not tell a name: {}", error.what());
  }
  co_return std::nullopt;
}

void Session::await_content(const std::vector<std::int64_t>& rows) {
  const auto due = std::chrono::steady_clock::now() + options_.timings.ask_phone_after;
  for (const std::int64_t row : rows) ask_later(to_ask_, due, row);
  if (to_ask_.empty() || asking_) return;
  asking_ = true;
  start(ask_phone());
}

asio::awaitable<void> Session::ask_phone() {
  while (!to_ask_.empty() && is_open()) {
    // What comes meanwhile may be due earlier.
    const auto soon = std::chrono::steady_clock::now() + options_.timings.ask_phone_after;
    co_await over_.wait_until(std::min(to_ask_.front().first, soon));
    if (!is_open()) break;
    if (const auto wait =
            until_phone_may_be_asked(database_, UnixSeconds::now(), Asks::kAwaitedMessages);
        wait.count() > 0) {
      log::info("messages that did not decrypt wait {} seconds to be asked for", wait.count());
      count_delayed_request(database_);
      co_await over_.wait_for(wait);
      continue;
    }
    std::vector<std::int64_t> due;
    const auto now = std::chrono::steady_clock::now();
    while (!to_ask_.empty() && to_ask_.front().first <= now && due.size() < kMostAskedTogether) {
      due.push_back(to_ask_.front().second);
      to_ask_.pop_front();
    }
    // What fails meanwhile is asked for together.
    if (ask_phone_for(due)) co_await over_.wait_for(options_.timings.ask_phone_after);
  }
  asking_ = false;
}

// Those that are within their sender's share for the hour; the others are due again after it.
std::vector<AwaitedMessage> Session::within_share(const std::vector<std::int64_t>& rows,
                                                  UnixSeconds now) {
  const AwaitedMessages awaited(database_);
  std::map<Jid, std::int64_t> asked;
  std::vector<AwaitedMessage> wanted;
  for (const std::int64_t row : rows) {
    auto found = awaited.to_request(row, now);
    if (!found) continue;
    const auto [of_sender, is_new] = asked.try_emplace(found->message.sender);
    if (is_new) of_sender->second = awaited.share_of(found->message.sender, now).asked;
    if (!found->message.from_me && of_sender->second++ >= kAskedAnHourOfOne) {
      ask_later(to_ask_, std::chrono::steady_clock::now() + std::chrono::hours(1), row);
      ++asked_later_;
    } else {
      wanted.push_back(*std::move(found));
    }
  }
  return wanted;
}

// Returns whether there was something to ask for.
bool Session::ask_phone_for(const std::vector<std::int64_t>& rows) {
  const UnixSeconds now = UnixSeconds::now();
  const std::vector<AwaitedMessage> wanted = within_share(rows, now);
  if (wanted.empty()) return false;
  Transaction transaction(database_, "messages asked for");
  const auto request = placeholder_request(store_, device_, wanted, now);
  transaction.commit();
  if (!request) return false;
  log::info("asked the phone for {} messages that did not decrypt", wanted.size());
  stream_->send(*request);
  // It may know the chat by its other address.
  const auto later =
      std::chrono::steady_clock::now() + kAskAgainAfter * options_.timings.ask_phone_after;
  for (const AwaitedMessage& each : wanted) {
    if (each.requests == 0 && chat_addresses(database_, each.message.chat).size() > 1) {
      ask_later(to_ask_, later, each.row);
    }
  }
  return true;
}

// After a restored backup (device/generation.h).
asio::awaitable<void> Session::reach_phone() {
  if (!device_.phone_session_due) co_return;
  try {
    co_await begin_phone_session();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStore || error.code() == ErrorCode::kNetwork) throw;
    log::warn("the phone's keys are not to be had until the next login: {}", error.what());
  }
}

asio::awaitable<void> Session::begin_phone_session() {
  const auto bundle = co_await fetch_pre_keys(stream_, device_.jid.bare());
  StanzaGroup group(store_, device_);
  if (!renew_phone_session(bundle, group)) co_return;
  store_phone_session_begun(group.database());
  group.commit();
  device_.phone_session_due = false;
  log::info("a new session with the phone has begun");
}

}  // namespace wasync
