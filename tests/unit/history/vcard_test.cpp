#include "history/vcard.h"

#include <doctest/doctest.h>

namespace vcard_test {

using namespace wasync;

TEST_CASE("a card has a name and numbers") {
  const VCard card = read_vcard(
      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Popescu;Ion;;;\r\nFN:Ion Popescu\r\n"
      "item1.TEL;type=CELL;waid=40722000000:+40 722 000 000\r\nitem1.X-ABLabel:Mobil\r\n"
      "TEL;TYPE=work:(021) 300-400\r\nTEL:+40 722 000 000\r\nEND:VCARD");
  CHECK(card.name == "Ion Popescu");
  CHECK(card.phones == std::vector<std::string>{"+40 722 000 000", "(021) 300-400"});
}

TEST_CASE("the name may stand in other places") {
  CHECK(read_vcard("N:Popescu;Ion;;;").name == "Ion Popescu");
  CHECK(read_vcard("ORG:Firma SRL").name == "Firma SRL");
  CHECK(read_vcard("fn:mic").name == "mic");
  CHECK(read_vcard("FN:cu\\, virgula").name == "cu, virgula");
  CHECK(read_vcard("no card at all").name.empty());
}

TEST_CASE("the number may stand in the parameters") {
  CHECK(read_vcard("TEL;waid=40722000000:").phones == std::vector<std::string>{"+40722000000"});
  CHECK(read_vcard("TEL;waid=x:none").phones.empty());
}

TEST_CASE("lines are folded, and text is quoted-printable") {
  CHECK(read_vcard("FN:Ion\r\n  Popescu\r\nTEL:+40 722\r\n  000 000").name == "Ion Popescu");
  CHECK(
      read_vcard("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C8=98tefan=\r\n =C8=9Bepe=XY").name ==
      "\xC8\x98tefan \xC8\x9B"
      "epe=XY");
}

TEST_CASE("hostile cards are bounded") {
  std::string many = "FN:" + std::string(100'000, 'n') + "\n";
  CHECK(read_vcard(many).name.size() <= 256);
  many = "FN:\xff\n";
  for (int i = 0; i < 1000; ++i) many += "TEL:" + std::to_string(40'722'000'000 + i) + "\n";
  CHECK(read_vcard(many).phones.size() == 10);
  CHECK(read_vcard(many).name == "\xef\xbf\xbd");
  CHECK(read_vcard("TEL:" + std::string(5000, '1')).phones.at(0).size() <= 32);
  CHECK(contact_line(many, many + std::string(1 << 20, 'p')).size() < 1024);
}

TEST_CASE("a line for a contact") {
  constexpr std::string_view kCard = "BEGIN:VCARD\nFN:Ion\nTEL:+40722\nTEL:+40733\nEND:VCARD";
  CHECK(contact_line("Ionel", kCard) == "Ionel: +40722, +40733");
  CHECK(contact_line("", kCard) == "Ion: +40722, +40733");
  CHECK(contact_line(kCard, "") == "Ion: +40722, +40733");
  CHECK(contact_line(kCard, kCard) == "Ion: +40722, +40733");
  CHECK(contact_line("Ion", "") == "Ion");
  CHECK(contact_line("", "TEL:+40722") == "+40722");
  CHECK(contact_line("", "").empty());
}

}  // namespace vcard_test
