#include "session/link/passkey.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace passkey_test {

using namespace wasync;
using namespace std::chrono_literals;

namespace {

using Json = nlohmann::ordered_json;

// Challenge and credential begin with bytes that base64 and base64url write differently.
constexpr std::string_view kOptions = R"({
  "challenge": "-_--AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw",
  "timeout": 300000,
  "rpId": "whatsapp.com",
  "allowCredentials": [
    {"id": "_v3_AAECAwQFBgcICQoLDA0ODxA", "type": "public-key", "transports": ["internal"]},
    {"id": "AQID", "type": "public-key"}
  ],
  "userVerification": "required",
  "extensions": {}
})";

constexpr std::string_view kAsked =
    R"({"type":"webauthn.get","challenge":"-_--AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw",)"
    R"("origin":"https://web.whatsapp.com","crossOrigin":false})";

// SHA-256 by OpenSSL, of "whatsapp.com" and of "web.whatsapp.com".
constexpr std::string_view kSite =
    "e868906c730209966eff408c55d781630fcb3c9de961e9e9738b4dd0e0fd5e7f";
constexpr std::string_view kOtherSite =
    "65c02ff9d0592a94499cb05599bb6c5fb4a683899fdfeb34fc271c52286c9b42";

constexpr std::uint8_t kPresent = 0x01;
constexpr std::uint8_t kVerified = 0x04;

// As toJSON() of a browser has it: kAsked, kSite, both flags and a counter of 7.
constexpr std::string_view kLine =
    R"({"authenticatorAttachment":"platform","clientExtensionResults":{},)"
    R"("id":"_v3_AAECAwQFBgcICQoLDA0ODxA","rawId":"_v3_AAECAwQFBgcICQoLDA0ODxA",)"
    R"("response":{"authenticatorData":"6GiQbHMCCZZu_0CMVdeBYw_LPJ3pYenpc4tN0OD9Xn8FAAAABw",)"
    R"("clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiLV8tLUFBRUNBd1FGQmdjSUN)"
    R"(Rb0xEQTBPRHhBUkVoTVVGUllYR0JrYUd4dyIsIm9yaWdpbiI6Imh0dHBzOi8vd2ViLndoYXRzYXBwLmNvbSIsImN)"
    R"(yb3NzT3JpZ2luIjpmYWxzZX0",)"
    R"("signature":"MAYCARECAf8","userHandle":"YSB1c2VyJ3MgaGFuZGxl_w"},"type":"public-key"})";

constexpr std::string_view kAssertion =
    R"({"id":"_v3_AAECAwQFBgcICQoLDA0ODxA","rawId":"_v3_AAECAwQFBgcICQoLDA0ODxA",)"
    R"("type":"public-key","response":{)"
    R"("clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiLV8tLUFBRUNBd1FGQmdjSUN)"
    R"(Rb0xEQTBPRHhBUkVoTVVGUllYR0JrYUd4dyIsIm9yaWdpbiI6Imh0dHBzOi8vd2ViLndoYXRzYXBwLmNvbSIsImN)"
    R"(yb3NzT3JpZ2luIjpmYWxzZX0",)"
    R"("authenticatorData":"6GiQbHMCCZZu_0CMVdeBYw_LPJ3pYenpc4tN0OD9Xn8FAAAABw",)"
    R"("signature":"MAYCARECAf8","userHandle":"YSB1c2VyJ3MgaGFuZGxl_w"}})";

constexpr std::size_t kMostJson = 16 * 1024;

// In base64url: as long as a credential's id may be, and one byte longer.
const std::string kLongestId(1364, 'A');
const std::string kTooLongId(1366, 'A');

Bytes hex(std::string_view text) {
  return hex_decode(text).value();
}

std::string quoted(const std::string& text) {
  return Json(text).dump();
}

std::string unpadded(BytesView bytes) {
  std::string text = base64url_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// The JSON with another value at the pointer; an empty one takes it away.
std::string with(std::string_view json, const std::string& pointer, std::string_view value) {
  Json changed = Json::parse(json);
  const Json::json_pointer at(pointer);
  if (value.empty()) {
    changed.at(at.parent_pointer()).erase(at.back());
  } else {
    changed[at] = Json::parse(value);
  }
  return changed.dump();
}

std::string with_blanks(std::string text, std::size_t size) {
  text.resize(size, ' ');
  return text;
}

PasskeyRequest demand(std::string_view options = kOptions) {
  return read_passkey_request(as_bytes(options));
}

void check_malformed(std::string_view options, std::string_view part) {
  CAPTURE(options);
  try {
    demand(options);
    FAIL_CHECK("it was read");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kProtocol);
    CHECK(error.message().translated());
    CHECK(std::string_view(error.what()).ends_with(part));
  }
}

std::string line_for(std::string_view asked) {
  return with(kLine, "/response/clientDataJSON", quoted(unpadded(as_bytes(asked))));
}

Bytes authenticator_data(std::string_view site, std::uint8_t flags) {
  return concat({hex(site), Bytes{flags}, Bytes{0, 0, 0, 7}});
}

std::string line_from(BytesView authenticator) {
  return with(kLine, "/response/authenticatorData", quoted(unpadded(authenticator)));
}

std::string json_of(std::string_view line, const PasskeyRequest& request = demand()) {
  const auto read = read_assertion(line, request);
  REQUIRE(std::holds_alternative<PasskeyAssertion>(read));
  return std::get<PasskeyAssertion>(read).json;
}

bool accepted(std::string_view line, const PasskeyRequest& request = demand()) {
  return std::holds_alternative<PasskeyAssertion>(read_assertion(line, request));
}

void check_refused(std::string_view line, std::string_view why,
                   const PasskeyRequest& request = demand()) {
  CAPTURE(line);
  CAPTURE(why);
  const auto read = read_assertion(line, request);
  const auto* words = std::get_if<Words>(&read);
  REQUIRE(words != nullptr);
  CHECK(words->translated());
  CHECK(words->in(Language::kEnglish).find(why) != std::string::npos);
}

constexpr std::string_view kNoAnswer = "one line of JSON";
constexpr std::string_view kOtherSubject = "something else than signing in";
constexpr std::string_view kOtherPage = "not made on a page of WhatsApp";
constexpr std::string_view kOtherRequest = "to another request";
constexpr std::string_view kNotOfWhatsApp = "not one of WhatsApp";
constexpr std::string_view kNotRecognised = "without recognising its owner";
constexpr std::string_view kOtherAccount = "belongs to another account";

}  // namespace

TEST_CASE("a demand says what is to be answered, by which passkey and until when") {
  const PasskeyRequest request = demand();
  CHECK(request.challenge ==
        hex("fbffbe000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"));
  CHECK(request.rp_id == "whatsapp.com");
  CHECK(request.credentials ==
        std::vector<Bytes>{hex("fefdff000102030405060708090a0b0c0d0e0f10"), hex("010203")});
  CHECK(request.user_verified);
  CHECK(request.timeout == 300s);
}

TEST_CASE("a demand's options are one line of ASCII, also where WhatsApp's are not") {
  const std::string options =
      with(kOptions, "/extensions", R"({"new": ["Bună ziua 😀 \u2028", null, 1.5, -1]})");
  const PasskeyRequest request = demand(options);
  CHECK(Json::parse(request.json) == Json::parse(options));
  CHECK(std::ranges::all_of(request.json, [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST_CASE("what a demand leaves out leaves the choice to the authenticator") {
  for (const std::string_view value : {"", R"("preferred")", R"("discouraged")", "true", "null"}) {
    CAPTURE(value);
    CHECK_FALSE(demand(with(kOptions, "/userVerification", value)).user_verified);
  }
  CHECK(demand(with(kOptions, "/allowCredentials", "")).credentials.empty());
  CHECK(demand(with(kOptions, "/allowCredentials", "[]")).credentials.empty());
}

TEST_CASE("the time for an answer is neither too short for a person nor without an end") {
  const auto timeout = [](std::string_view value) {
    return demand(with(kOptions, "/timeout", value)).timeout;
  };
  CHECK(timeout("0") == 10s);
  CHECK(timeout("9999") == 10s);
  CHECK(timeout("10001") == 10'001ms);
  CHECK(timeout("599999") == 599'999ms);
  CHECK(timeout("600001") == 600s);
  CHECK(timeout("18446744073709551615") == 600s);
  for (const std::string_view value : {"", "-1", "1.5", "null", R"("60000")"}) {
    CAPTURE(value);
    CHECK(timeout(value) == 600s);
  }
}

TEST_CASE("a malformed demand is refused, and the error names the part") {
  for (const std::string_view text : {"", "null", "[]", "\"{}\"", "{", "{} {}", "{\"a\":\"\xff\"}"})
    check_malformed(text, "JSON");
  check_malformed(kOptions.substr(0, kOptions.size() - 1), "JSON");

  for (const std::string_view value : {"", "null", "7", "[]", R"("")", R"("==")", R"("AA+A")",
                                       R"("AA/A")", R"("AAAAA")", R"("A A")", R"("A=AA")"}) {
    CAPTURE(value);
    check_malformed(with(kOptions, "/challenge", value), "challenge");
  }
  for (const std::string_view value : {"", "null", "7", R"("")"})
    check_malformed(with(kOptions, "/rpId", value), "rpId");
  for (const std::string_view value :
       {"null", "{}", R"("AQID")", "[null]", R"(["AQID"])", "[{}]", R"([{"id": 7}])",
        R"([{"id": ""}])", R"([{"id": "AQID"}, {"id": "AQ/D"}])"}) {
    CAPTURE(value);
    check_malformed(with(kOptions, "/allowCredentials", value), "allowCredentials");
  }
}

TEST_CASE("a demand may be large, within limits") {
  const auto credentials = [](std::size_t count, const std::string& id) {
    Json list = Json::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(Json{{"id", id}});
    return with(kOptions, "/allowCredentials", list.dump());
  };
  CHECK(demand(credentials(64, "AQID")).credentials.size() == 64);
  check_malformed(credentials(65, "AQID"), "allowCredentials");
  CHECK(demand(credentials(1, kLongestId)).credentials.front().size() == 1023);
  check_malformed(credentials(1, kTooLongId), "allowCredentials");

  CHECK(demand(with_blanks(std::string(kOptions), kMostJson)).rp_id == "whatsapp.com");
  check_malformed(with_blanks(std::string(kOptions), kMostJson + 1), "JSON");
}

TEST_CASE("what is nested too deeply is cut, and the rest is read") {
  // So deep that whatever recursed over it would run out of stack.
  const std::string deep = std::string(6000, '[') + std::string(6000, ']');
  std::string options(kOptions);
  options.replace(options.find("{}"), 2, deep);
  const PasskeyRequest request = demand(options);
  CHECK(request.challenge == demand().challenge);
  CHECK(std::ranges::count(request.json, '[') < 20);

  std::string line(kLine);
  line.replace(line.find("{}"), 2, deep);
  CHECK(json_of(line) == kAssertion);
  check_refused(deep, kNoAnswer);
}

TEST_CASE("a good answer becomes what WhatsApp wants, and nothing besides") {
  const auto read = read_assertion(kLine, demand());
  REQUIRE(std::holds_alternative<PasskeyAssertion>(read));
  const auto& assertion = std::get<PasskeyAssertion>(read);
  CHECK(assertion.credential_id == hex("fefdff000102030405060708090a0b0c0d0e0f10"));
  CHECK(assertion.json == kAssertion);
}

TEST_CASE("an answer may be written in other ways") {
  CHECK(json_of(std::string(kLine) + " \r\n") == kAssertion);
  CHECK(json_of(Json::parse(kLine).dump(2)) == kAssertion);
  // The id is the same as rawId, or nobody needs it.
  CHECK(json_of(with(kLine, "/id", "")) == kAssertion);
  CHECK(json_of(with(kLine, "/id", R"("other")")) == kAssertion);

  Json padded = Json::parse(kLine);
  const auto pad = [](Json& text) {
    std::string value = text.get<std::string>();
    value.append((4 - value.size() % 4) % 4, '=');
    text = value;
  };
  pad(padded["rawId"]);
  for (Json& value : padded["response"]) pad(value);
  REQUIRE(padded.dump() != Json::parse(kLine).dump());
  CHECK(json_of(padded.dump()) == kAssertion);
}

TEST_CASE("a passkey that tells no user tells WhatsApp so") {
  const std::string expected = with(kAssertion, "/response/userHandle", "null");
  for (const std::string_view value : {"", "null", R"("")"}) {
    CAPTURE(value);
    CHECK(json_of(with(kLine, "/response/userHandle", value)) == expected);
  }
}

TEST_CASE("what is no answer at all is told apart from one that is cut") {
  for (const std::string_view text : {"", "yes", "null", "7", "[]", "\"{}\"", "{} {}", "undefined"})
    check_refused(text, kNoAnswer);
  for (std::size_t size = 0; size < kLine.size(); ++size)
    check_refused(kLine.substr(0, size), kNoAnswer);
  check_refused(std::string(kLine) + std::string(kLine), kNoAnswer);
  check_refused("> " + std::string(kLine), kNoAnswer);
  check_refused("{}", "(rawId)");

  CHECK(accepted(with_blanks(std::string(kLine), kMostJson)));
  check_refused(with_blanks(std::string(kLine), kMostJson + 1), kNoAnswer);
}

TEST_CASE("an incomplete answer is refused, and the refusal names the part") {
  for (const std::string_view value : {"", "null", "7", R"("password")"})
    check_refused(with(kLine, "/type", value), "(rawId)");
  for (const std::string_view value : {"", "null", "[]", R"("x")"})
    check_refused(with(kLine, "/response", value), "(response)");

  for (const std::string pointer : {"/rawId", "/response/clientDataJSON",
                                    "/response/authenticatorData", "/response/signature"}) {
    const std::string name = "(" + pointer.substr(pointer.rfind('/') + 1) + ")";
    for (const std::string_view value :
         {"", "null", "7", "{}", R"("")", R"("==")", R"("MAYC+REC")", R"("MAYC/REC")", R"("MAYCA")",
          R"("MA YC")", R"("MA==YC")", R"("MÄYC")"}) {
      CAPTURE(value);
      check_refused(with(kLine, pointer, value), name);
    }
  }
  for (const std::string_view asked : {"{", "null", "[]", "webauthn.get", "{\"type\":\"\xff\"}"})
    check_refused(line_for(asked), "(clientDataJSON)");
}

TEST_CASE("a credential's id has a limit") {
  const PasskeyRequest any = demand(with(kOptions, "/allowCredentials", ""));
  CHECK(accepted(with(kLine, "/rawId", quoted(kLongestId)), any));
  check_refused(with(kLine, "/rawId", quoted(kTooLongId)), "(rawId)", any);
}

TEST_CASE("an answer made for another purpose is refused") {
  for (const std::string_view type :
       {"", "null", R"("")", R"("webauthn.create")", R"("payment.get")", R"("WEBAUTHN.GET")"}) {
    check_refused(line_for(with(kAsked, "/type", type)), kOtherSubject);
  }
}

TEST_CASE("an answer from another page is refused") {
  const auto from = [](const std::string& origin) {
    return line_for(with(kAsked, "/origin", quoted(origin)));
  };
  for (const char* origin :
       {"https://web.whatsapp.com", "https://whatsapp.com", "https://www.business.whatsapp.com"}) {
    CAPTURE(origin);
    CHECK(accepted(from(origin)));
  }
  for (const char* origin :
       {"", "https://", "whatsapp.com", "http://web.whatsapp.com", "https://example.org",
        "https://notwhatsapp.com", "https://whatsapp.com.example.org", "https://web.whatsapp.com/",
        "https://web.whatsapp.com:8443", "https://web.whatsapp.co", "android:apk-key-hash:AAAA"}) {
    check_refused(from(origin), kOtherPage);
  }
  check_refused(line_for(with(kAsked, "/origin", "")), kOtherPage);
  check_refused(line_for(with(kAsked, "/origin", "7")), kOtherPage);
}

TEST_CASE("an answer from a frame within another page is refused") {
  CHECK(accepted(line_for(with(kAsked, "/crossOrigin", ""))));
  for (const std::string_view value : {"true", "null", "0", R"("false")"})
    check_refused(line_for(with(kAsked, "/crossOrigin", value)), kOtherPage);
}

TEST_CASE("an answer to another challenge is refused") {
  const Bytes challenge = demand().challenge;
  const auto to = [](BytesView other) {
    return line_for(with(kAsked, "/challenge", quoted(unpadded(other))));
  };
  CHECK(accepted(to(challenge)));
  // Some browsers pad.
  CHECK(accepted(line_for(with(kAsked, "/challenge", quoted(base64url_encode(challenge))))));
  for (std::size_t i = 0; i < challenge.size(); ++i) {
    Bytes other = challenge;
    other[i] ^= 1;
    check_refused(to(other), kOtherRequest);
  }
  check_refused(to(BytesView(challenge).first(challenge.size() - 1)), kOtherRequest);
  check_refused(to(concat({challenge, Bytes{0}})), kOtherRequest);
  check_refused(line_for(with(kAsked, "/challenge", quoted(base64_encode(challenge)))),
                kOtherRequest);
  for (const std::string_view value : {"", "null", R"("")"})
    check_refused(line_for(with(kAsked, "/challenge", value)), kOtherRequest);

  // The line that answered the demand before this one.
  check_refused(kLine, kOtherRequest, demand(with(kOptions, "/challenge", R"("AQID")")));
}

TEST_CASE("the data of the authenticator must be whole") {
  const Bytes whole = authenticator_data(kSite, kPresent | kVerified);
  for (std::size_t size = 0; size < whole.size(); ++size)
    check_refused(line_from(BytesView(whole).first(size)), "(authenticatorData)");
  CHECK(accepted(line_from(whole)));
  // Extensions may follow.
  CHECK(accepted(line_from(concat({whole, Bytes{0xa0}}))));
}

TEST_CASE("a passkey of another site is refused") {
  check_refused(line_from(authenticator_data(kOtherSite, kPresent | kVerified)), kNotOfWhatsApp);
  for (std::size_t i = 0; i < 32; ++i) {
    Bytes other = authenticator_data(kSite, kPresent | kVerified);
    other[i] ^= 0x80;
    check_refused(line_from(other), kNotOfWhatsApp);
  }
  CHECK(accepted(line_from(authenticator_data(kOtherSite, kPresent | kVerified)),
                 demand(with(kOptions, "/rpId", R"("web.whatsapp.com")"))));
}

TEST_CASE("the passkey must have recognised its owner where WhatsApp requires it") {
  const PasskeyRequest lenient = demand(with(kOptions, "/userVerification", R"("preferred")"));
  // All flags but the one that counts.
  for (const std::uint8_t flags : {std::uint8_t{0}, kPresent, std::uint8_t{0xfb}}) {
    CAPTURE(int{flags});
    check_refused(line_from(authenticator_data(kSite, flags)), kNotRecognised);
  }
  CHECK(accepted(line_from(authenticator_data(kSite, kPresent)), lenient));
  CHECK(accepted(line_from(authenticator_data(kSite, kPresent | kVerified)), lenient));
  CHECK(accepted(line_from(authenticator_data(kSite, 0xff))));
}

TEST_CASE("a passkey that WhatsApp did not name is refused") {
  CHECK(accepted(kLine));
  CHECK(accepted(with(kLine, "/rawId", R"("AQID")")));
  // Another one, one that only begins alike, and one that only ends alike.
  for (const std::string_view id : {R"("BAUG")", R"("AQI")", R"("AQIDBA")", R"("AAECAw")"})
    check_refused(with(kLine, "/rawId", id), kOtherAccount);
  check_refused(kLine, kOtherAccount,
                demand(with(kOptions, "/allowCredentials", R"([{"id": "AQID"}])")));
  CHECK(accepted(with(kLine, "/rawId", R"("BAUG")"),
                 demand(with(kOptions, "/allowCredentials", "[]"))));
}

}  // namespace passkey_test
