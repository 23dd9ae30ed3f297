// The bytes and alphabets of the binary node form, shared by its encoder and decoder.
// Included by those two only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/jid.h"

namespace wasync::node_form {

// The bytes that open an item. 1 to 235 are single-byte tokens.
inline constexpr std::uint8_t kEmptyList = 0;
inline constexpr std::uint8_t kDictionary0 = 236;
inline constexpr std::uint8_t kDictionary3 = 239;
inline constexpr std::uint8_t kInteropJid = 245;
inline constexpr std::uint8_t kMessengerJid = 246;
inline constexpr std::uint8_t kDeviceJid = 247;  // known as AD JID
inline constexpr std::uint8_t kList8 = 248;
inline constexpr std::uint8_t kList16 = 249;
inline constexpr std::uint8_t kJidPair = 250;
inline constexpr std::uint8_t kHex8 = 251;
inline constexpr std::uint8_t kBinary8 = 252;
inline constexpr std::uint8_t kBinary20 = 253;
inline constexpr std::uint8_t kBinary32 = 254;
inline constexpr std::uint8_t kNibble8 = 255;

inline constexpr std::uint8_t kCompressedFlag = 2;

// Four bits a character; the rest of the last byte of an odd length is 15.
inline constexpr std::string_view kNibbleAlphabet = "0123456789-.";
inline constexpr std::string_view kHexAlphabet = "0123456789ABCDEF";
inline constexpr std::uint8_t kPackedFiller = 15;
inline constexpr std::size_t kMaxPackedLength = 127;
inline constexpr std::uint8_t kOddLengthFlag = 128;

// A device JID names its server by a number.
struct Domain {
  std::uint8_t type;
  std::string_view server;
};
inline constexpr Domain kDomains[] = {{0, jid_server::kUser},
                                      {1, jid_server::kLid},
                                      {128, jid_server::kHosted},
                                      {129, jid_server::kHostedLid}};

}  // namespace wasync::node_form
