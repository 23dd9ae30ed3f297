// What `pair` shows while it works, one view for each kind of reader: a person at a
// terminal, a pipe, a script that asked for JSON.
#pragma once

#include <memory>
#include <optional>

#include "cli/console.h"
#include "cli/empty_inbox.h"
#include "cli/options.h"
#include "firestore/uploader.h"
#include "session/link/pairing.h"

namespace wasync {

// Used from one thread. Errors are not its business: run() reports them after the view is
// gone, when a terminal is back to ordinary lines.
class PairView {
 public:
  virtual ~PairView() = default;
  virtual void show(const PairEvent& event) = 0;
  // How far the upload is; the last one is part of the summary.
  virtual void show(const firestore::UploadState& upload) = 0;
  // Once a second, and when the window was resized.
  virtual void tick() {}
};

// Terminal: draws on stdout, or on stderr when only that is a terminal. Otherwise lines on
// stdout, or with --json events.
std::unique_ptr<PairView> make_pair_view(const Console& console, const PairOptions& options);

// The three, for make_pair_view and tests. `descriptor` is the terminal to draw on.
std::unique_ptr<PairView> make_terminal_pair_view(const Console& console,
                                                  const PairOptions& options, int descriptor);
std::unique_ptr<PairView> make_line_pair_view(const Console& console, const PairOptions& options);
std::unique_ptr<PairView> make_json_pair_view(const Console& console);

// Texts of both views for people.
inline constexpr Phrase kCodeGuide{
    "Phone: WhatsApp > Settings > Linked devices > Link a device,\n"
    "then \"Link with phone number instead\", and type this code:",
    "Telefon: WhatsApp > Setări > Dispozitive conectate > Conectează un dispozitiv,\n"
    "apoi „Conectează cu numărul de telefon”, și scrie acest cod:"};
inline constexpr Phrase kPasskeyGuide{
    "This account links devices only with its passkey. A browser that can use it has to answer:\n"
    "1. Open https://web.whatsapp.com there, and the console of its developer tools (F12).\n"
    "2. Read these lines, paste them there and press Enter:",
    "Acest cont conectează dispozitive doar cu cheia lui de acces. Trebuie să răspundă un browser\n"
    "care o poate folosi:\n"
    "1. Deschide acolo https://web.whatsapp.com și consola uneltelor de dezvoltare (F12).\n"
    "2. Citește aceste linii, lipește-le acolo și apasă Enter:"};
inline constexpr Phrase kPasskeyAnswer{
    "3. Copy the line that they print, paste it here (it stays hidden) and press Enter.",
    "3. Copiază rândul pe care îl afișează, lipește-l aici (rămâne ascuns) și apasă Enter."};
inline constexpr Phrase kPasskeyAnswered{
    "The passkey has answered. The phone shows this code as well: {}",
    "Cheia de acces a răspuns. Telefonul afișează și el acest cod: {}"};
inline constexpr Phrase kComparePasskeyCode{
    "If it is the same, type yes and press Enter; if not, no. Then confirm on the phone.",
    "Dacă este același, scrie da și apasă Enter; dacă nu, nu. Apoi confirmă pe telefon."};
inline constexpr Phrase kReconnecting{"connecting again: {}", "reconectare: {}"};
inline constexpr Phrase kUploadWaits{"Firestore, trying again: {}",
                                     "Firestore, se încearcă din nou: {}"};
inline constexpr Phrase kDryRun{
    "Dry run: this much would arrive; wa-sync stored none of the history.",
    "Doar o probă: atât ar sosi; wa-sync nu a păstrat nimic din istoric."};

// Why a run that ended well left nothing to show, and what to do; nothing when there is
// something.
std::optional<EmptyInbox> why_empty(const pair_event::Done& done);

// What the run came to and what to do next, as paragraphs for a person.
std::string pair_summary(const Console& console, const term::Style& style,
                         const pair_event::Done& done, const std::string& who,
                         const std::optional<firestore::UploadState>& upload = {});

// 0 to 100; below 100 while anything waits.
int percent_sent(const firestore::UploadState& upload);

}  // namespace wasync
