#include "cli/thread_choice.h"

#include <doctest/doctest.h>

#include <string>

namespace thread_choice_test {

using namespace wasync;

TEST_CASE("no conversation of that name") {
  const Error error = not_one_thread("Ma\x1b[1mria", {});
  CHECK(error.code() == ErrorCode::kUsage);
  CHECK(std::string(error.what()).find('\x1b') == std::string::npos);
  CHECK(error.hint().find("wa-sync threads list") != std::string::npos);
}

TEST_CASE("several of that name, each on a line") {
  const AccountId account = account_id_for("+40711111111");
  const Jid person = *Jid::parse("40737123397@s.whatsapp.net");
  const Jid group = *Jid::parse("123-456@g.us");
  const Error error = not_one_thread(
      "maria", {{.thread = thread_id_for(account, person),
                 .jid = person,
                 .name = "Maria",
                 .phone = "+40737123397"},
                {.thread = thread_id_for(account, group), .jid = group, .name = "Maria's"}});
  CHECK(error.code() == ErrorCode::kUsage);
  CHECK(error.hint() == "Name one of these:\n  +40737123397  Maria\n  123-456@g.us  Maria's");
  CHECK(error.advice().in(Language::kRomanian).starts_with("Alege"));
}

}  // namespace thread_choice_test
