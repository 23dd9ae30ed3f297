#include "service/account_record.h"

#include <utility>

#include "inbox/account.h"
#include "session/online/session.h"
#include "session/receive/awaited_messages.h"
#include "session/receive/phone_requests.h"

namespace wasync {
namespace {

constexpr std::chrono::milliseconds kStaysRead{100};

void add(AccountCounters& counters, const MessageCounts& session) {
  counters.received += static_cast<std::uint64_t>(session.received);
  counters.undecryptable += static_cast<std::uint64_t>(session.undecryptable);
  counters.malformed += static_cast<std::uint64_t>(session.malformed);
  counters.given_up += static_cast<std::uint64_t>(session.given_up);
  counters.sent_refused += static_cast<std::uint64_t>(session.sent_refused);
  counters.spoofed += static_cast<std::uint64_t>(session.spoofed);
}

UploadState view_of(const firestore::UploadState& upload) {
  return {.written = static_cast<std::uint64_t>(upload.written),
          .queued = static_cast<std::uint64_t>(upload.queued),
          .set_aside = static_cast<std::uint64_t>(upload.set_aside),
          .trouble = upload.trouble ? upload.trouble->message.in(Language::kEnglish) : ""};
}

}  // namespace

AccountRecord::AccountRecord(const HeldAccount& held, std::string instance)
    : held_(held), instance_(std::move(instance)) {}

void AccountRecord::taken() {
  holder_.clear();
  stored_.reset();
}

void AccountRecord::offline() {
  connected_since_ = {};
  stored_.reset();
}

void AccountRecord::connected(const std::string& phone) {
  stored_.reset();
  connected_since_ = UnixSeconds::now();
  halt_.reset();
  held_.report(service_event::Connected{.account = held_.id, .phone = phone});
}

void AccountRecord::disconnected(const MessageCounts& ended, const Error& reason,
                                 std::chrono::milliseconds retry_in) {
  offline();
  ++counters_.reconnects;
  add(counters_, ended);
  held_.report(service_event::Disconnected{
      .account = held_.id, .reason = reason.what(), .retry_in = retry_in});
}

void AccountRecord::halted(const Error& why, std::optional<std::chrono::milliseconds> retry_in) {
  stored_.reset();
  const bool as_before = halt_ && std::string_view(halt_->what()) == why.what();
  halt_ = why;
  if (as_before) return;
  held_.report(service_event::Halted{.account = held_.id, .why = why, .retry_in = retry_in});
}

void AccountRecord::waits_for(const std::string& holder, bool elsewhere) {
  if (std::exchange(holder_, holder) == holder) return;
  held_.report(
      service_event::Waiting{.account = held_.id, .holder = holder, .elsewhere = elsewhere});
}

void AccountRecord::stored(std::uint64_t messages) {
  last_message_ = UnixSeconds::now();
  counters_.stored += messages;
}

const RunningAccount& AccountRecord::stored(Database& database) const {
  const auto now = std::chrono::steady_clock::now();
  if (stored_ && now < stored_->read_at + kStaysRead) return stored_->account;
  RunningAccount out{.id = held_.id, .status = "disconnected"};
  if (const auto account = read_account(database)) {
    out.status = name(account->status);
    out.last_server_traffic = account->last_server_traffic_at;
  }
  out.messages_awaited = count_undecryptable(database).waiting;
  out.unopened = unopened_counts(database);
  out.delayed_requests = delayed_requests(database);
  stored_.emplace(Stored{.read_at = now, .account = std::move(out)});
  return stored_->account;
}

RunningAccount AccountRecord::view(const std::optional<firestore::UploadState>& upload) const {
  Database* const database = held_.database();
  RunningAccount out = database != nullptr
                           ? stored(*database)
                           : RunningAccount{.id = held_.id, .status = "disconnected"};
  out.holds = database != nullptr;
  out.holder = database != nullptr ? instance_ : holder_;
  out.connected_since = connected_since_;
  out.counters = counters_;
  out.last_message = last_message_;
  if (const auto session = held_.session()) add(out.counters, session->counts());
  if (upload) out.upload = view_of(*upload);
  return out;
}

std::optional<Error> AccountRecord::trouble() const {
  if (halt_) return halt_;
  Database* const database = held_.database();
  if (connected_since_.known() || database == nullptr) return std::nullopt;
  const auto account = read_account(*database);
  if (!account || account->last_disconnect_reason.empty()) return std::nullopt;
  return Error(ErrorCode::kNetwork, account->last_disconnect_reason);
}

}  // namespace wasync
