#include "history/blob_deletion.h"

#include "base/crypto.h"
#include "base/error.h"
#include "history/media_request.h"
#include "proto/peer_message.pb.h"

namespace wasync {

void delete_blob(const pb::HistorySyncNotification& notification, const MediaServers& servers,
                 const DeletionOptions& options) {
  if (notification.direct_path().empty() || servers.hosts.empty() || servers.auth.empty()) return;
  if (notification.file_enc_sha256().size() != Digest256{}.size()) {
    throw Error(ErrorCode::kProtocol, Phrase{"{} was announced with a malformed hash",
                                             "{} a fost anunțat cu o sumă de control malformată"}
                                          .with(kHistoryMedia.a_blob));
  }
  HttpRequest request =
      media_request(deletion_url(servers.hosts.front(), notification.direct_path(),
                                 as_bytes(notification.file_enc_sha256()),
                                 notification.enc_handle(), servers.auth, kHistoryMedia),
                    options.user_agent);
  // Do not follow a redirect: its target would learn the secret in the URL.
  request.method = "DELETE";
  if (!options.secret.empty() && !notification.enc_handle().empty()) {
    request.headers.emplace_back("Companion_User_Secret", options.secret);
  }
  const std::chrono::seconds limit(options.timeout_s);
  request.limits = {.connect = limit, .stall = limit, .total = limit};
  request.interrupted = options.interrupted;
  request.on_body = [](const HttpHead&, BytesView) {};  // the body does not matter
  HttpClient client;
  const long status =
      send_media_request(client, std::move(request),
                         Phrase{"deleting {}", "ștergerea: {}"}.with(kHistoryMedia.a_blob))
          .status;
  if (status < 200 || status >= 300) {
    throw Error(ErrorCode::kServerRefused,
                Phrase{"the media server answered {} when asked to delete {}",
                       "serverul media a răspuns {} când i s-a cerut să șteargă {}"}
                    .with(status, kHistoryMedia.a_blob));
  }
}

}  // namespace wasync
