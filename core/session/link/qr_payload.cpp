#include "session/link/qr_payload.h"

#include <algorithm>

#include "base/error.h"

namespace wasync {
namespace {

constexpr std::string_view kLink = "https://wa.me/settings/linked_devices#";
// A web client of no particular browser.
constexpr std::string_view kClientType = "9";
constexpr std::size_t kMaxRefLength = 512;

}  // namespace

std::string qr_payload(std::string_view ref, const DeviceKeys& keys) {
  const bool printable =
      std::all_of(ref.begin(), ref.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
  if (ref.empty() || ref.size() > kMaxRefLength || !printable) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"the server sent a malformed pairing reference",
                       "serverul a trimis o referință de conectare malformată"});
  }
  std::string text(kLink);
  text += ref;
  text += "," + base64_encode(keys.noise.public_key);
  text += "," + base64_encode(keys.identity.key.public_key);
  text += "," + base64_encode(keys.adv_secret);
  text += ",";
  text += kClientType;
  return text;
}

}  // namespace wasync
