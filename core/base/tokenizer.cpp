#include "base/tokenizer.h"

#include <sqlite3.h>

#include <array>
#include <memory>

#include "base/error.h"
#include "base/sqlite.h"

namespace wasync {
namespace {

constexpr const char* kName = "unicode61";
// With the marks, or a word of Hindi falls apart at each vowel; without those that only say how an
// emoji is drawn (U+FE0F, U+20E3).
constexpr std::array kArguments{"remove_diacritics", "2",          "categories",
                                "L* N* M*",          "separators", "\xEF\xB8\x8F\xE2\x83\xA3"};

fts5_api* find_api(sqlite3* handle) {
  fts5_api* api = nullptr;
  sqlite3_stmt* query = nullptr;
  if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &query, nullptr) != SQLITE_OK)
    return nullptr;
  sqlite3_bind_pointer(query, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  sqlite3_step(query);
  sqlite3_finalize(query);
  return api;
}

int take_token(void* tokens, int /*flags*/, const char* folded, int length, int begin, int end) {
  static_cast<std::vector<Token>*>(tokens)->push_back(
      {.folded = std::string(folded, static_cast<std::size_t>(length)),
       .begin = static_cast<std::size_t>(begin),
       .end = static_cast<std::size_t>(end)});
  return SQLITE_OK;
}

}  // namespace

Tokenizer::Tokenizer(Database& database) {
  auto functions = std::make_unique<fts5_tokenizer>();
  void* context = nullptr;
  fts5_api* const api = find_api(database.handle_);
  auto arguments = kArguments;
  if (api == nullptr || api->xFindTokenizer(api, kName, &context, functions.get()) != SQLITE_OK ||
      functions->xCreate(context, arguments.data(), static_cast<int>(arguments.size()), &handle_) !=
          SQLITE_OK) {
    throw Error(ErrorCode::kStore,
                Phrase{"this SQLite library has no full-text search (FTS5)",
                       "această bibliotecă SQLite nu are căutare în text (FTS5)"});
  }
  functions_ = functions.release();
}

Tokenizer::~Tokenizer() {
  functions_->xDelete(handle_);
  delete functions_;
}

std::vector<Token> Tokenizer::split(std::string_view text) const {
  std::vector<Token> tokens;
  functions_->xTokenize(handle_, &tokens, FTS5_TOKENIZE_DOCUMENT, text.data(),
                        static_cast<int>(text.size()), &take_token);
  return tokens;
}

std::string Tokenizer::option() {
  std::string out = kName;
  for (const char* argument : kArguments) out += std::string(" '") + argument + "'";
  return out;
}

}  // namespace wasync
