#include "inbox/phone_forms.h"

#include <doctest/doctest.h>

namespace phone_forms_test {

using namespace wasync;

namespace {

// Both ways lead to the other, and both are the same phone.
void check_pair(std::string_view longer, std::string_view shorter) {
  CAPTURE(longer);
  CAPTURE(shorter);
  CHECK(other_form(longer) == shorter);
  CHECK(other_form(shorter) == longer);
  CHECK(same_phone(longer, shorter));
  CHECK(same_phone(shorter, longer));
}

void check_single(std::string_view number) {
  CAPTURE(number);
  CHECK_FALSE(other_form(number));
  CHECK(same_phone(number, number));
}

}  // namespace

TEST_CASE("Brazil's mobile numbers have a nine behind the area code, or not yet") {
  check_pair("+5531988887777", "+553188887777");
  for (const char first : {'6', '7', '8', '9'}) {
    const std::string rest = first + std::string("1234567");
    check_pair("+55119" + rest, "+5511" + rest);
  }
  // Nines of the area code are no mobile nine.
  check_pair("+5591988887777", "+559188887777");
  check_pair("+5599999999999", "+559999999999");
}

TEST_CASE("Brazil's other numbers are written in one way") {
  for (const char first : {'0', '1', '2', '3', '4', '5'}) {
    const std::string rest = first + std::string("1234567");
    check_single("+5531" + rest);
    check_single("+55319" + rest);
  }
  // As long as a mobile number with its nine, and without one.
  check_single("+5531888887777");
  check_single("+5511777777777");
}

TEST_CASE("Mexico's mobile numbers had a one behind the country's prefix") {
  check_pair("+5215512345678", "+525512345678");
  check_pair("+5219991234567", "+529991234567");
  // A one that belongs to the number.
  check_pair("+5211234567890", "+521234567890");
  check_single("+5225512345678");
  check_single("+5295512345678");
}

TEST_CASE(
    "Argentina's mobile numbers have a nine behind the country's prefix when dialled abroad") {
  check_pair("+5491123456789", "+541123456789");
  check_pair("+5492966123456", "+542966123456");
  // A nine that belongs to the number.
  check_pair("+5499123456789", "+549123456789");
  check_single("+5411123456789");
  check_single("+5481123456789");
}

TEST_CASE("numbers of another length are left alone") {
  for (const std::string longer : {"+5531988887777", "+5215512345678", "+5491123456789"}) {
    check_single(longer + "1");
    check_single(longer + "12");
    // The shorter form is one digit shorter, and what is shorter still is no number of either.
    for (std::size_t size = 0; size + 1 < longer.size(); ++size)
      check_single(longer.substr(0, size));
  }
}

TEST_CASE("numbers that only look alike are left alone") {
  // Other countries, also those whose digits continue or precede such a number.
  for (const std::string_view number :
       {"+40737123397", "+15215512345", "+15512345678", "+5023988887777", "+5353198888777",
        "+56988887777", "+5931988887777", "+351988887777", "+6531988887777"}) {
    check_single(number);
  }
  // Not in E.164.
  for (const std::string_view number :
       {"", "+", "5531988887777", "553188887777", "005531988887777", "+ 5531988887777",
        " +5531988887777", "+55 31 98888-7777", "+55 31 9 8888 7777"}) {
    check_single(number);
  }
}

TEST_CASE("two phones stay two") {
  // Another area, another digit, the same digits in another country.
  CHECK_FALSE(same_phone("+5531988887777", "+553288887777"));
  CHECK_FALSE(same_phone("+5531988887777", "+553188887778"));
  CHECK_FALSE(same_phone("+5215512345678", "+545512345678"));
  CHECK_FALSE(same_phone("+5491123456789", "+521123456789"));
  // A nine too few, but another one.
  CHECK_FALSE(same_phone("+5531988887777", "+553198888777"));
  CHECK_FALSE(same_phone("+5521988887777", "+552198888777"));
  CHECK_FALSE(same_phone("+40737123397", "+4073712339"));
  CHECK_FALSE(same_phone("+40737123397", ""));
  CHECK_FALSE(same_phone("", "+5531988887777"));
  CHECK(same_phone("+40737123397", "+40737123397"));
}

}  // namespace phone_forms_test
