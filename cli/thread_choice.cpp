#include "cli/thread_choice.h"

#include "cli/console.h"

namespace wasync {
namespace {

std::string candidate_lines(const std::vector<ThreadListing>& threads) {
  std::string out;
  for (const ThreadListing& thread : threads)
    out += "\n  " + (thread.phone.empty() ? thread.jid.to_string() : thread.phone) + "  " +
           one_line(thread.name);
  return out;
}

}  // namespace

Error not_one_thread(const std::string& text, const std::vector<ThreadListing>& named) {
  if (named.empty())
    return {
        ErrorCode::kUsage,
        Phrase{"no conversation matches \"{}\"", "nicio conversație nu corespunde cu „{}”"}.with(
            one_line(text)),
        Phrase{"This lists all of them: wa-sync threads list --all --hidden",
               "Toate sunt în: wa-sync threads list --all --hidden"}};
  return {
      ErrorCode::kUsage,
      Phrase{"more than one conversation matches \"{}\"", "mai multe conversații corespund cu „{}”"}
          .with(one_line(text)),
      Phrase{"Name one of these:{}", "Alege una dintre acestea:{}"}.with(candidate_lines(named))};
}

ChosenThread chosen_thread(const std::vector<OpenAccount>& accounts, const std::string& text) {
  std::vector<ChosenThread> found;
  for (const OpenAccount& each : accounts) {
    const FoundThread result = find_thread(*each.database, text);
    if (const auto* thread = std::get_if<ThreadListing>(&result))
      found.push_back({.thread = *thread, .database = each.database.get()});
    if (const auto* several = std::get_if<AmbiguousThread>(&result))
      for (const ThreadListing& candidate : several->candidates)
        found.push_back({.thread = candidate, .database = each.database.get()});
  }
  if (found.size() == 1) return found.front();
  std::vector<ThreadListing> named;
  for (const ChosenThread& each : found) named.push_back(each.thread);
  throw not_one_thread(text, named);
}

}  // namespace wasync
