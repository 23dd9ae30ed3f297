#include "cli/pair_view.h"

#include <unistd.h>

#include <algorithm>

#include "cli/term/width.h"
#include "cli/time_text.h"

namespace wasync {

std::unique_ptr<PairView> make_pair_view(const Console& console, const PairOptions& options) {
  if (console.json) return make_json_pair_view(console);
  if (term::can_move_cursor() && console.out_is_terminal)
    return make_terminal_pair_view(console, options, STDOUT_FILENO);
  if (term::can_move_cursor() && console.err_is_terminal)
    return make_terminal_pair_view(console, options, STDERR_FILENO);
  return make_line_pair_view(console, options);
}

std::optional<EmptyInbox> why_empty(const pair_event::Done& done) {
  if (done.threads > 0 || done.messages > 0 || done.dry_run) return std::nullopt;
  switch (done.ending) {
    case pair_event::Done::Ending::kComplete: return kNoChats;
    case pair_event::Done::Ending::kStalled:
      return EmptyInbox{.why = {"Linked, but the phone sent no history.",
                                "Conectat, dar telefonul nu a trimis istoric."},
                        .what_to_do = {"Open WhatsApp on the phone and run wa-sync pair again, or "
                                       "send or receive a message.",
                                       "Deschide WhatsApp pe telefon și rulează din nou wa-sync "
                                       "pair, sau trimite/primește un mesaj."}};
    case pair_event::Done::Ending::kNotAwaited: break;
  }
  return std::nullopt;
}

int percent_sent(const firestore::UploadState& upload) {
  const std::int64_t all = upload.written + upload.queued;
  return all == 0 ? 100 : static_cast<int>(upload.written * 100 / all);
}

std::string pair_summary(const Console& console, const term::Style& style,
                         const pair_event::Done& done, const std::string& who,
                         const std::optional<firestore::UploadState>& upload) {
  const auto row = [&](Phrase label, const std::string& value) {
    constexpr int kValueColumn = 24;
    const std::string line = "  " + console.say(label);
    const int gap = std::max(2, kValueColumn - term::display_width(line));
    return line + std::string(static_cast<std::size_t>(gap), ' ') + value + "\n";
  };
  const auto number = [&](std::int64_t value) { return grouped(value).in(console.language); };

  const bool complete = done.ending == pair_event::Done::Ending::kComplete;
  const auto empty = why_empty(done);
  std::string out;
  if (done.dry_run)
    out += style.yellow(console.say(kDryRun)) + "\n";
  else if (empty)
    out += style.yellow(console.say(empty->why)) + "\n";
  else if (complete)
    out += style.green(console.say({"The inbox is ready.", "Inboxul este gata."})) + "\n";
  else
    out += style.yellow(console.say(
               {"History is not complete yet; wa-sync pair resumes it, without a new QR.",
                "Istoricul nu este complet încă; wa-sync pair îl reia, fără un QR nou."})) +
           "\n";

  out += "\n" + row({"account", "cont"}, who) +
         row({"conversations", "conversații"}, number(done.threads)) +
         row({"messages", "mesaje"}, number(done.messages)) +
         row({"contacts", "contacte"}, number(done.contacts));
  if (done.oldest_message_at.known())
    out += row({"oldest message", "cel mai vechi mesaj"}, local_date(done.oldest_message_at));
  if (upload) {
    out += row({"sent to Firestore", "trimise în Firestore"}, number(upload->written));
    if (upload->queued > 0)
      out += row({"still to be sent", "încă de trimis"}, style.yellow(number(upload->queued)));
    if (upload->set_aside > 0)
      out += "\n" +
             style.yellow(console.say({"Firestore refuses some documents for good: {}. They stay "
                                       "on this host; accounts list --json counts them.",
                                       "Firestore refuză definitiv unele documente: {}. Rămân pe "
                                       "acest sistem; accounts list --json le numără."},
                                      number(upload->set_aside))) +
             "\n";
  }
  if (done.failed_chunks > 0)
    out += "\n" +
           style.yellow(console.say({"wa-sync could not use some parts of the history: {}. This "
                                     "asks for them again: wa-sync pair --again",
                                     "wa-sync nu a putut folosi unele părți din istoric: {}. Le "
                                     "cere din nou: wa-sync pair --again"},
                                    done.failed_chunks)) +
           "\n";
  if (done.damaged_parts > 0)
    out += "\n" +
           style.yellow(console.say(
               {"wa-sync could not read some damaged parts: {}. All others are here.",
                "wa-sync nu a putut citi unele părți deteriorate: {}. Toate celelalte sunt aici."},
               done.damaged_parts)) +
           "\n";
  if (done.unopened > 0)
    out +=
        "\n" +
        style.yellow(console.say(
            {"Some edits, reactions, votes or comments could not be opened: {}. accounts list "
             "--json says of which kind, and why.",
             "Unele editări, reacții, voturi sau comentarii nu s-au putut deschide: {}. accounts "
             "list --json arată de ce fel și de ce."},
            number(done.unopened))) +
        "\n";
  if (!done.damaged_app_state.empty())
    out += "\n" + style.yellow(app_state_warning(console, done.damaged_app_state)) + "\n";

  out += "\n" + style.bold(console.say({"Next", "Mai departe"}) + ":") + "\n";
  if (done.dry_run) return out + "  " + console.say(kStoreHistory) + "\n";
  if (empty) return out + "  " + console.say(empty->what_to_do) + "\n";
  return out + "  " +
         console.say({"wa-sync threads list           the conversations, newest first",
                      "wa-sync threads list           conversațiile, cele mai noi întâi"}) +
         "\n  " +
         console.say({"wa-sync threads show THREAD    one of them, to read",
                      "wa-sync threads show THREAD    una dintre ele, de citit"}) +
         "\n";
}

}  // namespace wasync
