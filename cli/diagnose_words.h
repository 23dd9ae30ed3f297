// The words of `diagnose`, in English and Romanian: what each finding is called, why it matters,
// and the one thing to do about it. A table of its own beside messages.h, because the three belong
// together; a test holds it to the same rules.
//
// Placeholders are the facts of the finding by their names ({phone}), as diagnose_view shows them.
// In commands {here} stands for the options that lead to the same account: " --account …" and the
// like, or nothing; {source} for " --source firestore" where the Inbox is there.
#pragma once

#include <string_view>

#include "cli/messages.h"
#include "diagnose/verdict.h"

namespace wasync {

struct BothLanguages {
  std::string_view english{};
  std::string_view romanian{};
  std::string_view in(Language language) const {
    return language == Language::kRomanian ? romanian : english;
  }
};

struct FindingWords {
  diagnosis::Finding finding;
  BothLanguages line;          // beside the check's name
  BothLanguages why{};         // sentences; empty for what is in order
  std::string_view command{};  // to be pasted; the same in every language
  BothLanguages remark{};      // on that command
  BothLanguages otherwise{};   // what can be done instead
};

const FindingWords& words_of(diagnosis::Finding finding);

// Put before all else that is to be done, where it needs a phone that may be off. {last_heard}.
BothLanguages phone_first(bool ever_heard);

BothLanguages label_of(diagnosis::CheckId check);
BothLanguages word_of(diagnosis::Verdict verdict);

}  // namespace wasync
