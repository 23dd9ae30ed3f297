// The words of `diagnose`, in English and Romanian: what each finding is called, why it matters,
// and the one thing to do about it. They stand in diagnose_words_*.cpp, one file for each part of
// the pipeline, named as the links_*.cpp that come to these findings.
//
// Placeholders are the facts of the finding by their names ({phone}), as diagnose_view shows them.
// In commands {here} stands for the options that lead to the same account: " --account …" and the
// like, or nothing; {source} for " --source firestore" where the Inbox is there.
#pragma once

#include <span>
#include <string_view>

#include "base/phrase.h"
#include "diagnose/verdict.h"

namespace wasync {

struct FindingWords {
  diagnosis::Finding finding;
  Phrase line;                 // beside the check's name
  Phrase why{};                // sentences; empty for what is in order
  std::string_view command{};  // to be pasted; the same in every language
  Phrase remark{};             // on that command
  Phrase otherwise{};          // what can be done instead
};

const FindingWords& words_of(diagnosis::Finding finding);

// Put before all else that is to be done, where it needs a phone that may be off. {last_heard}.
Phrase phone_first(bool ever_heard);

Phrase label_of(diagnosis::CheckId check);
Phrase word_of(diagnosis::Verdict verdict);

// The parts, for words_of and its test.
std::span<const FindingWords> words_here();
std::span<const FindingWords> words_phone();
std::span<const FindingWords> words_connection();
std::span<const FindingWords> words_live();
std::span<const FindingWords> words_history();
std::span<const FindingWords> words_firestore();
std::span<const FindingWords> words_inbox();

}  // namespace wasync
