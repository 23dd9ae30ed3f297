// The dictionaries of the binary node form: strings that travel as one or two bytes.
// Tokens and their positions are facts of the protocol (dictionary version 3), the same
// in whatsmeow's binary/token/token.go and Baileys' src/WABinary/constants.ts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wasync {

// Announced in the connection header, so that the server knows which tables we have.
inline constexpr std::uint8_t kDictionaryVersion = 3;

// The position of a token. The wire has a single-byte token as its index alone, another one as
// the byte of its dictionary followed by its index.
struct TokenPosition {
  std::optional<std::uint8_t> dictionary;  // 0 to 3; nothing for a single-byte token
  std::uint8_t index = 0;

  bool operator==(const TokenPosition&) const = default;
};

// The token at a position, or nothing when the table has none there. Index 0 of the
// single-byte table is not a token: that byte is the empty list.
std::optional<std::string_view> single_token(std::uint8_t index);
std::optional<std::string_view> double_token(std::uint8_t dictionary, std::uint8_t index);

// The string's position; nothing when it is in no table.
std::optional<TokenPosition> find_token(std::string_view text);

}  // namespace wasync
