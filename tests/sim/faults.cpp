#include "sim/faults.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/number.h"

namespace wasync::sim {
namespace {

constexpr std::array kKnown{
    FaultDescription{"bad-cert-chain", "the Noise certificate certifies another key"},
    FaultDescription{"expired-cert", "the Noise certificate is no longer valid"},
    FaultDescription{"wrong-root", "the Noise certificate is signed by another root"},
    FaultDescription{"bad-adv-hmac", "pair-success carries a wrong HMAC"},
    FaultDescription{"bad-adv-signature", "pair-success carries a wrong account signature"},
    FaultDescription{"bad-blob-hash", "history notifications state a wrong hash of the blob"},
    FaultDescription{"bad-blob-mac", "history blobs carry a wrong MAC (and a matching hash)"},
    FaultDescription{"corrupt-blob",
                     "[=once]: the media host flips a byte of every blob, or only of history that "
                     "the phone has not uploaded again"},
    FaultDescription{"truncated-blob",
                     "[=once]: the media host cuts every answer in half, or only the first of each "
                     "blob"},
    FaultDescription{"missing-blob",
                     "[=once]: the media host answers 404, or only for history that the phone has "
                     "not uploaded again"},
    FaultDescription{"hold-blobs", "the media host answers no download until this is switched off"},
    FaultDescription{"media-status", "=CODE: the media host answers with that HTTP status"},
    FaultDescription{"refuse-login", "=CODE: login fails for that reason"},
    FaultDescription{"refuse-registration", "[=CODE]: a new device is refused, 405 by default"},
    FaultDescription{"number", "=DIGITS: the first user's phone has that number, from the start"},
    FaultDescription{"hosted-account", "a business provider hosts the account that is linked"},
    FaultDescription{"reg-refresh",
                     "[=rotate-qr]: the account is one of those that the service refreshes: the "
                     "first QR code that is scanned only brings companion_reg_refresh (or "
                     "pair-device-rotate-qr), and what is scanned next must hold a new secret"},
    FaultDescription{"passkey",
                     "[=after-finish]: the account demands its passkey of a new device, once the "
                     "phone has answered; where a code is typed, instead of its last step or "
                     "behind it"},
    FaultDescription{"web-version",
                     "=N: /sw.js names that revision; without a value it is not there"},
    FaultDescription{"version-cut-off",
                     "=N: web versions with an older revision are refused (405)"},
    FaultDescription{"client-expiration",
                     "[=DAYS]: a client is warned that its version will be refused, in 14 days by "
                     "default"},
    FaultDescription{"silent", "no query is answered"},
    FaultDescription{"one-way",
                     "the next stanza for a companion, and all behind it, wait for its next login, "
                     "while queries are answered"},
    FaultDescription{"no-history", "the phone sends no history"},
    FaultDescription{"history-stops", "=N: the phone sends no more than N chunks of its history"},
    FaultDescription{"no-subjects", "history does not tell what groups are called"},
    FaultDescription{"hold-history", "the phone sends no history until this is switched off"},
    FaultDescription{"side-data",
                     "=first|last: the NON_BLOCKING_DATA chunk comes before or behind all others, "
                     "and it alone tells which LIDs are whose"},
    FaultDescription{"phone-offline",
                     "the phone neither sends history nor answers until it is back"},
    FaultDescription{"drop-after", "=N: TCP is cut after N stanzas to a logged-in client, once"},
    FaultDescription{"duplicate", "every message stanza is sent twice"},
    FaultDescription{"swap",
                     "each stanza for a companion changes places with the next (the last of an odd "
                     "number waits)"},
    FaultDescription{"offline-unasked",
                     "what waited for a companion comes without being asked for"},
    FaultDescription{"refused-at-login",
                     "a stanza that a companion refused comes again at the next login only"},
    FaultDescription{"unusable",
                     "=enc-type|protobuf|participant|msmsg: the next message is of no use for that "
                     "reason"},
    FaultDescription{"undecryptable", "[=N]: the next N ciphertexts do not decrypt"},
    FaultDescription{"few-pre-keys", "=N: the server keeps only so many of those uploaded"},
    FaultDescription{"no-sender-key",
                     "[=N]: the next N times, a companion of a group's member is not given the key "
                     "that comes with a message of another user's"},
    FaultDescription{"unavailable", "[=N]: the next N messages come without their content"},
    FaultDescription{"plain-edits", "contacts' edits come plainly, as before 2026"},
    FaultDescription{"no-secrets", "live messages come without their secrets"},
    FaultDescription{"wrong-secret", "what is sealed is sealed with another message's secret"},
    FaultDescription{
        "withheld",
        "=view_once, hosted or bot: messages come as what WhatsApp gives to no linked device"},
    FaultDescription{"no-resend", "nobody sends again what a client could not decrypt"},
    FaultDescription{"on-demand-silent",
                     "[=PREFIX]: requests for older messages go unanswered, "
                     "or only those whose anchor's id begins so"},
    FaultDescription{"on-demand-other-address",
                     "older messages of a person come under the other of "
                     "the two addresses"},
    FaultDescription{"on-demand-short", "half of the older messages that were asked for come"},
    FaultDescription{"on-demand-empty",
                     "no older messages come, and nothing says that there are none"},
    FaultDescription{"on-demand-late",
                     "[=N]: the next N answers with older messages come with the one after them"},
    FaultDescription{"on-demand-more-chats",
                     "answers hold the newest messages of another chat as well"},
    FaultDescription{"on-demand-wrong-session", "older messages quote a request nobody made"},
    FaultDescription{"phone-number-chats",
                     "the phone has not moved to LIDs: it knows people's chats by their phone "
                     "number alone"},
    FaultDescription{"forgive-bursts",
                     "clients may ask about groups and people as often as they like"},
    FaultDescription{"forgive-chat-address",
                     "the phone answers requests about a chat by either of its addresses"},
    FaultDescription{"forgive-privacy-mark",
                     "the phone answers requests for older messages that lack the mark "
                     "privacy_sensitive"},
    FaultDescription{"phone-cannot-read",
                     "the phone reads nothing of what its companions ask it, and asks for it again "
                     "with its keys"},
    FaultDescription{"phone-identity",
                     "=other: the phone's retry receipts, and the server for it, bring keys of "
                     "another identity"},
    FaultDescription{"ack-error",
                     "[=CODE]: messages of companions to their phone are refused with that error, "
                     "479 by default"},
    FaultDescription{"hostile-chunks",
                     "the phone first sends chunks that inflate or nest without end, that are "
                     "damaged, and that are no zlib stream"},
    FaultDescription{"no-app-state-keys", "the phone shares no app-state keys unless asked"},
    FaultDescription{"hold-app-state",
                     "queries for app state are not answered until this is switched off"},
    FaultDescription{"bad-app-state-mac",
                     "[=patch]: app state carries wrong MACs, or only its patches do"},
    FaultDescription{"no-app-state-recovery", "the phone repairs no app state"},
    FaultDescription{"app-state-patches",
                     "[=external]: no snapshots of app state, one patch an answer, or that as a "
                     "blob"},
    FaultDescription{"spoof-app-state-keys", "a stranger shares the app-state keys first"},
    FaultDescription{"spoof-history", "a stranger sends a history notification first"},
};

const FaultDescription* find(std::string_view name) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(), [&](const FaultDescription& fault) {
    return fault.name == name;
  });
  return found == kKnown.end() ? nullptr : &*found;
}

}  // namespace

std::span<const FaultDescription> known_faults() {
  return kKnown;
}

void Faults::set(std::string_view fault) {
  const std::size_t equals = fault.find('=');
  const std::string_view name = fault.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : fault.substr(equals + 1);
  if (find(name) == nullptr) throw Error(ErrorCode::kUsage, "unknown fault " + std::string(name));
  if (value == "off")
    values_.erase(std::string(name));
  else
    values_[std::string(name)] = std::string(value);
}

bool Faults::take(std::string_view name) {
  const auto found = values_.find(name);
  if (found == values_.end()) return false;
  values_.erase(found);
  return true;
}

void Faults::count_down(std::string_view name) {
  const int left = number(name, 1) - 1;
  if (left <= 0)
    take(name);
  else
    values_[std::string(name)] = std::to_string(left);
}

std::string Faults::value(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

int Faults::number(std::string_view name, int otherwise) const {
  const std::string text = value(name);
  std::string_view digits = text;
  return take_number<int>(digits).value_or(otherwise);
}

}  // namespace wasync::sim
