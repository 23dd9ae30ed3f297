#include "session/link/pairing.h"

#include "base/error.h"
#include "base/log.h"
#include "history/dry_run.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "inbox/phone_forms.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "session/app_state/collection.h"
#include "session/device/account_file.h"
#include "session/device/generation.h"
#include "session/device/schema.h"
#include "session/history/sync_type.h"
#include "session/link/history_intake.h"
#include "session/link/link.h"
#include "session/link/unlink.h"
#include "session/online/stop.h"
#include "signal/store.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Whether the account that was meant is this phone's, its number perhaps written the other way.
bool names(const AccountId& meant, const std::string& phone, const std::string& account_namespace) {
  if (meant == account_id_for(phone, account_namespace)) return true;
  const auto other = other_form(phone);
  return other && meant == account_id_for(*other, account_namespace);
}

Error another_phone(const std::string& phone) {
  return {ErrorCode::kPairingFailed,
          Phrase{"the phone that answered belongs to {}, not to the account that you named",
                 "telefonul care a răspuns este al lui {}, nu al contului numit"}
              .with(phone),
          Phrase{"use the right phone, or leave out --account and --phone to add this one",
                 "folosește telefonul potrivit sau omite --account și --phone ca să îl adaugi pe "
                 "acesta"}};
}

Error incomplete(const HistoryIntakeResult& result, bool nothing_came) {
  if (result.waiting_chunks > 0) {
    return {ErrorCode::kNetwork,
            Phrase{"{} parts of the history could not be downloaded",
                   "părți din istoric nedescărcate: {}"}
                .with(result.waiting_chunks),
            Phrase{"run the same command again later: it continues without a new QR code",
                   "rulează din nou comanda mai târziu: continuă fără un cod QR nou"}};
  }
  if (nothing_came) {
    return {ErrorCode::kTimeout,
            Phrase{"the phone sent no history", "telefonul nu a trimis istoric"},
            Phrase{"open WhatsApp on the phone, keep it online, and link it again: wa-sync pair",
                   "deschide WhatsApp pe telefon, ține-l online și conectează-l din nou: wa-sync "
                   "pair"}};
  }
  return {ErrorCode::kTimeout,
          Phrase{"the phone stopped sending history before it had sent all",
                 "telefonul s-a oprit înainte să trimită tot istoricul"},
          Phrase{"open WhatsApp on the phone, keep it online, and run the same command again: it "
                 "continues without a new QR code",
                 "deschide WhatsApp pe telefon, ține-l online și rulează din nou comanda: continuă "
                 "fără un cod QR nou"}};
}

}  // namespace

struct Pairing::State {
  StateDir state_dir;
  PairingOptions options;
  Report report;
  Stop stop{};
  std::optional<AccountFile> account{};
  std::optional<Device> replaced{};  // the device this host was until now
  std::optional<pair_event::Paired> paired{};
  std::shared_ptr<DryRun> dry_run{};
  std::shared_ptr<LinkAnswers> answers = std::make_shared<LinkAnswers>();

  SessionOptions session_options() const {
    return {.endpoint = options.endpoint,
            .companion = options.companion,
            .companion_again = options.companion_again,
            .timings = options.timings};
  }
  bool try_resume();
  asio::awaitable<void> link();
  void store_link(const Device& device, const DeviceKeys& keys, const PublicKey& account_key);
  asio::awaitable<HistoryIntakeResult> take_in();
  bool was_ever_online() const;
  bool nothing_came() const;
  InboxTotals totals() const;
  void report_chunk(const ChunkStatus& chunk) const;
  void report_done(pair_event::Done::Ending ending, const HistoryIntakeResult& result) const;
};

Pairing::Pairing(StateDir state, PairingOptions options, Report report)
    : state_(std::make_unique<State>(State{.state_dir = std::move(state),
                                           .options = std::move(options),
                                           .report = std::move(report)})) {
  if (state_->options.dry_run) state_->dry_run = std::make_shared<DryRun>();
}

Pairing::~Pairing() = default;

void Pairing::stop() {
  state_->stop.request(
      Error(ErrorCode::kInterrupted, Phrase{"interrupted", "întrerupt"},
            Phrase{"Nothing is lost: run the same command again to continue.",
                   "Nu s-a pierdut nimic: rulează din nou comanda ca să continue."}));
}

void Pairing::answer(std::string line) {
  state_->answers->give(std::move(line));
}

void Pairing::end_answers() {
  state_->answers->end();
}

asio::awaitable<void> Pairing::run() {
  const auto self = shared_from_this();
  State& state = *state_;
  const bool resumed = state.try_resume();
  if (!resumed) co_await state.link();
  if (!state.options.wait_for_history) {
    state.report_done(pair_event::Done::Ending::kNotAwaited, {});
    co_return;
  }
  std::optional<HistoryIntakeResult> taken;
  try {
    taken = co_await state.take_in();
  } catch (const Error& error) {
    if (!resumed || error.code() != ErrorCode::kLoggedOut || state.was_ever_online()) throw;
  }
  if (!taken) {
    // The link is stored before it is confirmed to WhatsApp, and we were killed in between.
    log::info("the stored link was never completed: linking anew");
    state.account.reset();
    co_await state.link();
    taken = co_await state.take_in();
  }
  const HistoryIntakeResult& result = *taken;
  state.report_done(
      result.complete ? pair_event::Done::Ending::kComplete : pair_event::Done::Ending::kStalled,
      result);
  if (result.first_failure) throw Error(*result.first_failure);
  if (!result.complete) throw incomplete(result, state.nothing_came());
}

bool Pairing::State::was_ever_online() const {
  const auto device = load_device(*account->database);
  const auto stored = read_account(*account->database);
  return device && stored && stored->last_connected_at.known() &&
         stored->last_connected_at >= device->paired_at;
}

// Whether the phone has announced no history since the account was linked.
bool Pairing::State::nothing_came() const {
  const HistoryQueueCounts counts = HistoryQueue(*account->database).counts();
  return counts.waiting + counts.failed + counts.done == 0;
}

bool Pairing::State::try_resume() {
  if (!options.account || options.again || !state_dir.has_account(*options.account)) return false;
  std::optional<Device> device;
  {
    // Without the lock: whoever holds the account is disturbed only for a good reason.
    const auto database = open_beside_holder(state_dir, *options.account);
    device = load_device(*database);
    const auto stored = read_account(*database);
    if (!device || !device->history_awaited) return false;
    if (stored && stored->status == AccountStatus::kLoggedOut) return false;
  }
  if (options.make_free) options.make_free(*options.account);
  AccountFile file = AccountFile::open(state_dir, *options.account, options.search_index);
  report(pair_event::Resumed{.account = file.id, .phone = device->phone()});
  account = std::move(file);
  return true;
}

asio::awaitable<void> Pairing::State::link() {
  LinkOptions link_options{.endpoint = options.endpoint,
                           .companion = options.companion,
                           .companion_again = options.companion_again,
                           .phone = options.code_phone,
                           .timings = options.timings,
                           .timeout = options.scan_timeout,
                           .answers = answers};
  LinkEvents events;
  events.on_qr = [this](const std::string& text, std::chrono::milliseconds expires_in) {
    report(pair_event::Qr{.text = text, .expires_in = expires_in});
  };
  events.on_code = [this](const std::string& code, std::chrono::milliseconds expires_in) {
    report(pair_event::Code{.text = code, .expires_in = expires_in});
  };
  events.on_passkey = [this](const std::string& asked, std::chrono::milliseconds expires_in) {
    report(pair_event::Passkey{.options = asked, .expires_in = expires_in});
  };
  events.on_passkey_refused = [this](const Words& why) {
    report(pair_event::PasskeyRefused{.why = why});
  };
  events.on_passkey_code = [this](const std::string& code, bool compare) {
    report(pair_event::PasskeyCode{.text = code, .compare = compare});
  };
  events.on_linked = [this](const Device& device, const DeviceKeys& keys,
                            const PublicKey& account_key) {
    store_link(device, keys, account_key);
  };
  co_await link_device(std::move(link_options), std::move(events), stop);
  report(paired.value());
  if (!replaced) co_return;
  // A re-pair would otherwise leave a dead device in the phone's list. Only a courtesy: the
  // new link stands whether or not it succeeds.
  try {
    SessionOptions session = session_options();
    Device former = *replaced;
    co_await unlink_device(std::move(session), std::move(former));
  } catch (const Error& error) {
    log::warn("the former link could not be removed, do it on the phone: {}", error.what());
  }
}

void Pairing::State::store_link(const Device& device, const DeviceKeys& keys,
                                const PublicKey& account_key) {
  const AccountId id = account_id_for(device.phone(), options.account_namespace);
  if (options.account && !names(*options.account, device.phone(), options.account_namespace))
    throw another_phone(device.phone());
  if (options.make_free) options.make_free(id);
  AccountFile file = AccountFile::create(state_dir, id, options.search_index);
  SignalStore signal(*file.database);

  replaced = load_device(*file.database);
  Transaction transaction(*file.database, "link");
  replace_device(signal, device, keys);
  // The phone's identity is known from its signature: trust it from the first message on.
  Jid phone = device.lid.empty() ? device.jid : device.lid;
  phone.device = 0;
  signal.put_identity(SignalAddress::from(phone), account_key);
  put_account(*file.database, {.id = id,
                               .phone = device.phone(),
                               .name = options.account_name,
                               .push_name = device.business_name,
                               .jid = device.jid,
                               .lid = device.lid,
                               .platform = device.platform,
                               .status = AccountStatus::kConnecting,
                               .created_at = UnixSeconds::now()});
  // Blobs announced to the former device cannot be had any more.
  HistoryQueue(*file.database).clear();
  if (!device.lid.empty()) {
    InboxWriter inbox(*file.database);
    inbox.put_lid_mapping({.lid = device.lid.bare(), .phone = device.jid.bare()});
    inbox.flush();
  }
  transaction.commit();
  note_generation(*file.database, file.generation_file);

  account = std::move(file);
  paired = pair_event::Paired{.account = id,
                              .jid = device.jid.to_string(),
                              .lid = device.lid.to_string(),
                              .phone = device.phone(),
                              .platform = device.platform};
}

asio::awaitable<HistoryIntakeResult> Pairing::State::take_in() {
  HistoryIntakeOptions intake{.session = session_options(),
                              .settle = options.settle,
                              .stall = options.stall,
                              .dry_run = dry_run};
  HistoryIntakeEvents events;
  events.on_progress = [this](const ChunkStatus& chunk) { report_chunk(chunk); };
  events.on_chunk_failed = [this](const ChunkStatus& chunk, const Error& error) {
    report(pair_event::ChunkFailed{.type = std::string(sync_type_name(chunk.type)),
                                   .chunk = chunk.chunk_order,
                                   .message = error.message(),
                                   .hint = error.advice()});
  };
  events.on_reconnecting = [this](const std::string& reason) {
    report(pair_event::Reconnecting{.reason = reason});
  };
  HistoryIntakeResult result = co_await take_in_history(
      *account, state_dir.account_file(account->id), std::move(intake), std::move(events), stop);
  // What has begun to come is had by going on; what never came, only by linking anew.
  if (result.complete || nothing_came()) {
    Transaction transaction(*account->database, "history ended");
    store_history_awaited(*account->database, false);
    transaction.commit();
  }
  co_return result;
}

InboxTotals Pairing::State::totals() const {
  if (!dry_run) return inbox_totals(*account->database);
  return {.threads = dry_run->threads(),
          .messages = dry_run->messages(),
          .contacts = dry_run->contacts()};
}

void Pairing::State::report_chunk(const ChunkStatus& chunk) const {
  const InboxTotals totals = this->totals();
  report(pair_event::History{.type = std::string(sync_type_name(chunk.type)),
                             .chunk = chunk.chunk_order,
                             .progress = chunk.progress,
                             .threads = totals.threads,
                             .messages = totals.messages,
                             .contacts = totals.contacts});
}

void Pairing::State::report_done(pair_event::Done::Ending ending,
                                 const HistoryIntakeResult& result) const {
  const InboxTotals totals = this->totals();
  std::vector<std::string> damaged;
  for (DamagedCollection& each : damaged_collections(*account->database)) {
    damaged.push_back(std::move(each.name));
  }
  report(pair_event::Done{.account = account->id,
                          .threads = totals.threads,
                          .messages = totals.messages,
                          .contacts = totals.contacts,
                          .oldest_message_at = totals.oldest_message_at,
                          .failed_chunks = result.failed_chunks,
                          .damaged_parts = result.damaged_parts,
                          .dry_run = options.dry_run,
                          .unopened = all_unopened(unopened_counts(*account->database)),
                          .damaged_app_state = std::move(damaged),
                          .ending = ending});
}

}  // namespace wasync
