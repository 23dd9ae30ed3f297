// The admin interface: how a test moves the phone and looks behind the curtain. JSON in and
// out; errors are {"error": …} with a 4xx status.
//
// Every call may end with ?user=N: which user's phone, companions and dataset are meant (0: the
// first one, and the default). Faults, connections and what clients did are everybody's.
//
//   POST /admin/mock-phone/scan-qr        body: the QR text
//   POST /admin/mock-phone/enter-code     {code}: typed on the phone, with or without '-'
//   POST /admin/mock-phone/send-message   {chat, from?, id?, text, kind?, target?,
//                                          target_from_author?, by_admin?, recipients?,
//                                          content_hex?}, see realtime.h
//                                         from "me": other users get it too
//   POST /admin/mock-phone/send-stanza    {tag, attributes?: {…}, children?: [the same],
//                                          content_hex?}: what no message above is, such as calls,
//                                         channels' posts and bots' answers
//   POST /admin/mock-phone/send-receipt   {chat, ids: […], from?, type?: "read" …}
//   POST /admin/mock-phone/rename-contact {jid, name}: through app state
//   POST /admin/mock-phone/remove-device  {device}: the number in the companion's JID
//   POST /admin/group                     {subject, members: [user numbers], addressing?: "lid"}:
//                                         answers {jid}
//   POST /admin/group-members             {group, add?: [user numbers], remove?: [user numbers]}
//   POST /admin/load                      {messages, rate?, seed?, window?} or {everybody: true},
//                                         see load.h
//   GET  /admin/load                      {sent, left, prepared, pending: [per companion]}
//   POST /admin/load/release              what was begun with {prepared: true} goes out
//   POST /admin/load/ping                 asks each companion for an answer at once
//   POST /admin/load/answer-times         {messages_us, pings_us: […]}: how long each answer took,
//                                         since this was asked last
//   POST /admin/fault                     body: name, name=value or name=off
//   POST /admin/clock      SECONDS        sets the clock that clients see so far ahead of this
//   host's POST /admin/drop                      cuts every client's TCP connection GET
//   /admin/secrets                   {names, numbers, texts, ids, keys: […]}: what only the
//                                         user may learn, whoever logs, traces or reports
//   GET  /admin/state /admin/receipts /admin/faults
//   GET  /admin/dataset[?messages=no&older=yes]   see expected_inbox.h
#pragma once

#include "sim/http_answer.h"

namespace wasync::sim {

class World;

HttpAnswer answer_admin(World& world, const HttpQuestion& question);
// GET of blobs, and their DELETE as the real servers want it.
HttpAnswer answer_media(World& world, const HttpQuestion& question);

}  // namespace wasync::sim
