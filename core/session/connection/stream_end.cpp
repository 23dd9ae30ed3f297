#include "session/connection/stream_end.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/counted.h"

namespace wasync {
namespace {

constexpr std::uint64_t kRestartRequired = 515;

constexpr Phrase kPairAgain{"Link it again: wa-sync pair", "Conectează-l din nou: wa-sync pair"};
constexpr Phrase kSoonOver{"It is usually over in a minute: try again.",
                           "De obicei trece într-un minut: încearcă din nou."};
constexpr Phrase kUpgrade{"Upgrade wa-sync.", "Actualizează wa-sync."};
constexpr Phrase kElseUpgrade{"Try again; if it fails again, upgrade wa-sync.",
                              "Încearcă din nou; dacă eșuează iar, actualizează wa-sync."};
constexpr Phrase kSeePhone{"See what WhatsApp on the phone says, then link it again: wa-sync pair",
                           "Vezi ce spune WhatsApp pe telefon, apoi conectează-l din nou: wa-sync "
                           "pair"};

// What <failure reason="…"> means. Names of the codes: whatsmeow types/events.
struct Refusal {
  std::uint64_t reason;
  ErrorCode code;
  Phrase what;
  Phrase hint;
};

constexpr Phrase kNoSuchClient{"WhatsApp refuses this kind of client",
                               "WhatsApp refuză acest fel de client"};
constexpr Phrase kMessengerToken{"WhatsApp asks for a token that only Messenger clients have",
                                 "WhatsApp cere un token pe care îl au doar clienții Messenger"};
constexpr Phrase kNotNow{"WhatsApp is not available at the moment",
                         "WhatsApp nu este disponibil acum"};

constexpr Refusal kRefusals[] = {
    {400,
     ErrorCode::kServerRefused,
     {"WhatsApp refused the connection", "WhatsApp a refuzat conexiunea"},
     kElseUpgrade},
    {401,
     ErrorCode::kLoggedOut,
     {"the phone has removed this device", "telefonul a scos acest dispozitiv"},
     kPairAgain},
    {402,
     ErrorCode::kBanned,
     {"WhatsApp has banned this account for a while",
      "WhatsApp a blocat acest cont pentru un timp"},
     {"Wait until WhatsApp on the phone works again, then run the command again.",
      "Așteaptă până merge din nou WhatsApp pe telefon, apoi rulează din nou comanda."}},
    {403,
     ErrorCode::kLoggedOut,
     {"WhatsApp has locked the account, or it has moved to another phone",
      "WhatsApp a blocat contul sau contul s-a mutat pe alt telefon"},
     kSeePhone},
    {405,
     ErrorCode::kClientOutdated,
     {"WhatsApp refuses this web version as outdated",
      "WhatsApp refuză această versiune web ca învechită"},
     {"Set a newer one with --web-version, or upgrade wa-sync.",
      "Pune una mai nouă cu --web-version sau actualizează wa-sync."}},
    {406,
     ErrorCode::kLoggedOut,
     {"WhatsApp has logged the account out or banned it",
      "WhatsApp a deconectat contul sau l-a blocat"},
     kSeePhone},
    {409, ErrorCode::kServerRefused, kNoSuchClient, kUpgrade},
    {411,
     ErrorCode::kServerRefused,
     {"the phone's WhatsApp is too old to link devices",
      "WhatsApp de pe telefon este prea vechi ca să conecteze dispozitive"},
     {"Update WhatsApp on the phone, then link it again: wa-sync pair",
      "Actualizează WhatsApp pe telefon, apoi conectează-l din nou: wa-sync pair"}},
    {413, ErrorCode::kServerRefused, kMessengerToken, kUpgrade},
    {414, ErrorCode::kServerRefused, kMessengerToken, kUpgrade},
    {415,
     ErrorCode::kServerRefused,
     {"WhatsApp does not find the requested item", "WhatsApp nu găsește ce i s-a cerut"},
     kUpgrade},
    {418, ErrorCode::kServerRefused, kNoSuchClient, kUpgrade},
    {429,
     ErrorCode::kServerRefused,
     {"wa-sync asked WhatsApp too often", "wa-sync a întrebat WhatsApp prea des"},
     {"Wait an hour, then run the command again.",
      "Așteaptă o oră, apoi rulează din nou comanda."}},
    {500, ErrorCode::kNetwork, kNotNow, kSoonOver},
    {501,
     ErrorCode::kServerRefused,
     {"WhatsApp refused the connection for an experiment of its own",
      "WhatsApp a refuzat conexiunea pentru un experiment al său"},
     kElseUpgrade},
    {503, ErrorCode::kNetwork, kNotNow, kSoonOver},
};

constexpr Refusal kUnknownRefusal{0,
                                  ErrorCode::kServerRefused,
                                  {"WhatsApp refused the connection for an unknown reason",
                                   "WhatsApp a refuzat conexiunea dintr-un motiv necunoscut"},
                                  kElseUpgrade};

const Refusal& refusal_for(std::uint64_t reason) {
  const auto* found = std::ranges::find(kRefusals, reason, &Refusal::reason);
  return found != std::end(kRefusals) ? *found : kUnknownRefusal;
}

Words with_code(Phrase what, std::uint64_t code) {
  return code != 0 ? Phrase{"{} ({})", "{} ({})"}.with(what, code) : Words(what);
}

// If the cause is lasting, the next login is refused, and that says why: so whatever is not
// known to be final is worth one.
Error from_stream_error(const Node& node) {
  const std::uint64_t code = node.number("code").value_or(0);
  if (demands_restart(node)) {
    return {ErrorCode::kNetwork, Phrase{"WhatsApp asks for a new connection (515)",
                                        "WhatsApp cere o conexiune nouă (515)"}};
  }
  if (const Node* conflict = node.child("conflict")) {
    if (conflict->text("type") == "device_removed") {
      const Refusal& removed = refusal_for(401);
      return {removed.code, with_code(removed.what, code), removed.hint};
    }
    return {
        ErrorCode::kReplaced,
        Phrase{"another program connected as this device and took its place",
               "alt program s-a conectat ca acest dispozitiv și i-a luat locul"},
        Phrase{"Stop the other wa-sync (or restored copy of its state directory), then try again.",
               "Oprește celălalt wa-sync (sau copia restaurată a directorului lui de stare), "
               "apoi încearcă din nou."}};
  }
  if (code == 500 || code == 503) {
    const Refusal& busy = refusal_for(code);
    return {busy.code, with_code(busy.what, code), busy.hint};
  }
  if (node.child("xml-not-well-formed") != nullptr) {
    return {ErrorCode::kNetwork,
            Phrase{"WhatsApp could not read our stanza (xml-not-well-formed)",
                   "WhatsApp nu a putut citi ce am trimis (xml-not-well-formed)"},
            kElseUpgrade};
  }
  if (node.child("ack") != nullptr) {
    return {ErrorCode::kNetwork,
            Phrase{"WhatsApp missed an answer of ours and ended the connection",
                   "WhatsApp nu a primit un răspuns al nostru și a închis conexiunea"},
            kSoonOver};
  }
  return {ErrorCode::kNetwork,
          Phrase{"WhatsApp ended the connection ({})", "WhatsApp a închis conexiunea ({})"}.with(
              code != 0 ? std::to_string(code) : node.describe()),
          kSoonOver};
}

Words ban_reason(std::uint64_t code) {
  switch (code) {
    case 101:
      return Phrase{"too many messages to people who do not have it in their contacts",
                    "prea multe mesaje către oameni care nu îl au în contacte"};
    case 102: return Phrase{"too many people blocked it", "prea mulți oameni l-au blocat"};
    case 103:
      return Phrase{"too many groups with people who do not have it in their contacts",
                    "prea multe grupuri cu oameni care nu îl au în contacte"};
    case 104:
      return Phrase{"the same message to too many people", "același mesaj către prea mulți oameni"};
    case 106:
      return Phrase{"too many messages to a broadcast list",
                    "prea multe mesaje către o listă de difuzare"};
    default: return Phrase{"reason {}", "motivul {}"}.with(code);
  }
}

// A temporary ban says what for (`code`) and for how many seconds (`expire`).
Error banned(const Refusal& refusal, const Node& node) {
  Words what = with_code(refusal.what, refusal.reason);
  if (const auto code = node.number("code"))
    what = Phrase{"{}: {}", "{}: {}"}.with(what, ban_reason(*code));
  Words hint = refusal.hint;
  if (const auto expire_s = node.number("expire"); expire_s && *expire_s > 0) {
    const std::uint64_t hours = *expire_s / 3600 + (*expire_s % 3600 != 0 ? 1 : 0);
    hint = Phrase{"The ban ends in about {}: run the command again then.",
                  "Blocarea se termină în vreo {}: rulează atunci din nou comanda."}
               .with(counted(noun::kHour, static_cast<std::int64_t>(hours)));
  }
  return {refusal.code, what, hint};
}

Error from_failure(const Node& node) {
  const std::uint64_t reason = node.number("reason").value_or(0);
  const Refusal& refusal = refusal_for(reason);
  if (refusal.code == ErrorCode::kBanned) return banned(refusal, node);
  return {refusal.code, with_code(refusal.what, reason), refusal.hint};
}

std::uint64_t reason_in(const Node& answer) {
  const Node* error = answer.child("error");
  return error != nullptr ? error->number("code").value_or(0) : 0;
}

std::string code_in(const Node& answer) {
  return answer.child("error") != nullptr ? " (" + std::to_string(reason_in(answer)) + ")" : "";
}

}  // namespace

bool demands_restart(const Node& node) {
  return node.tag == "stream:error" && node.number("code") == kRestartRequired;
}

std::optional<Error> stream_end(const Node& node) {
  if (node.tag == "stream:error") return from_stream_error(node);
  if (node.tag == "failure") return from_failure(node);
  if (node.tag == "xmlstreamend") {
    return Error(ErrorCode::kNetwork,
                 Phrase{"WhatsApp ended the connection", "WhatsApp a închis conexiunea"});
  }
  return std::nullopt;
}

RefusedQuery::RefusedQuery(std::string_view what, const Node& answer)
    : Error(
          ErrorCode::kServerRefused,
          Phrase{"WhatsApp refused the request \"{}\"{}", "WhatsApp a refuzat cererea „{}”{}"}.with(
              what, code_in(answer))),
      reason_(reason_in(answer)) {}

}  // namespace wasync
