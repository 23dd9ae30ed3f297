#include <functional>
#include <nlohmann/json.hpp>

#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/json_text.h"
#include "cli/message_json.h"
#include "cli/thread_choice.h"
#include "cli/time_text.h"
#include "cli/unreadable_accounts.h"
#include "inbox/queries.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

std::string heading(const Console& console, const ThreadListing& thread) {
  std::string out = console.out_style.bold(one_line(thread.name));
  if (!thread.phone.empty() && thread.phone != thread.name) out += "  " + thread.phone;
  return out + "\n" + console.out_style.dim(thread.thread.str()) + "\n\n";
}

}  // namespace

int threads_show(const Console& console, const GlobalOptions& global,
                 const ThreadsShowOptions& options) {
  const Accounts accounts = chosen_accounts(global);
  // A remark: the conversation may be there, too.
  report_unreadable(console, accounts.unreadable);
  const ChosenThread found = chosen_thread(accounts.open, options.thread);
  const ThreadId& thread = found.thread.thread;
  // One more than asked for, to know whether there are older ones.
  auto messages = thread_messages(*found.database, thread,
                                  {.limit = options.limit + 1, .before = options.before});
  const bool older = messages.size() > options.limit;
  if (older) messages.erase(messages.begin());

  SenderNames names(found.thread, *found.database);
  if (console.json) {
    Json array = Json::array();
    for (const StoredMessage& each : messages) array.push_back(message_json(each, thread, names));
    console.out(json_pretty(array) + "\n");
    return 0;
  }
  if (console.out_is_terminal) console.out(heading(console, found.thread));
  console.out(conversation_text(console, messages, std::ref(names)));
  if (messages.empty() && found.thread.messages == 0)
    console.note(
        console.say({"This conversation has no messages yet: the history named it without any.",
                     "Conversația nu are încă niciun mesaj: istoricul a numit-o fără mesaje."}) +
        "\n" +
        console.say({"New messages appear here; older ones come with wa-sync pair --again.",
                     "Mesajele noi apar aici; cele vechi vin cu wa-sync pair --again."}));
  if (found.thread.identity_changed_at.known())
    console.note(console.say({"Safety number changed {}", "Numărul de siguranță s-a schimbat {}"},
                             local_date_time(found.thread.identity_changed_at)));
  if (older && console.out_is_terminal)
    console.note(console.say({"There are older messages: --before \"{}\" shows them.",
                              "Există mesaje mai vechi: --before \"{}\" le arată."},
                             rfc3339(messages.front().message.sent_at)));
  return 0;
}

}  // namespace wasync
