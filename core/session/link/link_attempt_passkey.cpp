// The part of LinkAttempt that an account with a demanded passkey goes through. Fact source:
// whatsmeow pair-passkey.go.
#include "base/error.h"
#include "base/log.h"
#include "session/connection/stream_end.h"
#include "session/link/link_attempt.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using Clock = std::chrono::steady_clock;

// Whatsmeow: a proof with an older key is not accepted.
constexpr std::chrono::minutes kHandoffLifetime{5};

Error nobody_can_answer() {
  return {ErrorCode::kPasskeyRequired,
          Phrase{"this account links devices only with its passkey, and nobody here can answer for "
                 "it: standard input has ended",
                 "acest cont conectează dispozitive doar cu cheia lui de acces, și nimeni de aici "
                 "nu poate răspunde: intrarea standard s-a încheiat"},
          Phrase{"run wa-sync pair in a terminal, or give it the answer on standard input; see "
                 "wa-sync-pair(1). Removing the passkey on the phone does not help",
                 "rulează wa-sync pair într-un terminal sau dă-i răspunsul la intrarea standard; "
                 "vezi wa-sync-pair(1). Ștergerea cheii de acces de pe telefon nu ajută"}};
}

Error passkey_too_late() {
  return {ErrorCode::kTimeout,
          Phrase{"the passkey did not answer in time", "cheia de acces nu a răspuns la timp"},
          Phrase{"run the command again: WhatsApp then asks anew",
                 "rulează din nou comanda: WhatsApp întreabă din nou"}};
}

Error codes_differ() {
  return {ErrorCode::kPairingFailed,
          Phrase{"the phone does not show this code: somebody else may be linking",
                 "telefonul nu afișează acest cod: poate se conectează altcineva"},
          Phrase{"cancel on the phone, then run the command again",
                 "anulează pe telefon, apoi rulează din nou comanda"}};
}

bool says_yes(std::string_view answer) {
  return answer == "yes" || answer == "y" || answer == "da" || answer == "d";
}

bool says_no(std::string_view answer) {
  return answer == "no" || answer == "n" || answer == "nu";
}

std::chrono::milliseconds time_until(Clock::time_point end) {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()),
                  std::chrono::milliseconds::zero());
}

}  // namespace

asio::awaitable<void> LinkAttempt::answer_passkey(std::shared_ptr<LinkAttempt> self, Node demand,
                                                  std::optional<Bytes> handoff_key) {
  auto ours = self->phase_number_;
  try {
    if (!self->options_.answers) throw nobody_can_answer();
    const std::weak_ptr<LinkAttempt> weak = self;
    self->options_.answers->on_change([weak] {
      if (const auto attempt = weak.lock()) attempt->phase_over_.notify();
    });
    PasskeyRequest request = co_await self->passkey_request(std::move(demand));
    if (self->phase_number_ != ours) co_return;
    const auto end = Clock::now() + std::min(request.timeout, self->options_.timeout);
    PasskeyHandshake handshake =
        co_await self->begin_handshake(std::move(request), std::move(handoff_key), end);
    while (self->phase_number_ == ours && !self->continuation_) {
      if (Clock::now() >= end) throw passkey_too_late();
      co_await self->phase_over_.wait_until(end);
    }
    if (self->phase_number_ != ours) co_return;
    handshake.take_continuation(*self->continuation_);
    co_await self->stream_->query(handshake.reveal());
    if (self->phase_number_ != ours) co_return;
    self->events_.on_passkey_code(handshake.code(), !handshake.proven());
    if (!handshake.proven()) co_await self->compare_code(handshake.code(), end);
    if (self->phase_number_ != ours) co_return;
    self->next_phase(Phase::kConfirming);
    ours = self->phase_number_;
    co_await self->stream_->query(handshake.pairing_request(self->keys_));
    if (self->phase_number_ != ours) co_return;
    self->limit_phase(std::max(time_until(end), self->options_.timings.iq_timeout),
                      Error(ErrorCode::kTimeout, Phrase{"the phone did not confirm the link",
                                                        "telefonul nu a confirmat conectarea"}));
  } catch (...) {
    if (self->phase_number_ == ours) self->stream_->close(std::current_exception());
  }
}

// Throws when the stream has ended or the server has come to demand something else.
void LinkAttempt::check_phase(std::uint64_t ours) const {
  if (phase_number_ != ours) throw Error(ErrorCode::kInterrupted, "no longer demanded");
}

// What the demand brings; what cannot be read is asked for.
asio::awaitable<PasskeyRequest> LinkAttempt::passkey_request(Node demand) {
  try {
    co_return PasskeyHandshake::options_in(demand);
  } catch (const Error& error) {
    log::info("the passkey's options are asked for: {}", error.what());
  }
  const Node answer = co_await stream_->query(PasskeyHandshake::ask_for_options());
  co_return PasskeyHandshake::options_in(answer);
}

// Until the server has taken an assertion; what it refuses is asked anew.
asio::awaitable<PasskeyHandshake> LinkAttempt::begin_handshake(PasskeyRequest request,
                                                               std::optional<Bytes> handoff_key,
                                                               Clock::time_point end) {
  const auto demanded_at = Clock::now();
  const auto ours = phase_number_;
  while (true) {
    check_phase(ours);
    events_.on_passkey(request.json, time_until(end));
    std::optional<PasskeyAssertion> assertion;
    while (!assertion) {
      const std::string line = co_await next_answer(end);
      auto read = read_assertion(line, request);
      if (const auto* why = std::get_if<Words>(&read)) {
        events_.on_passkey_refused(*why);
      } else {
        assertion = std::get<PasskeyAssertion>(std::move(read));
      }
    }
    const Node named = co_await stream_->query(PasskeyHandshake::ask_for_ref());
    check_phase(ours);
    PasskeyHandshake handshake(PasskeyHandshake::ref_in(named));
    if (Clock::now() - demanded_at > kHandoffLifetime) handoff_key.reset();
    std::optional<std::uint64_t> refused;
    continuation_.reset();  // what came before is no answer to this prologue
    try {
      co_await stream_->query(handshake.prologue(*assertion, handoff_key));
    } catch (const RefusedQuery& refusal) {
      refused = refusal.reason();
    }
    check_phase(ours);
    if (!refused) co_return handshake;
    events_.on_passkey_refused(Phrase{"WhatsApp does not accept this answer ({}); it asks anew",
                                      "WhatsApp nu acceptă acest răspuns ({}); întreabă din nou"}
                                   .with(*refused));
    const Node anew = co_await stream_->query(PasskeyHandshake::ask_for_options());
    request = PasskeyHandshake::options_in(anew);
  }
}

// The next line that says something.
asio::awaitable<std::string> LinkAttempt::next_answer(Clock::time_point end) {
  const auto ours = phase_number_;
  while (true) {
    while (auto line = options_.answers->take()) {
      constexpr std::string_view kBlank = " \t\r\n";
      const std::size_t from = line->find_first_not_of(kBlank);
      if (from == std::string::npos) continue;
      co_return line->substr(from, line->find_last_not_of(kBlank) + 1 - from);
    }
    if (options_.answers->ended()) throw nobody_can_answer();
    if (Clock::now() >= end) throw passkey_too_late();
    co_await phase_over_.wait_until(end);
    check_phase(ours);
  }
}

asio::awaitable<void> LinkAttempt::compare_code(std::string code, Clock::time_point end) {
  while (true) {
    const std::string answer = co_await next_answer(end);
    if (says_yes(answer)) co_return;
    if (says_no(answer)) throw codes_differ();
    events_.on_passkey_code(code, true);
  }
}

}  // namespace wasync
