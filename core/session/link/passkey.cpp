#include "session/link/passkey.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/crypto.h"
#include "base/error.h"

namespace wasync {
namespace {

using WebAuthnJson = nlohmann::ordered_json;

constexpr std::size_t kMostPasskeyJson = 16 * 1024;
constexpr int kDeepestJson = 16;
constexpr std::size_t kMostCredentials = 64;
constexpr std::size_t kMostCredentialId = 1023;  // Web Authentication, section 4
constexpr std::chrono::milliseconds kShortestCeremony{10'000};
constexpr std::chrono::milliseconds kLongestCeremony{600'000};

// What an authenticator signs: the hash of the site, flags, a counter.
constexpr std::size_t kSiteHashSize = 32;
constexpr std::size_t kLeastAuthenticatorData = kSiteHashSize + 1 + 4;
constexpr std::uint8_t kUserVerified = 0x04;

std::optional<WebAuthnJson> json_object(std::string_view text) {
  if (text.size() > kMostPasskeyJson) return std::nullopt;
  const auto shallow = [](int depth, WebAuthnJson::parse_event_t, const WebAuthnJson&) {
    return depth < kDeepestJson;
  };
  WebAuthnJson json = WebAuthnJson::parse(text, shallow, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

std::string string_at(const WebAuthnJson& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// base64url, padded or not; nothing when it is not or says nothing.
std::optional<Bytes> base64url_at(const WebAuthnJson& json, const char* name) {
  std::string text = string_at(json, name);
  while (text.ends_with('=')) text.pop_back();
  if (text.empty() || text.find_first_of("+/") != std::string::npos) return std::nullopt;
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return base64_decode(text);
}

// As the protocol has it: without padding.
std::string bare_base64url(BytesView bytes) {
  std::string text = base64url_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

[[noreturn]] void malformed_demand(std::string_view what) {
  throw Error(ErrorCode::kProtocol,
              Phrase{"WhatsApp sent a malformed demand for the passkey: {}",
                     "WhatsApp a trimis o cerere malformată pentru cheia de acces: {}"}
                  .with(what));
}

bool is_site_of(std::string_view origin, std::string_view rp_id) {
  constexpr std::string_view kScheme = "https://";
  if (!origin.starts_with(kScheme)) return false;
  origin.remove_prefix(kScheme.size());
  return origin == rp_id || origin.ends_with("." + std::string(rp_id));
}

Words no_answer_at_all() {
  return Phrase{"this is not the answer that the lines print: one line of JSON",
                "acesta nu este răspunsul pe care îl afișează liniile: un rând JSON"};
}

Words incomplete_answer(std::string_view what) {
  return Phrase{"the answer is incomplete ({}): copy the whole line",
                "răspunsul este incomplet ({}): copiază tot rândul"}
      .with(what);
}

// What is wrong with the question that was answered.
std::optional<Words> wrong_question(const WebAuthnJson& asked, const PasskeyRequest& request) {
  if (string_at(asked, "type") != "webauthn.get") {
    return Phrase{"the answer was made for something else than signing in",
                  "răspunsul a fost făcut pentru altceva decât autentificare"};
  }
  const std::string origin = string_at(asked, "origin");
  const auto cross = asked.find("crossOrigin");
  if (!is_site_of(origin, request.rp_id) || (cross != asked.end() && *cross != false)) {
    return Phrase{
        "the answer was not made on a page of WhatsApp: run the lines on "
        "https://web.whatsapp.com",
        "răspunsul nu a fost făcut pe o pagină WhatsApp: rulează liniile pe "
        "https://web.whatsapp.com"};
  }
  if (base64url_at(asked, "challenge") != request.challenge) {
    return Phrase{
        "the answer is to another request, perhaps an earlier one: run the lines that "
        "were shown last",
        "răspunsul este la altă cerere, poate una de mai devreme: rulează liniile "
        "afișate ultima dată"};
  }
  return std::nullopt;
}

std::optional<Words> wrong_authenticator(BytesView data, const PasskeyRequest& request) {
  if (data.size() < kLeastAuthenticatorData) return incomplete_answer("authenticatorData");
  const Digest256 site = sha256(as_bytes(request.rp_id));
  if (!std::equal(site.begin(), site.end(), data.begin())) {
    return Phrase{"the passkey that answered is not one of WhatsApp",
                  "cheia de acces care a răspuns nu este una WhatsApp"};
  }
  if (request.user_verified && (data[kSiteHashSize] & kUserVerified) == 0) {
    return Phrase{"the passkey answered without recognising its owner (fingerprint, face or PIN)",
                  "cheia de acces a răspuns fără să își recunoască posesorul (amprentă, față sau "
                  "PIN)"};
  }
  return std::nullopt;
}

}  // namespace

PasskeyRequest read_passkey_request(BytesView options) {
  const auto json = json_object(as_text(options));
  if (!json) malformed_demand("JSON");
  PasskeyRequest request;
  request.json = json->dump(-1, ' ', true, WebAuthnJson::error_handler_t::replace);
  const auto challenge = base64url_at(*json, "challenge");
  if (!challenge) malformed_demand("challenge");
  request.challenge = *challenge;
  request.rp_id = string_at(*json, "rpId");
  if (request.rp_id.empty()) malformed_demand("rpId");
  if (const auto allowed = json->find("allowCredentials"); allowed != json->end()) {
    if (!allowed->is_array() || allowed->size() > kMostCredentials)
      malformed_demand("allowCredentials");
    for (const WebAuthnJson& each : *allowed) {
      const auto id = each.is_object() ? base64url_at(each, "id") : std::nullopt;
      if (!id || id->size() > kMostCredentialId) malformed_demand("allowCredentials");
      request.credentials.push_back(*id);
    }
  }
  request.user_verified = string_at(*json, "userVerification") == "required";
  if (const auto timeout = json->find("timeout");
      timeout != json->end() && timeout->is_number_unsigned()) {
    const auto most = static_cast<std::uint64_t>(kLongestCeremony.count());
    request.timeout =
        std::max(kShortestCeremony,
                 std::chrono::milliseconds(std::min(timeout->get<std::uint64_t>(), most)));
  }
  return request;
}

std::variant<PasskeyAssertion, Words> read_assertion(std::string_view text,
                                                     const PasskeyRequest& request) {
  const auto json = json_object(text);
  if (!json) return no_answer_at_all();
  const auto id = base64url_at(*json, "rawId");
  if (!id || id->size() > kMostCredentialId || string_at(*json, "type") != "public-key")
    return incomplete_answer("rawId");
  const auto response = json->find("response");
  if (response == json->end() || !response->is_object()) return incomplete_answer("response");
  const auto client_data = base64url_at(*response, "clientDataJSON");
  const auto asked = client_data ? json_object(as_text(*client_data)) : std::nullopt;
  if (!asked) return incomplete_answer("clientDataJSON");
  const auto authenticator_data = base64url_at(*response, "authenticatorData");
  if (!authenticator_data) return incomplete_answer("authenticatorData");
  const auto signature = base64url_at(*response, "signature");
  if (!signature) return incomplete_answer("signature");
  if (auto wrong = wrong_question(*asked, request)) return std::move(*wrong);
  if (auto wrong = wrong_authenticator(*authenticator_data, request)) return std::move(*wrong);
  if (!request.credentials.empty() &&
      std::ranges::find(request.credentials, *id) == request.credentials.end()) {
    return Words(Phrase{"the passkey that answered belongs to another account",
                        "cheia de acces care a răspuns aparține altui cont"});
  }
  const auto user = base64url_at(*response, "userHandle");
  const WebAuthnJson answer{
      {"id", bare_base64url(*id)},
      {"rawId", bare_base64url(*id)},
      {"type", "public-key"},
      {"response",
       {{"clientDataJSON", bare_base64url(*client_data)},
        {"authenticatorData", bare_base64url(*authenticator_data)},
        {"signature", bare_base64url(*signature)},
        {"userHandle", user ? WebAuthnJson(bare_base64url(*user)) : WebAuthnJson(nullptr)}}}};
  return PasskeyAssertion{.credential_id = *id, .json = answer.dump()};
}

}  // namespace wasync
