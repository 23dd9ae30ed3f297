#include "history/field_count.h"

#include <doctest/doctest.h>

#include <string>

#include "proto/message.pb.h"

namespace field_count_test {

using namespace wasync;

namespace {

bool may_be_parsed(const pb::Message& message) {
  return has_few_fields(as_bytes(message.SerializeAsString()));
}

// Field 1, delimited and empty, so often.
std::string empty_fields(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += std::string("\x0A\x00", 2);
  return out;
}

std::string nested(std::string inner, int depth) {
  pb::Message message;
  for (int i = 0; i < depth; ++i) {
    message.set_conversation(inner);
    inner = message.SerializeAsString();
  }
  return inner;
}

}  // namespace

TEST_CASE("what people write may be parsed, however long") {
  pb::Message message;
  CHECK(may_be_parsed(message));
  // The last looks like fields all through.
  for (const char* text : {"a", "ă", "\x08\x01"}) {
    std::string repeated;
    while (repeated.size() < 65'536) repeated += text;
    message.set_conversation(repeated);
    CHECK(may_be_parsed(message));
  }
}

TEST_CASE("a list of empty fields may not, wherever it is") {
  CHECK(has_few_fields(as_bytes(empty_fields(kMostFields))));
  const std::string many = empty_fields(kMostFields + 1);
  CHECK_FALSE(has_few_fields(as_bytes(many)));
  CHECK_FALSE(has_few_fields(as_bytes(nested(many, 1))));
  CHECK_FALSE(has_few_fields(as_bytes(nested(many, 20))));
  CHECK_FALSE(has_few_fields(as_bytes("\x0B\x0C" + many)));  // behind a group
  CHECK_FALSE(has_few_fields(as_bytes("\x0B" + many + "\x0C")));
}

TEST_CASE("what is no message is left to the parser") {
  CHECK(has_few_fields({}));
  CHECK(has_few_fields(as_bytes(std::string_view("\x0F", 1))));
  CHECK(has_few_fields(as_bytes(std::string_view("\x0A\xFF\xFF\xFF\xFF\x7F", 6))));
  CHECK(has_few_fields(as_bytes(std::string(300'000, '\xFF'))));
}

}  // namespace field_count_test
