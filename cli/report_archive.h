// A compressed archive of a few texts, which tar and every file manager open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace wasync {

struct ArchiveEntry {
  std::string name;
  std::string content;
};

// Writes a .tar.gz for its owner alone (0600), its entries in a folder named after the file. Throws
// Error(kIo) when it cannot, or when there is such a file already; then nothing is left.
void write_archive(const std::filesystem::path& file, const std::vector<ArchiveEntry>& entries);

}  // namespace wasync
