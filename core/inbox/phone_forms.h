// Countries where people write a mobile number in two ways: with the digit that mobile numbers got
// at some time, and without it. WhatsApp keeps an account under one of them; people type either.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasync {

// The other way to write a number ("+5531988887777" and "+553188887777", "+521…" and "+52…" of
// Mexico, "+549…" and "+54…" of Argentina); nothing when there is only one.
std::optional<std::string> other_form(std::string_view e164);

// Whether both are the same number, perhaps written in the two ways. Both in E.164.
bool same_phone(std::string_view one, std::string_view other);

}  // namespace wasync
