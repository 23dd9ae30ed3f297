// A contact card as phones send it: vCard 2.1 or 3.0 (RFC 2426), read as leniently as address books
// write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wasync {

struct VCard {
  std::string name;                 // FN, else N, else ORG; UTF-8 as sent, bounded
  std::vector<std::string> phones;  // as written, bounded in number and length
};

// Never fails: what is no card has neither a name nor numbers. Only the first 64 KiB count (a
// picture may follow them).
VCard read_vcard(std::string_view text);

// "Ion: +40 722 000 000, +40 733 000 000". `display_name` is how the sender calls the contact; some
// put nothing there, or the whole card once more.
std::string contact_line(std::string_view display_name, std::string_view vcard);

}  // namespace wasync
