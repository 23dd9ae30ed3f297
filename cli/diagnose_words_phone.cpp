// Words of diagnose about the phone (diagnose/links_phone.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kPhoneWords[] = {
    {.finding = Finding::kPhoneHeard,
     .line = {"last seen {last_heard}", "văzut ultima dată {last_heard}"}},
    {.finding = Finding::kPhoneNotHeard,
     .line = {"not seen since it was linked", "nu a dat niciun semn de la conectare"}},
    {.finding = Finding::kPhoneSilent,
     .line =
         {"last seen {last_heard}; WhatsApp logs out after about 14 days without the phone",
          "văzut ultima dată {last_heard}; după vreo 14 zile fără telefon WhatsApp deconectează"}},
};

}  // namespace

std::span<const FindingWords> words_phone() {
  return kPhoneWords;
}

}  // namespace wasync
