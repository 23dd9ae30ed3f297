// A JID: the address of a user, a device, a group or a service at WhatsApp.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wasync {

// The part after '@'.
namespace jid_server {
inline constexpr std::string_view kUser = "s.whatsapp.net";  // a person, by phone number
inline constexpr std::string_view kLegacyUser = "c.us";      // the same, in old data
inline constexpr std::string_view kLid = "lid";              // a person whose number is hidden
inline constexpr std::string_view kGroup = "g.us";
inline constexpr std::string_view kBroadcast = "broadcast";  // status and broadcast lists
inline constexpr std::string_view kNewsletter = "newsletter";
inline constexpr std::string_view kHosted = "hosted";
inline constexpr std::string_view kHostedLid = "hosted.lid";
inline constexpr std::string_view kMessenger = "msgr";
inline constexpr std::string_view kInterop = "interop";
inline constexpr std::string_view kBot = "bot";
}  // namespace jid_server

// Text form: `user[_agent][:device]@server`; a server alone has an empty user.
// A value type. Text from a peer goes through `parse`, which accepts only characters that can stand
// in a JID (no control characters, no '/', bounded length).
struct Jid {
  std::string user;
  std::string server;
  std::uint16_t device = 0;
  std::uint8_t agent = 0;
  std::uint16_t integrator = 0;  // interop addresses only

  static std::optional<Jid> parse(std::string_view text);
  // Whether `parse` of its text gives the same Jid. Code can also build a Jid without `parse`.
  bool is_well_formed() const;

  bool empty() const { return server.empty(); }
  bool is(std::string_view of_server) const { return server == of_server; }
  // A person, by phone number or LID (hosted forms included).
  bool is_person() const;
  bool is_group() const { return is(jid_server::kGroup); }
  bool is_lid() const { return is(jid_server::kLid) || is(jid_server::kHostedLid); }

  // The chat this address belongs to, without device and agent. `c.us` and hosted servers are
  // folded into their ordinary ones, and case is folded.
  Jid bare() const;

  std::string to_string() const;
  auto operator<=>(const Jid&) const = default;
};

// "+40737123397" from `40737123397@s.whatsapp.net`; nothing unless it is a phone-number
// address of 6 to 15 digits.
std::optional<std::string> phone_of(const Jid& jid);

inline Jid server_jid() {
  return Jid{.user = {}, .server = std::string(jid_server::kUser)};
}

}  // namespace wasync
