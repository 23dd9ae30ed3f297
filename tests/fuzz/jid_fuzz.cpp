// An address from a stranger is refused, or holds nothing that could harm a path, a terminal
// or a document id, and its text form reads back as itself.
#include <cstdlib>
#include <string_view>

#include "base/jid.h"

using namespace wasync;

namespace {

void require(bool ok) {
  if (!ok) std::abort();
}

void check_harmless(const std::string& text) {
  require(text.size() < 300);
  for (const char c : text) require(c > ' ' && c <= '~' && c != '/' && c != '\\');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto jid = Jid::parse({reinterpret_cast<const char*>(data), size});
  if (!jid) return 0;
  check_harmless(jid->to_string());
  require(Jid::parse(jid->to_string()) == jid);
  const Jid bare = jid->bare();
  require(bare.bare() == bare);
  if (const auto phone = phone_of(*jid)) require(phone->size() >= 7 && phone->size() <= 16);
  return 0;
}
