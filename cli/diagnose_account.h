// Which account `diagnose --account` means: found without changing any file.
#pragma once

#include <filesystem>
#include <string>

#include "inbox/ids.h"

namespace wasync {

// By id, phone or name, as chosen_accounts does (account_choice.h). A file that cannot be read is
// found by its id alone. Throws Error(kUsage) when none matches, or several.
AccountId account_to_diagnose(const std::filesystem::path& state_dir, const std::string& text);

}  // namespace wasync
