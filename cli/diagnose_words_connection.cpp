// Words of diagnose about who holds the account, its connection and its lease
// (diagnose/links_connection.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kConnectionWords[] = {
    // holder
    {.finding = Finding::kListening,
     .line = {"wa-sync listen runs, as {instance}", "rulează wa-sync listen, ca {instance}"}},
    {.finding = Finding::kHeldByCommand,
     .line = {"process {pid} works with the account", "procesul {pid} lucrează cu contul"}},
    {.finding = Finding::kNobodyListens,
     .line = {"wa-sync listen does not run; last connected {last_connected_at}, delivery "
              "{last_stanza}",
              "wa-sync listen nu rulează; ultima conexiune {last_connected_at}, livrare "
              "{last_stanza}"},
     .why = {"the account is paired, but nothing keeps it connected: new messages wait at\n"
             "WhatsApp until it connects again.",
             "contul este conectat la telefon, dar nimic nu îl ține online: mesajele noi așteaptă\n"
             "la WhatsApp până la reconectare."},
     .command = "wa-sync listen{here}",
     .remark = {"as a service: systemctl start wa-sync", "ca serviciu: systemctl start wa-sync"}},
    {.finding = Finding::kHolderSilent,
     .line = {"process {pid} holds the account and does not answer",
              "procesul {pid} ține contul și nu răspunde"},
     .why = {"the process that has the account's connection does not answer: {error}.",
             "procesul care are conexiunea contului nu răspunde: {error}."},
     .command = "systemctl restart wa-sync",
     .remark = {"no acknowledged message is lost", "nimic confirmat nu se pierde"}},
    {.finding = Finding::kHeldElsewhere,
     .line = {"{instance} holds the account until {until}",
              "{instance} ține contul până la {until}"},
     .why =
         {"another instance runs this account: its lease is good until {until}. This host is\n"
          "passive; only the other one knows the connection and the history. If the name is that\n"
          "of this host, one of the two is a clone.",
          "altă instanță rulează acest cont: rezervarea ei este valabilă până la {until}. Acest\n"
          "sistem este pasiv, iar despre conexiune și istoric știe doar cealaltă. Dacă numele "
          "este\n"
          "al acestui sistem, unul dintre ele este o clonă."},
     .command = "wa-sync diagnose",
     .remark = {"on the host of {instance}", "pe sistemul instanței {instance}"}},
    // connection
    {.finding = Finding::kConnected,
     .line = {"connected {since}; last message {last_message}, delivery {last_stanza}, answer "
              "{last_traffic}",
              "conectat {since}; ultimul mesaj {last_message}, livrare {last_stanza}, răspuns "
              "{last_traffic}"}},
    {.finding = Finding::kConnectedOnce, .line = {"connected {since}", "conectat {since}"}},
    {.finding = Finding::kConnecting,
     .line = {"connecting ({status})", "se conectează ({status})"},
     .why = {"wa-sync listen runs and is still connecting to WhatsApp.",
             "wa-sync listen rulează și încă se conectează la WhatsApp."},
     .command = "wa-sync diagnose{here}",
     .remark = {"again, in half a minute", "încă o dată, peste o jumătate de minut"}},
    {.finding = Finding::kNotConnected,
     .line = {"not connected: {reason}", "neconectat: {reason}"},
     .why = {"wa-sync listen runs, but cannot reach WhatsApp, or WhatsApp refuses it:\n"
             "{reason}.",
             "wa-sync listen rulează, dar nu ajunge la WhatsApp sau WhatsApp îl refuză:\n"
             "{reason}."},
     .command = "systemctl reload wa-sync",
     .remark = {"tries again at once; check network and proxy first",
                "încearcă din nou imediat; verifică întâi rețeaua și proxy-ul"}},
    {.finding = Finding::kNothingHeard,
     .line = {"WhatsApp silent since {last_traffic}", "WhatsApp tace; ultima dată {last_traffic}"},
     .why = {"the connection is open, but WhatsApp, which speaks every half minute, is silent.",
             "conexiunea este deschisă, dar WhatsApp, care vorbește la jumătate de minut, tace."},
     .command = "systemctl restart wa-sync",
     .remark = {"connects again", "se conectează din nou"}},
    // lease
    {.finding = Finding::kLeaseHere, .line = {"ours, until {until}", "a noastră, până la {until}"}},
    {.finding = Finding::kLeaseNobody,
     .line = {"no instance claims the account", "nicio instanță nu rezervă contul"}},
    {.finding = Finding::kLeaseElsewhere,
     .line = {"{instance} claims the account until {until}",
              "{instance} rezervă contul până la {until}"},
     .why = {"two instances run this account: one here, and {instance}, whose lease is good until\n"
             "{until}. WhatsApp lets only one of them be connected.",
             "două instanțe rulează acest cont: una aici și {instance}, a cărei rezervare este\n"
             "valabilă până la {until}. WhatsApp lasă conectată doar una."},
     .command = "systemctl stop wa-sync",
     .remark = {"on the host that must not have it", "pe sistemul care nu trebuie să îl aibă"}},
};

}  // namespace

std::span<const FindingWords> words_connection() {
  return kConnectionWords;
}

}  // namespace wasync
