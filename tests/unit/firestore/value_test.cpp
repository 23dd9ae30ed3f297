#include "firestore/value.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace value_test {

using namespace wasync;
using namespace wasync::firestore;
using nlohmann::json;

namespace {

std::string encoded(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

Value back(const Value& value) {
  return value_from(json::parse(encoded(value)));
}

}  // namespace

TEST_CASE("every kind of value comes back as it went") {
  const Fields map = {{"a", std::int64_t{1}}, {"with space", "x"}};
  const std::vector<Value> values = {
      Value(nullptr),
      Value(true),
      Value(false),
      Value(std::int64_t{0}),
      Value(std::numeric_limits<std::int64_t>::max()),
      Value(std::numeric_limits<std::int64_t>::min()),
      Value(0.1),
      Value(-1e300),
      Value(std::numeric_limits<double>::infinity()),
      Value(-std::numeric_limits<double>::infinity()),
      Value(Timestamp{.seconds = 1'700'000'000, .nanos = 123'456'789}),
      Value(Timestamp{.seconds = -1, .nanos = 999'999'999}),
      Value(""),
      Value("Ștefan \"quoted\" \\ \n\t\x01 \x7f 👋"),
      Value(std::string("nul\0inside", 10)),
      Value(Value::Data(Bytes{0, 255, 7})),
      Value(Value::Data(Reference{"projects/p/databases/(default)/documents/a/b"})),
      Value(Value::Data(GeoPoint{.latitude = 44.5, .longitude = -26.1})),
      Value(Array{}),
      Value(Array{Value(std::int64_t{1}), Value("two"), Value(nullptr)}),
      Value(Fields{}),
      Value(map),
      Value(Array{Value(map)}),
  };
  for (const Value& value : values) {
    CAPTURE(encoded(value));
    CHECK(back(value) == value);
  }
  CHECK(std::isnan(std::get<double>(back(Value(std::nan(""))).data)));
}

TEST_CASE("integers are texts, as the API wants them, and times end in Z") {
  CHECK(encoded(Value(std::int64_t{5})) == R"({"integerValue":"5"})");
  CHECK(encoded(Value(UnixSeconds{0})) == R"({"timestampValue":"1970-01-01T00:00:00Z"})");
  CHECK(encoded(Value(Timestamp{.seconds = 1, .nanos = 250'000'000})) ==
        R"({"timestampValue":"1970-01-01T00:00:01.25Z"})");
  CHECK(encoded(Value(std::nan(""))) == R"({"doubleValue":"NaN"})");
}

TEST_CASE("invalid UTF-8 is repaired, and what is sent is valid JSON") {
  const std::string sent =
      encoded(Value(std::string("a\xff\xc3"
                                "b")));
  const json parsed = json::parse(sent);
  CHECK(parsed["stringValue"].get<std::string>().starts_with("a\xEF\xBF\xBD"));
  CHECK(json::parse(encoded(Value(Fields{{"\xff", "x"}}))).is_object());
}

TEST_CASE("times are read with any fraction and offset") {
  CHECK(parse_timestamp("2026-11-22T15:36:40Z") == Timestamp{.seconds = 1'795'361'800});
  CHECK(parse_timestamp("2026-11-22T15:36:40.1Z")->nanos == 100'000'000);
  CHECK(parse_timestamp("2026-11-22T15:36:40.1234567891Z")->nanos == 123'456'789);
  CHECK(parse_timestamp("2026-11-22T17:36:40+02:00") == parse_timestamp("2026-11-22T15:36:40Z"));
  CHECK(parse_timestamp("0001-01-01T00:00:00Z")->seconds == -62'135'596'800);
  CHECK(parse_timestamp("9999-12-31T23:59:59Z")->seconds == 253'402'300'799);
  for (const char* wrong :
       {"", "2026", "2026-11-22", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T15:36:40", "2026-11-22T15:36:40Zx",
        "2026-11-22T15:36:40+2:00", "-026-11-22T15:36:40Z"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_timestamp(wrong));
  }
  for (const std::int64_t seconds : {-62'135'596'800L, -1L, 0L, 951'782'400L, 253'402'300'799L}) {
    const Timestamp time{.seconds = seconds, .nanos = 1};
    CHECK(parse_timestamp(to_string(time)) == time);
  }
  CHECK(to_string(Timestamp{.seconds = INT64_MAX}) == "9999-12-31T23:59:59Z");
}

TEST_CASE("what is no value of Firestore's is refused") {
  for (const char* wrong :
       {"5", "{}", R"({"stringValue":5})", R"({"integerValue":"5x"})", R"({"integerValue":""})",
        R"({"integerValue":"99999999999999999999"})", R"({"doubleValue":"much"})",
        R"({"timestampValue":"yesterday"})", R"({"bytesValue":"?"})", R"({"arrayValue":[]})",
        R"({"arrayValue":{"values":5}})", R"({"mapValue":{"fields":[]}})", R"({"newValue":1})",
        R"({"stringValue":"a","nullValue":null})"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(value_from(json::parse(wrong)), Error);
  }
  std::string deep = R"({"nullValue":null})";
  for (int i = 0; i < 100; ++i) deep = R"({"arrayValue":{"values":[)" + deep + "]}}";
  CHECK_THROWS_AS(value_from(json::parse(deep)), Error);
}

TEST_CASE("field paths are quoted where they must be") {
  CHECK(field_path("lastMessageAt") == "lastMessageAt");
  CHECK(field_path("_a1") == "_a1");
  CHECK(field_path("1a") == "`1a`");
  CHECK(field_path("a.b") == "`a.b`");
  CHECK(field_path("4073@s.whatsapp.net") == "`4073@s.whatsapp.net`");
  CHECK(field_path("a`b\\c") == "`a\\`b\\\\c`");
  CHECK(field_path("") == "``");
}

TEST_CASE("sizes are counted as the service counts them") {
  CHECK(stored_size(Value("abc")) == 4);
  CHECK(stored_size(Value(std::int64_t{1})) == 8);
  CHECK(stored_size(Value(nullptr)) == 1);
  CHECK(stored_size(Fields{{"type", "abc"}, {"n", true}}) == 5 + 4 + 2 + 1);
  CHECK(stored_size(Value(Array{Value("a"), Value("b")})) == 4);
}

}  // namespace value_test
