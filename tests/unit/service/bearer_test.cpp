#include "service/bearer.h"

#include <fstream>

#include "base/error.h"
#include "unit/inbox/fixture.h"

namespace bearer_test {

using namespace wasync;
using namespace wasync::test;

namespace {

std::optional<std::string_view> bearer(const std::string& value) {
  static HttpAsk ask;
  ask.headers = {{"authorization", value}};
  return bearer_of(ask);
}

struct File {
  ScratchDir scratch;
  std::filesystem::path path = scratch.path() / "token";

  explicit File(const std::string& content, mode_t mode = 0600) { write(content, mode); }
  void write(const std::string& content, mode_t mode = 0600) const {
    std::ofstream(path) << content;
    std::filesystem::permissions(path, std::filesystem::perms(mode));
  }
};

const std::string kToken = "correct-horse-battery";

std::string refusal_of(const File& file) {
  try {
    TokenFile token(file.path);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kConfig);
    return error.what() + error.hint();
  }
  return {};
}

}  // namespace

TEST_CASE("the bearer token of a request") {
  CHECK(bearer("Bearer abc") == "abc");
  CHECK(bearer("bearer abc.d-e_f~+/==") == "abc.d-e_f~+/==");
  for (const char* value : {"", "Bearer", "Bearer ", "Bearer  abc", "Basic abc", "Bearer a b",
                            "abc", "Bearer abc,", "Bearer \xff", "Bearerabc"})
    CHECK_FALSE(bearer(value));
  CHECK(bearer("Bearer " + std::string(8192, 'a')));
  CHECK_FALSE(bearer("Bearer " + std::string(8193, 'a')));
}

TEST_CASE("no header and two of them are none") {
  CHECK_FALSE(bearer_of(HttpAsk{}));
  const HttpAsk two{.headers = {{"authorization", "Bearer abc"}, {"authorization", "Bearer abc"}}};
  CHECK_FALSE(bearer_of(two));
}

TEST_CASE("the token file's first line is the token") {
  const File file(kToken + "\n");
  const TokenFile token(file.path);
  CHECK(token.is(kToken));
  CHECK_FALSE(token.is(kToken + "x"));
  CHECK_FALSE(token.is(kToken.substr(1)));
  CHECK_FALSE(token.is(""));
  CHECK_FALSE(token.is(kToken + "\n"));
}

TEST_CASE("a token file that others may read, or that holds no good token, is refused") {
  for (const mode_t mode : {0640U, 0604U, 0660U, 0602U})
    CHECK(refusal_of(File(kToken, mode)).find("chmod 600") != std::string::npos);
  CHECK(refusal_of(File(kToken, 0400)).empty());
  for (const std::string& content :
       {std::string(), std::string("\n") + kToken, std::string("fifteen-letters"),
        kToken + " and more", kToken + "\t", std::string(8193, 'a')}) {
    const std::string refusal = refusal_of(File(content));
    CHECK(refusal.find("holds no token") != std::string::npos);
    CHECK(refusal.find("correct-horse") == std::string::npos);
  }
  File gone(kToken);
  std::filesystem::remove(gone.path);
  CHECK(refusal_of(gone).find("cannot be read") != std::string::npos);
  std::filesystem::create_directory(gone.path);
  CHECK_FALSE(refusal_of(gone).empty());
}

TEST_CASE("a reload takes the new token, or leaves the old one in force") {
  const File file(kToken);
  TokenFile token(file.path);
  file.write("another-token-entirely\n");
  CHECK(token.is(kToken));
  token.reload();
  CHECK(token.is("another-token-entirely"));
  CHECK_FALSE(token.is(kToken));
  file.write("short");
  CHECK_THROWS_AS(token.reload(), Error);
  CHECK(token.is("another-token-entirely"));
}

}  // namespace bearer_test
