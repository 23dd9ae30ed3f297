#include "cli/report_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace wasync {
namespace {

using Writer = std::unique_ptr<::archive, decltype(&::archive_write_free)>;
using Entry = std::unique_ptr<::archive_entry, decltype(&::archive_entry_free)>;

Error cannot_archive(const std::filesystem::path& file, const char* why) {
  return {ErrorCode::kIo,
          Phrase{"cannot write {}: {}", "{} nu se poate scrie: {}"}.with(file.string(),
                                                                         why == nullptr ? "" : why),
          Phrase{"Name a new file in a directory that exists and that you may write to.",
                 "Numește un fișier nou, într-un director care există și în care poți scrie."}};
}

// "report" of "/tmp/report.tar.gz".
std::string folder_named_after(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::string folder = name.substr(0, name.find('.'));
  return folder.empty() ? "wa-sync-report" : folder;
}

void write_entries(::archive* out, const std::string& folder,
                   const std::vector<ArchiveEntry>& entries, const std::filesystem::path& file) {
  for (const ArchiveEntry& each : entries) {
    const Entry entry(::archive_entry_new(), &::archive_entry_free);
    ::archive_entry_set_pathname(entry.get(), (folder + "/" + each.name).c_str());
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(each.content.size()));
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), 0600);
    ::archive_entry_set_mtime(entry.get(), std::time(nullptr), 0);
    if (::archive_write_header(out, entry.get()) != ARCHIVE_OK ||
        ::archive_write_data(out, each.content.data(), each.content.size()) !=
            static_cast<la_ssize_t>(each.content.size()))
      throw cannot_archive(file, ::archive_error_string(out));
  }
}

}  // namespace

void write_archive(const std::filesystem::path& file, const std::vector<ArchiveEntry>& entries) {
  const FileDescriptor out(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out) throw cannot_archive(file, std::strerror(errno));
  try {
    const Writer writer(::archive_write_new(), &::archive_write_free);
    ::archive_write_add_filter_gzip(writer.get());
    ::archive_write_set_format_pax_restricted(writer.get());
    if (::archive_write_open_fd(writer.get(), out.get()) != ARCHIVE_OK)
      throw cannot_archive(file, ::archive_error_string(writer.get()));
    write_entries(writer.get(), folder_named_after(file), entries, file);
    if (::archive_write_close(writer.get()) != ARCHIVE_OK)
      throw cannot_archive(file, ::archive_error_string(writer.get()));
  } catch (...) {
    ::unlink(file.c_str());
    throw;
  }
}

}  // namespace wasync
