#include "sim/texts.h"

#include <array>

namespace wasync::sim {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kSentences{
    "Bună ziua, aș dori o ofertă pentru o petrecere de 25 de copii."sv,
    "Când puteți veni cu mascota? Ne-ar plăcea sâmbătă la ora 16:00."sv,
    "Mulțumesc mult, ați fost extraordinari, copiii încă vorbesc despre voi!"sv,
    "Am făcut plata avansului, vă trimit imediat dovada."sv,
    "Adresa este Str. Ștefan cel Mare nr. 12, bl. A3, ap. 7, București."sv,
    "Țin să vă spun că ne-am răzgândit în privința decorului."sv,
    "Putem muta întâlnirea pe luni dimineață?"sv,
    "Sună-mă te rog când ajungi, interfonul nu merge."sv,
    "OK 👍"sv,
    "La mulți ani!!! 🎉🎂🥳 Să fie petrecerea cât mai frumoasă!"sv,
    "Facem și pictură pe față? 🎨👧🏽👦🏻"sv,
    "👨‍👩‍👧‍👦 suntem patru, plus bunicii"sv,
    "Hello, is the bouncy castle still available for the 14th?"sv,
    "Sounds good, see you there at half past three."sv,
    "Could you please send me the invoice again? I cannot find it."sv,
    "שלום, מתי אפשר לקבוע את המסיבה?"sv,
    "مرحبا، كم سعر الحفلة لعشرين طفلا؟"sv,
    "Здравствуйте! Подскажите, пожалуйста, сколько стоит аниматор?"sv,
    "来週の土曜日は空いていますか？"sv,
    "Prețul este 450 lei pentru o oră, 800 lei pentru două ore."sv,
    "Nu uitați de baloane: 30 roșii, 20 albastre și 1 în formă de unicorn 🦄."sv,
    "Am rezervat sala, urmează să confirm numărul exact de invitați."sv,
    "Super, rămâne așa. O zi frumoasă!"sv,
};

constexpr std::array kFirstNames{
    "Ana"sv,    "Ștefania"sv, "Mihai"sv,  "Ioana"sv, "Răzvan"sv,   "Cătălina"sv, "Andrei"sv,
    "Bogdan"sv, "Țuțu"sv,     "Larisa"sv, "Matei"sv, "Sânziana"sv, "Vlad"sv,     "Zoltán"sv,
    "Olga"sv,   "Youssef"sv,  "Noa"sv,    "Emma"sv,  "Björn"sv,    "Łucja"sv,
};
constexpr std::array kLastNames{
    "Popescu"sv, "Ionescu"sv, "Vasiliu"sv, "Mureșan"sv, "Țurcanu"sv, "Dăscălescu"sv,
    "Kovács"sv,  "Smith"sv,   "Müller"sv,  "Haddad"sv,  "Levi"sv,    "Brâncuș"sv,
};
constexpr std::array kGroups{
    "Petrecere Sofia 🎈"sv,    "Echipa weekend"sv, "Vecinii bl. A3"sv, "Logistică & decor"sv,
    "Părinți clasa a II-a"sv, "Animatori Iași"sv, "Family ❤️"sv,  "Furnizori"sv,
};

constexpr std::array kHostileTexts{
    "\x1b[2J\x1b]0;owned\x07 clear your screen"sv,
    "line one\r\nline two\n\n\n\ttabbed   and    spaced"sv,
    "\u202Egnirts desrever\u202C after an override"sv,
    "nul \0 inside"sv,
    "../../../../etc/passwd"sv,
    "<script>alert('x')</script> & \"quotes\" 'and' `ticks` $(id) %s %n"sv,
    "[object Object]"sv,
    "{\"fields\":{\"a\":{\"stringValue\":\"b\"}}}"sv,
    "zero\u200Bwidth\u200Djoiners\uFEFF and \u2028 separators"sv,
    "Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319 combining"sv,
    " "sv,
};

}  // namespace

std::string invent_text(Random& random, std::size_t length) {
  std::string text(random.pick(std::span<const std::string_view>(kSentences)));
  while (text.size() < length) {
    text += ' ';
    text += random.pick(std::span<const std::string_view>(kSentences));
  }
  return text;
}

std::string invent_person_name(Random& random) {
  std::string name(random.pick(std::span<const std::string_view>(kFirstNames)));
  name += ' ';
  name += random.pick(std::span<const std::string_view>(kLastNames));
  return name;
}

std::string invent_group_subject(Random& random) {
  return std::string(random.pick(std::span<const std::string_view>(kGroups)));
}

std::span<const std::string_view> hostile_texts() {
  return kHostileTexts;
}

}  // namespace wasync::sim
