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

}  // namespace wasync
