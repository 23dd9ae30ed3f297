#include "service/account_record.h"

#include <algorithm>
#include <utility>

#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "session/online/session.h"
#include "session/receive/awaited_messages.h"
#include "session/receive/phone_requests.h"
#include "session/receive/rhythm.h"

namespace wasync {
namespace {

void add(AccountCounters& counters, const MessageCounts& session) {
  counters.received += static_cast<std::uint64_t>(session.received);
  counters.undecryptable += static_cast<std::uint64_t>(session.undecryptable);
  counters.malformed += static_cast<std::uint64_t>(session.malformed);
  counters.given_up += static_cast<std::uint64_t>(session.given_up);
  counters.sent_refused += static_cast<std::uint64_t>(session.sent_refused);
  counters.spoofed += static_cast<std::uint64_t>(session.spoofed);
  counters.identities_changed += static_cast<std::uint64_t>(session.identities_changed);
  counters.left_out += static_cast<std::uint64_t>(session.left_out);
  counters.not_asked += static_cast<std::uint64_t>(session.not_asked);
  counters.fell_silent += static_cast<std::uint64_t>(session.fell_silent);
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
}

void AccountRecord::offline() {
  connected_since_ = {};
}

void AccountRecord::connected(const std::string& phone) {
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

void AccountRecord::left_out(std::int64_t more) {
  counters_.left_out += static_cast<std::uint64_t>(more);
}

RunningAccount AccountRecord::view(const std::optional<firestore::UploadState>& upload) const {
  const bool holds = held_.database() != nullptr;
  RunningAccount out{.id = held_.id,
                     .status = connected_since_.known() ? "connected" : "disconnected",
                     .holds = holds,
                     .holder = holds ? instance_ : holder_,
                     .connected_since = connected_since_,
                     .counters = counters_,
                     .last_message = last_message_};
  if (const auto session = held_.session()) {
    add(out.counters, session->counts());
    out.last_stanza = session->last_stanza_at();
  }
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

void add_stored(Database& file, RunningAccount& account) {
  if (const auto row = read_account(file)) {
    account.status = name(row->status);
    account.last_server_traffic = row->last_server_traffic_at;
  }
  account.last_stanza = std::max(account.last_stanza, load_rhythm(file).heard_at);
  const HistoryQueueCounts history = HistoryQueue(file).counts();
  account.history_waiting = history.waiting;
  account.history_failed = history.failed;
  account.messages_awaited = count_undecryptable(file).waiting;
  account.unopened = unopened_counts(file);
  account.delayed_requests = delayed_requests(file);
}

}  // namespace wasync
