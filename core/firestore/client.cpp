#include "firestore/client.h"

#include <nlohmann/json.hpp>

#include "base/backoff.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/log.h"
#include "base/percent.h"
#include "google/credentials.h"
#include "google/googles_time.h"

namespace wasync::firestore {
namespace {

using nlohmann::json;

constexpr std::string_view kService = "https://firestore.googleapis.com";

[[noreturn]] void malformed_answer(const std::string& what) {
  throw Error(
      ErrorCode::kProtocol,
      Phrase{"cannot read Firestore's answer: {}", "răspunsul Firestore nu se poate citi: {}"}.with(
          what),
      Phrase{"Check whether a proxy changes the answers.",
             "Verifică dacă un proxy modifică răspunsurile."});
}

json parsed(const std::string& body) {
  json out = json::parse(body, nullptr, false);
  if (out.is_discarded()) malformed_answer("no JSON");
  return out;
}

// The elements of a streaming method's answer.
const json& elements(const json& answer) {
  if (!answer.is_array()) malformed_answer("no list");
  for (const json& each : answer)
    if (!each.is_object()) malformed_answer("a list of something else");
  return answer;
}

WriteResults write_results(const std::string& body, std::size_t count) {
  const json answer = parsed(body);
  const auto status = answer.is_object() ? answer.find("status") : answer.end();
  if (!answer.is_object() || status == answer.end() || !status->is_array() ||
      status->size() != count)
    malformed_answer("not as many results as writes");
  WriteResults out;
  out.reserve(count);
  for (const json& each : *status) {
    if (!each.is_object()) malformed_answer("a status");
    const auto code = each.find("code");
    if (code == each.end() || !code->is_number_integer() || code->get<int>() == 0) {
      out.emplace_back();
      continue;
    }
    const auto message = each.find("message");
    const bool told = message != each.end() && message->is_string();
    out.emplace_back(failure_of_write(code->get<int>(), told ? message->get<std::string>() : ""));
  }
  return out;
}

void append_list(std::string& out, const std::vector<std::string>& names) {
  out += '[';
  for (const std::string& name : names) {
    if (&name != &names.front()) out += ',';
    append_json_string(out, name);
  }
  out += ']';
}

std::vector<std::string> paths_of(const std::vector<std::string>& fields) {
  std::vector<std::string> out;
  out.reserve(fields.size());
  for (const std::string& field : fields) out.push_back(field_path(field));
  return out;
}

void append_condition(std::string& out, const std::pair<std::string, Value>& equal) {
  out += "{\"fieldFilter\":{\"field\":{\"fieldPath\":";
  append_json_string(out, field_path(equal.first));
  out += "},\"op\":\"EQUAL\",\"value\":";
  append_json(out, equal.second);
  out += "}}";
}

std::string structured(const Query& query, const std::string& root) {
  std::string out = "{\"from\":[{\"collectionId\":";
  append_json_string(out, query.collection);
  out += "}]";
  if (query.equal.size() == 1) {
    out += ",\"where\":";
    append_condition(out, query.equal.front());
  } else if (!query.equal.empty()) {
    out += ",\"where\":{\"compositeFilter\":{\"op\":\"AND\",\"filters\":[";
    for (const auto& each : query.equal) {
      if (&each != &query.equal.front()) out += ',';
      append_condition(out, each);
    }
    out += "]}}";
  }
  out += ",\"orderBy\":[{\"field\":{\"fieldPath\":";
  append_json_string(out, query.order_by.empty() ? "__name__" : field_path(query.order_by));
  out += query.descending ? "},\"direction\":\"DESCENDING\"}]" : "},\"direction\":\"ASCENDING\"}]";
  if (!query.start_after.empty()) {
    out += ",\"startAt\":{\"before\":false,\"values\":[";
    append_json(out, Value(Value::Data(Reference{root + "/" + query.start_after})));
    out += "]}";
  }
  if (query.limit > 0) out += ",\"limit\":" + std::to_string(query.limit);
  if (!query.fields.empty()) {
    out += ",\"select\":{\"fields\":[";
    for (const std::string& field : query.fields) {
      if (&field != &query.fields.front()) out += ',';
      out += "{\"fieldPath\":";
      append_json_string(out, field_path(field));
      out += '}';
    }
    out += "]}";
  }
  return out + "}";
}

// The path of a parent in a URL, with each segment encoded by itself.
std::string url_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    out += "/" + percent_encode(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

}  // namespace

std::string Target::root() const {
  return "projects/" + project + "/databases/" + database + "/documents";
}

std::string Document::id() const {
  return path.substr(path.rfind('/') + 1);
}

Document document_from(const json& object, const std::string& root) {
  const auto name = object.is_object() ? object.find("name") : object.end();
  if (!object.is_object() || name == object.end() || !name->is_string())
    malformed_answer("a document without a name");
  Document out;
  const std::string full = name->get<std::string>();
  if (!full.starts_with(root + "/")) malformed_answer("a document of another database");
  out.path = full.substr(root.size() + 1);
  if (const auto fields = object.find("fields"); fields != object.end())
    out.fields = fields_from(*fields);
  if (const auto time = object.find("updateTime"); time != object.end() && time->is_string())
    out.updated_at = parse_timestamp(time->get<std::string>());
  return out;
}

Client::Client(HttpClient& http, Credentials& credentials, Target target,
               std::function<bool()> interrupted, std::chrono::milliseconds keep_trying)
    : http_(http),
      credentials_(credentials),
      target_(std::move(target)),
      interrupted_(std::move(interrupted)),
      keep_trying_(keep_trying) {}

void Client::pause(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
    if (interrupted_ && interrupted_())
      throw Error(ErrorCode::kInterrupted, Phrase{"interrupted while waiting for Firestore",
                                                  "întrerupt în așteptarea lui Firestore"});
    http_.poll(std::min<std::chrono::milliseconds>(time, std::chrono::milliseconds(200)));
  }
}

void Client::learn_time_of(const HttpHead& answer) const {
  if (target_.emulator.empty()) learn_googles_time(answer);
}

HttpRequest Client::request(std::string method, const std::string& path) {
  HttpRequest out;
  out.method = std::move(method);
  std::string origin = target_.origin.empty() ? std::string(kService) : target_.origin;
  if (!target_.emulator.empty()) origin = "http://" + target_.emulator;
  out.plain_http = origin.starts_with("http://");
  out.url = origin + "/v1/" + "projects/" + percent_encode(target_.project) + "/databases/" +
            percent_encode(target_.database) + "/documents" + path;
  out.headers.emplace_back("Authorization",
                           credentials_.authorization(http_, UnixSeconds::now(), interrupted_));
  out.headers.emplace_back("Content-Type", "application/json");
  if (const auto payer = credentials_.quota_project())
    out.headers.emplace_back("x-goog-user-project", *payer);
  return out;
}

void Client::batch_write(std::string body, std::size_t count,
                         std::function<void(std::variant<WriteResults, Failure>)> done) {
  HttpRequest out = request("POST", ":batchWrite");
  out.body = std::move(body);
  // Over loopback, compressing costs more than it saves.
  out.gzip_body = target_.emulator.empty();
  http_.start(std::move(out), [this, count, done = std::move(done)](const HttpResult& result) {
    if (const auto* broken = std::get_if<HttpFailure>(&result)) return done(failure_of(*broken));
    const auto& answer = std::get<HttpAnswer>(result);
    learn_time_of(answer);
    if (auto failure = failure_in(answer)) {
      if (failure->kind == FailureKind::kUnauthenticated) credentials_.forget_token();
      return done(*std::move(failure));
    }
    try {
      done(write_results(answer.body, count));
    } catch (const Error& error) {
      done(Failure{.kind = FailureKind::kMalformed,
                   .http_status = answer.status,
                   .message = error.message()});
    }
  });
}

std::string Client::ask(std::string_view doing, const std::string& method, const std::string& path,
                        const std::string& body) {
  const auto give_up_at = std::chrono::steady_clock::now() + keep_trying_;
  Backoff backoff(std::chrono::milliseconds(500), std::chrono::seconds(8));
  for (bool fresh_token = false;;) {
    HttpRequest out = request(method, path);
    out.body = body;
    out.interrupted = interrupted_;
    HttpResult result = http_.send(std::move(out));
    Failure failure;
    if (auto* answer = std::get_if<HttpAnswer>(&result)) {
      learn_time_of(*answer);
      auto refused = failure_in(*answer);
      if (!refused) return std::move(answer->body);
      failure = *std::move(refused);
    } else {
      failure = failure_of(std::get<HttpFailure>(result));
    }
    if (failure.kind == FailureKind::kUnauthenticated && !fresh_token) {
      credentials_.forget_token();
      fresh_token = true;
      continue;
    }
    const auto wait = backoff.wait(failure.retry_after);
    if (!failure.worth_retrying() || std::chrono::steady_clock::now() + wait > give_up_at)
      throw FailedRequest(failure, doing, target_.project);
    log::info("Firestore, {}: {}; trying again", doing, name(failure.kind));
    pause(wait);
  }
}

void Client::commit(std::span<const DocumentWrite> writes, std::optional<Timestamp> expected) {
  std::string body(kBatchHead);
  for (const DocumentWrite& write : writes) {
    if (&write != &writes.front()) body += ',';
    append_json(body, write, target_.root());
    if (!expected) continue;
    body.back() = ',';  // instead of the write's last brace
    body += "\"currentDocument\":{\"updateTime\":\"" + to_string(*expected) + "\"}}";
  }
  body += kBatchTail;
  ask("writing", "POST", ":commit", body);
}

std::vector<std::optional<Document>> Client::batch_get(std::span<const std::string> paths,
                                                       const std::vector<std::string>& fields) {
  const std::string root = target_.root();
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const std::string& path : paths) names.push_back(std::string(root).append("/").append(path));
  std::string body = "{\"documents\":";
  append_list(body, names);
  if (!fields.empty()) {
    body += ",\"mask\":{\"fieldPaths\":";
    append_list(body, paths_of(fields));
    body += '}';
  }
  const json answer = parsed(ask("reading", "POST", ":batchGet", body + "}"));
  std::vector<std::optional<Document>> out(paths.size());
  for (const json& each : elements(answer)) {
    const auto found = each.find("found");
    if (found == each.end()) continue;
    Document document = document_from(*found, root);
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (paths[i] == document.path) out[i] = document;
  }
  return out;
}

std::vector<Document> Client::run_query(const Query& query) {
  const std::string root = target_.root();
  const std::string body = "{\"structuredQuery\":" + structured(query, root) + "}";
  const json answer = parsed(
      ask("reading " + query.collection, "POST", url_path(query.parent) + ":runQuery", body));
  std::vector<Document> out;
  for (const json& each : elements(answer))
    if (const auto found = each.find("document"); found != each.end())
      out.push_back(document_from(*found, root));
  return out;
}

std::int64_t Client::count(const Query& query) {
  static const json kNothing;
  const std::string body =
      "{\"structuredAggregationQuery\":{\"aggregations\":[{\"alias\":\"n\",\"count\":{}}],"
      "\"structuredQuery\":" +
      structured(query, target_.root()) + "}}";
  const json answer = parsed(ask("counting " + query.collection, "POST",
                                 url_path(query.parent) + ":runAggregationQuery", body));
  for (const json& each : elements(answer)) {
    const json* number = &each;
    for (const char* key : {"result", "aggregateFields", "n"})
      number = number->is_object() && number->contains(key) ? &(*number)[key] : &kNothing;
    if (!number->is_object()) continue;
    const Value value = value_from(*number);
    if (const auto* n = std::get_if<std::int64_t>(&value.data)) return *n;
  }
  malformed_answer("no count");
}

std::vector<Document> Client::list(const std::string& collection, int page_size, std::string& token,
                                   const std::vector<std::string>& fields) {
  std::string path = url_path(collection) + "?pageSize=" + std::to_string(page_size);
  if (!token.empty()) path += "&pageToken=" + percent_encode(token);
  for (const std::string& field : paths_of(fields))
    path += "&mask.fieldPaths=" + percent_encode(field);
  const json answer = parsed(ask("listing " + collection, "GET", path, ""));
  if (!answer.is_object()) malformed_answer("no page");
  std::vector<Document> out;
  if (const auto documents = answer.find("documents"); documents != answer.end()) {
    if (!documents->is_array()) malformed_answer("no documents");
    for (const json& each : *documents) out.push_back(document_from(each, target_.root()));
  }
  const auto next = answer.find("nextPageToken");
  token = next != answer.end() && next->is_string() ? next->get<std::string>() : std::string();
  return out;
}

}  // namespace wasync::firestore
