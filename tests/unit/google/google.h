// Google as credentials meet it: keys and key files made on the spot, and who checks what is
// signed with them.
#pragma once

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/error.h"
#include "scratch_dir.h"
#include "unit/http_stub.h"

namespace wasync::test {

using nlohmann::json;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline Key new_rsa_key(unsigned bits = 2048) {
  return {EVP_RSA_gen(bits), &EVP_PKEY_free};
}
// Making one takes a while.
inline EVP_PKEY* usual_key() {
  static const Key key = new_rsa_key();
  return key.get();
}

inline std::string pem_of(EVP_PKEY* key, const char* password = nullptr) {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, password ? EVP_aes_128_cbc() : nullptr, nullptr, 0, nullptr,
                           const_cast<char*>(password));
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

inline bool verifies(EVP_PKEY* key, BytesView message, BytesView signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

inline Bytes base64url_decode(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  const auto bytes = base64_decode(text);
  REQUIRE(bytes);
  return *bytes;
}

inline std::map<std::string, std::string> parse_form(const std::string& body) {
  const auto plain = [](const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        out += text[i];
        continue;
      }
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    return out;
  };
  std::map<std::string, std::string> form;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('&', at), body.size());
    const std::string pair = body.substr(at, end - at);
    form[pair.substr(0, pair.find('='))] = plain(pair.substr(pair.find('=') + 1));
    at = end + 1;
  }
  return form;
}

constexpr const char* kEmail = "inbox@superparty.iam.gserviceaccount.com";
constexpr const char* kRefreshToken = "1//refresh/+&token";

inline json key_file(const std::string& token_uri = "https://oauth2.googleapis.com/token") {
  return {{"type", "service_account"}, {"project_id", "superparty"},
          {"private_key_id", "key7"},  {"private_key", pem_of(usual_key())},
          {"client_email", kEmail},    {"client_id", "1"},
          {"token_uri", token_uri}};
}
inline json user_file(const std::string& token_uri = "https://oauth2.googleapis.com/token") {
  return {{"type", "authorized_user"},      {"client_id", "id.apps"},
          {"client_secret", "GOCSPX-hush"}, {"refresh_token", kRefreshToken},
          {"quota_project_id", "billed"},   {"token_uri", token_uri}};
}

inline std::string token_answer(const std::string& token, int expires_in = 3600) {
  return synthetic::kept(
      json{{"access_token", token}, {"expires_in", expires_in}, {"token_type", "Bearer"}}.dump());
}

// As a server has it in its answers.
inline std::string date_header(UnixSeconds time) {
  const std::time_t seconds = time.value;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 50> text{};
  std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  return text.data();
}
// A server's clock that is so far ahead of ours; what it has taught is forgotten in the end.
struct OtherClock {
  std::chrono::seconds ahead;
  ~OtherClock() { forget_time(); }
  UnixSeconds now() const { return {UnixSeconds::of_host().value + ahead.count()}; }
  bool is_ours() const { return std::abs(UnixSeconds::now().value - now().value) <= 2; }
};

// Variables, and files for them to name.
struct Surroundings {
  test::ScratchDir scratch;
  std::filesystem::path directory = scratch.path();
  std::map<std::string, std::string> variables{{"HOME", directory}};

  Environment environment() const {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end() || found->second.empty()) return std::nullopt;
      return found->second;
    };
  }
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const auto path = directory / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
};

// What `action` throws.
template <typename Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error was thrown");
  return {ErrorCode::kInternal, ""};
}

inline bool says(const Error& error, const std::string& words) {
  return (std::string(error.what()) + "\n" + error.hint()).find(words) != std::string::npos;
}

}  // namespace wasync::test
