// A diagnosis as people and scripts read it. Numbers of phones are masked unless all is asked for.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/console.h"
#include "diagnose/verdict.h"

namespace wasync {

struct DiagnoseView {
  Language language = Language::kEnglish;
  term::Style style{};
  bool verbose = false;  // whole phone numbers, and the checks that say only that all is well
  std::optional<int> columns{};  // of a terminal; nothing: a pipe, where a check is a line
  bool utf8 = true;              // else "ok", "NO" and so on instead of marks
  UnixSeconds now{};
  // Options that were given and lead to this inbox, to be repeated in commands: " --state-dir X".
  std::string where{};
};

std::string diagnosis_text(const DiagnoseView& view, const diagnosis::Diagnosis& diagnosis);
// {verdict, cause, exit_code, shown, why, action, remark, accounts, checks, firestore_reads}. Names
// and numbers are the same in every language; sentences are English.
nlohmann::ordered_json diagnosis_json(const DiagnoseView& view,
                                      const diagnosis::Diagnosis& diagnosis);

// "+40 737 ••• 397"
std::string masked_phone(std::string_view phone);
// Every long number in a text that somebody else wrote.
std::string masked_numbers(std::string_view text);

}  // namespace wasync
