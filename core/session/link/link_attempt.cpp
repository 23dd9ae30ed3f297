#include "session/link/link_attempt.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/crypto.h"
#include "base/error.h"
#include "base/log.h"
#include "inbox/phone_forms.h"
#include "session/connection/outdated_version.h"
#include "session/connection/receipt.h"
#include "session/connection/stream_end.h"
#include "session/link/pair_success.h"
#include "session/link/qr_payload.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using Clock = std::chrono::steady_clock;

// After the pairing the server closes the connection within a second; we do not insist.
constexpr std::chrono::seconds kRestartPatience{10};

Error no_code_for(const std::string& phone, const RefusedQuery& refusal) {
  constexpr std::uint64_t kTooMany = 429;
  const Words what =
      Phrase{"WhatsApp gives no code for {} ({})", "WhatsApp nu dă un cod pentru {} ({})"}.with(
          phone, refusal.reason());
  if (refusal.reason() == kTooMany) {
    return {ErrorCode::kServerRefused,
            Phrase{"{}: too many requests", "{}: prea multe cereri"}.with(what),
            Phrase{"wait an hour, or scan a QR code: wa-sync pair --method qr",
                   "așteaptă o oră sau scanează un cod QR: wa-sync pair --method qr"}};
  }
  return {
      ErrorCode::kServerRefused, what,
      Phrase{"check --phone: the number of the account's phone, with its country code; or scan a "
             "QR code: wa-sync pair --method qr",
             "verifică --phone: numărul telefonului contului, cu prefixul țării; sau scanează "
             "un cod QR: wa-sync pair --method qr"}};
}

std::chrono::milliseconds left_until(Clock::time_point time) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(time - Clock::now());
  return std::max(left, std::chrono::milliseconds::zero());
}

Error too_many_codes() {
  return {ErrorCode::kPairingFailed,
          Phrase{"many codes were shown, and the phone linked with none of them",
                 "s-au afișat multe coduri, iar telefonul nu s-a conectat cu niciunul"},
          Phrase{"wait an hour, or scan a QR code: wa-sync pair --method qr",
                 "așteaptă o oră sau scanează un cod QR: wa-sync pair --method qr"}};
}

Error cut_short(const Error& reason) {
  return {ErrorCode::kNetwork,
          Phrase{"the connection ended before the passkey had answered: {}",
                 "conexiunea s-a întrerupt înainte ca cheia de acces să răspundă: {}"}
              .with(reason.message()),
          Phrase{"run the command again", "rulează din nou comanda"}};
}

// Whatsmeow connectionevents.go: a phone scanned that does not know devices of today's kind.
Error phone_outdated() {
  return {ErrorCode::kPairingFailed,
          Phrase{"the phone's WhatsApp is too old to link devices",
                 "WhatsApp de pe telefon este prea vechi ca să conecteze dispozitive"},
          Phrase{"Update WhatsApp on the phone, then run the command again.",
                 "Actualizează WhatsApp pe telefon, apoi rulează din nou comanda."}};
}

}  // namespace

Error nobody_answered(const LinkOptions& options) {
  if (!options.phone.empty()) {
    return {ErrorCode::kTimeout,
            Phrase{"the code was not typed on the phone in time",
                   "codul nu a fost scris la timp pe telefon"},
            Phrase{"Run the command again; on the phone: WhatsApp > Linked devices > Link a device "
                   "> Link with phone number instead.",
                   "Rulează din nou comanda; pe telefon: WhatsApp > Dispozitive conectate > "
                   "Conectează un dispozitiv > Conectează cu numărul de telefon."}};
  }
  return {ErrorCode::kTimeout,
          Phrase{"the phone did not scan the QR code in time",
                 "telefonul nu a scanat la timp codul QR"},
          Phrase{"Run the command again; on the phone: WhatsApp > Linked devices > Link a device.",
                 "Rulează din nou comanda; pe telefon: WhatsApp > Dispozitive conectate > "
                 "Conectează un dispozitiv."}};
}

LinkAttempt::LinkAttempt(const asio::any_io_executor& executor, LinkOptions options,
                         LinkEvents events, std::chrono::steady_clock::time_point deadline,
                         std::shared_ptr<int> codes_left)
    : executor_(executor),
      options_(std::move(options)),
      events_(std::move(events)),
      deadline_(deadline),
      codes_left_(std::move(codes_left)),
      dial_(std::make_shared<Dial>(executor)),
      phase_over_(executor) {}

asio::awaitable<LinkAttempt::Ending> LinkAttempt::run() {
  const auto self = shared_from_this();
  Bytes payload = registration_payload(options_.companion, keys_);
  auto connection = co_await dial_->run(options_.endpoint, keys_.noise, std::move(payload),
                                        options_.connect_timeout);
  stream_ = std::make_shared<Stream>(executor_, std::move(connection), options_.timings);
  asio::co_spawn(executor_, keep_alive(stream_), asio::detached);
  // Also a server that never sends a code must not keep us waiting.
  limit_phase(options_.timings.iq_timeout,
              Error(ErrorCode::kTimeout,
                    Phrase{"WhatsApp sent no QR code or link code",
                           "WhatsApp nu a trimis un cod QR sau de conectare"},
                    Phrase{"Check the network, then run the command again.",
                           "Verifică rețeaua, apoi rulează din nou comanda."}));
  std::exception_ptr reason;
  try {
    Stream::Handler handler = [self](const Node& node) { self->handle(node); };
    co_await stream_->run(std::move(handler));
  } catch (...) {
    reason = with_version(std::current_exception(), options_.companion);
  }
  next_phase(Phase::kOver);
  co_return ending(reason);
}

void LinkAttempt::stop(const std::exception_ptr& reason) {
  dial_->call_off(reason);
  if (stream_) stream_->close(reason);
}

asio::awaitable<void> LinkAttempt::keep_alive(std::shared_ptr<Stream> stream) {
  co_await stream->keep_alive();
}

// Whatever was waiting for the former phase wakes up and finds it gone.
void LinkAttempt::next_phase(Phase phase) {
  if (phase == Phase::kOver) last_ = phase_;
  phase_ = phase;
  ++phase_number_;
  limit_.reset();
  phase_over_.notify();
}

LinkAttempt::Ending LinkAttempt::ending(const std::exception_ptr& reason) const {
  if (last_ == Phase::kLinked) return Ending::kLinked;
  if (last_ == Phase::kUsedUp) return Ending::kCodesUsedUp;
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    // The server drops a connection on which nobody scans; that is no trouble.
    if (last_ == Phase::kShowing && error.code() == ErrorCode::kNetwork) {
      return Ending::kCodesUsedUp;
    }
    if (last_ == Phase::kTyped && may_be_mistyped(error.code())) {
      log::warn("the code was not accepted: {}", error.what());
      return Ending::kCodesUsedUp;
    }
    if (last_ == Phase::kPasskey && error.code() == ErrorCode::kNetwork) throw cut_short(error);
    throw;
  }
}

// A wrong code shows as a refusal, as an answer that cannot be read, or not at all. Another
// guess is never at the same code.
bool LinkAttempt::may_be_mistyped(ErrorCode code) {
  return code == ErrorCode::kServerRefused || code == ErrorCode::kNetwork ||
         code == ErrorCode::kTimeout || code == ErrorCode::kProtocol;
}

void LinkAttempt::handle(const Node& node) {
  if (node.jid("from").value_or(server_jid()) != server_jid()) return;
  if (node.tag == "iq") handle_iq(node);
  if (node.tag == "notification") handle_notification(node);
  if (node.tag == "ib" && node.child("downgrade_webclient") != nullptr) {
    next_phase(Phase::kRefused);
    stream_->close(std::make_exception_ptr(phone_outdated()));
  }
}

void LinkAttempt::handle_notification(const Node& node) {
  if (node.text("type") == "companion_reg_refresh") refresh_registration(node);
  stream_->send(ack(node));
  if (node.text("type") == "link_code_companion_reg") handle_link_code(node);
  if (node.text("type") == "passkey_prologue_request") handle_passkey(node);
  if (node.text("type") == "crsc_continuation" && phase_ == Phase::kPasskey) {
    continuation_ = node;
    phase_over_.notify();
  }
}

// The phone has answered, now the server wants the account's passkey to. What the phone does not
// have from a code is no proof to it that we are the same (whatsmeow proves it always).
void LinkAttempt::handle_passkey(const Node& demand) {
  if (phase_ != Phase::kShowing && phase_ != Phase::kTyped && phase_ != Phase::kPasskey) return;
  std::optional<Bytes> handoff_key;
  if ((phase_ == Phase::kShowing && qr_) || phase_ == Phase::kTyped)
    handoff_key = passkey_handoff_key(keys_.adv_secret);
  next_phase(Phase::kPasskey);
  continuation_.reset();
  keys_.adv_secret = random_bytes(keys_.adv_secret.size());
  asio::co_spawn(executor_, answer_passkey(shared_from_this(), demand, std::move(handoff_key)),
                 asio::detached);
}

// What belongs to another code than the one shown is nothing to us.
void LinkAttempt::handle_link_code(const Node& notification) {
  const Node* registration = notification.child("link_code_companion_reg");
  if (registration == nullptr || phase_ != Phase::kShowing || !code_ ||
      !code_->is_about(*registration)) {
    return;
  }
  const std::string stage = registration->text("stage");
  if (stage == "refresh_code") {
    log::info("WhatsApp asks for another code");
    begin_code(code_expires_at_);
  } else if (stage == "primary_hello" && LinkCode::brings_key(*registration)) {
    next_phase(Phase::kTyped);
    asio::co_spawn(executor_, answer_phone(shared_from_this(), notification), asio::detached);
  } else if (stage == "primary_hello") {
    // Ahead of a passkey that will be demanded (whatsmeow #1188, #1234): the code was right.
    log::info("the phone has the code and links by another way");
  }
}

// The server retires the secret that the QR code shows; the phone links only with a code made with
// a new one, for the same ref. Fact source: whatsapp-rust handlers/notification/companion_reg.rs.
// What a phone has already answered stays as it is: its signatures are sealed under our secret.
void LinkAttempt::refresh_registration(const Node& notification) {
  if (notification.child("companion_reg_refresh") == nullptr &&
      notification.child("pair-device-rotate-qr") == nullptr) {
    return;
  }
  if (phase_ != Phase::kWaitingForCodes && phase_ != Phase::kShowing) return;
  keys_.adv_secret = random_bytes(keys_.adv_secret.size());
  if (phase_ != Phase::kShowing || !qr_) return;
  events_.on_qr(qr_payload(qr_->ref, keys_), left_until(qr_->expires_at));
}

void LinkAttempt::handle_iq(const Node& node) {
  if (const Node* pair_device = node.child("pair-device")) {
    reply(node);
    if (phase_ != Phase::kWaitingForCodes && phase_ != Phase::kShowing) return;
    if (options_.phone.empty()) {
      next_phase(Phase::kShowing);
      asio::co_spawn(executor_, show_qrs(shared_from_this(), *pair_device), asio::detached);
    } else {
      // At least one: an empty batch is an error only for who would show it.
      const auto later =
          std::max<std::ptrdiff_t>(std::ssize(pair_device->children_named("ref")) - 1, 0);
      begin_code(Clock::now() + options_.first_qr_lifetime + later * options_.qr_lifetime);
    }
  } else if (const Node* success = node.child("pair-success")) {
    const bool expected =
        phase_ == Phase::kShowing || phase_ == Phase::kTyped || phase_ == Phase::kConfirming;
    if (expected) handle_success(node, *success);
  } else if (node.text("type") == "get") {
    reply(node);
  }
}

void LinkAttempt::reply(const Node& request, std::vector<Node> content) {
  Node answer("iq", {{"to", server_jid()}, {"type", "result"}, {"id", request.text("id")}});
  if (!content.empty()) answer.content = std::move(content);
  stream_->send(answer);
}

// `pair_device` is copied: the stanza is gone once this first suspends.
asio::awaitable<void> LinkAttempt::show_qrs(std::shared_ptr<LinkAttempt> self, Node pair_device) {
  try {
    const auto refs = refs_in(pair_device);
    const auto ours = self->phase_number_;
    auto lifetime = self->options_.first_qr_lifetime;
    for (const Node* ref : refs) {
      lifetime = std::min(lifetime, self->time_left());
      self->qr_ = {.ref = to_string(ref->bytes()), .expires_at = Clock::now() + lifetime};
      self->events_.on_qr(qr_payload(self->qr_->ref, self->keys_), lifetime);
      co_await self->phase_over_.wait_for(lifetime);
      if (self->phase_number_ != ours) co_return;
      lifetime = self->options_.qr_lifetime;
    }
    self->next_phase(Phase::kUsedUp);
    throw nobody_answered(self->options_);
  } catch (...) {
    self->stream_->close(std::current_exception());
  }
}

// A code, or another one instead of the one shown. Never without end: each rings the phone.
void LinkAttempt::begin_code(Clock::time_point expires_at) {
  next_phase(Phase::kShowing);
  code_.reset();
  code_expires_at_ = std::min(expires_at, deadline_);
  if (--*codes_left_ < 0) {
    stream_->close(std::make_exception_ptr(too_many_codes()));
    return;
  }
  asio::co_spawn(executor_, show_code(shared_from_this()), asio::detached);
}

asio::awaitable<void> LinkAttempt::show_code(std::shared_ptr<LinkAttempt> self) {
  try {
    const auto ours = self->phase_number_;
    LinkCode code(self->options_.phone);
    Node hello = code.hello(self->keys_.noise.public_key);
    const Node answer = co_await self->stream_->query(std::move(hello));
    if (self->phase_number_ != ours) co_return;
    code.take_answer(answer);
    self->code_ = std::move(code);
    self->events_.on_code(self->code_->text(), left_until(self->code_expires_at_));
    co_await self->phase_over_.wait_until(self->code_expires_at_);
    if (self->phase_number_ != ours) co_return;
    self->next_phase(Phase::kUsedUp);
    throw nobody_answered(self->options_);
  } catch (const RefusedQuery& refusal) {
    // WhatsApp knows the account by one way to write its number.
    const auto other = other_form(self->options_.phone);
    if (other && !self->other_form_tried_) {
      self->other_form_tried_ = true;
      self->options_.phone = *other;
      self->begin_code(self->code_expires_at_);
      co_return;
    }
    self->stream_->close(std::make_exception_ptr(no_code_for(self->options_.phone, refusal)));
  } catch (...) {
    self->stream_->close(std::current_exception());
  }
}

// The code was typed. What the phone signs next is sealed under the secret made here.
asio::awaitable<void> LinkAttempt::answer_phone(std::shared_ptr<LinkAttempt> self,
                                                Node notification) {
  try {
    LinkCode::Finish finish = self->code_->finish(notification, self->keys_);
    self->keys_.adv_secret = std::move(finish.adv_secret);
    co_await self->stream_->query(std::move(finish.request));
    if (self->phase_ != Phase::kTyped) co_return;
    self->limit_phase(self->options_.timings.iq_timeout,
                      Error(ErrorCode::kTimeout, Phrase{"the phone did not confirm the link",
                                                        "telefonul nu a confirmat conectarea"}));
  } catch (...) {
    self->stream_->close(std::current_exception());
  }
}

std::vector<const Node*> LinkAttempt::refs_in(const Node& pair_device) {
  auto refs = pair_device.children_named("ref");
  if (refs.empty())
    throw Error(ErrorCode::kProtocol,
                Phrase{"WhatsApp sent an empty QR code", "WhatsApp a trimis un cod QR gol"});
  return refs;
}

std::chrono::milliseconds LinkAttempt::time_left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  if (left <= std::chrono::milliseconds::zero()) throw nobody_answered(options_);
  return left;
}

// Ends the stream unless another phase comes before.
void LinkAttempt::limit_phase(std::chrono::milliseconds duration, const Error& reason) {
  limit_.emplace(executor_, Clock::now() + duration,
                 [this, reason] { stream_->close(std::make_exception_ptr(reason)); });
}

// Whatever goes wrong here is told to the server: the phone then says that linking failed,
// instead of showing a device that does not exist.
void LinkAttempt::handle_success(const Node& request, const Node& success) {
  PairSuccess paired;
  try {
    paired = read_pair_success(success, keys_, options_.companion);
  } catch (const Error& error) {
    const bool untrusted = error.code() == ErrorCode::kPairingFailed;
    refuse(request, untrusted ? "401" : "500", untrusted ? "signature-mismatch" : "internal-error",
           std::current_exception());
    return;
  }
  try {
    events_.on_linked(paired.device, keys_, paired.account_key);
  } catch (...) {
    refuse(request, "500", "internal-error", std::current_exception());
    return;
  }
  reply(request, {std::move(paired.confirmation)});
  next_phase(Phase::kLinked);
  limit_phase(kRestartPatience,
              Error(ErrorCode::kNetwork, Phrase{"WhatsApp did not ask for a new connection",
                                                "WhatsApp nu a cerut o conexiune nouă"}));
}

void LinkAttempt::refuse(const Node& request, const char* code, const char* text,
                         const std::exception_ptr& why) {
  next_phase(Phase::kRefused);
  Node reason("error", {{"code", code}, {"text", text}});
  const Node answer("iq", {{"to", server_jid()}, {"type", "error"}, {"id", request.text("id")}},
                    std::vector<Node>{reason});
  stream_->close_after(answer, why);
}

}  // namespace wasync
