#include "service/firebase_token_keys.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/log.h"
#include "base/loopback.h"
#include "base/number.h"
#include "base/wake.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxKeys = 32;
constexpr std::size_t kMaxKeyId = 128;
constexpr std::size_t kMaxCertificate = 8192;
constexpr std::uint64_t kMaxAnswer = 64 << 10;

// Of `name=` in a Cache-Control header, or the whole of an Age header with an empty name.
std::optional<std::chrono::seconds> seconds_in(std::string_view header, std::string_view name) {
  const std::size_t at = header.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  header.remove_prefix(at + name.size());
  const auto number = take_number<std::uint32_t>(header);
  if (!number) return std::nullopt;
  return std::chrono::seconds(*number);
}

std::chrono::seconds max_age_of(const HttpAnswer& answer) {
  const auto allowed = seconds_in(answer.header("cache-control"), "max-age=");
  if (!allowed) return 5min;
  const auto age = seconds_in(answer.header("age"), "").value_or(0s);
  return std::clamp<std::chrono::seconds>(*allowed - age, 1min, 24h);
}

std::string host_of(std::string_view url) {
  url.remove_prefix(std::string_view("http://").size());
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return {};
  return std::string(authority.substr(0, authority.rfind(':')));
}

HttpRequest request_for(const std::string& url, std::function<bool()> interrupted) {
  HttpRequest request;
  request.url = url;
  request.plain_http = url.starts_with("http://");
  request.limits = {.connect = 5s, .stall = 5s, .total = 10s, .body_bytes = kMaxAnswer};
  request.interrupted = std::move(interrupted);
  return request;
}

// Runs on the fetching thread. Nothing when no keys came.
std::optional<FetchedKeys> fetch(const std::string& url, std::function<bool()> interrupted) {
  HttpClient client;
  const HttpResult result = client.send(request_for(url, std::move(interrupted)));
  std::string why = "what came are no keys";
  if (const auto* failure = std::get_if<HttpFailure>(&result)) {
    why = failure->what;
  } else if (const auto& answer = std::get<HttpAnswer>(result); answer.status != 200) {
    why = "status " + std::to_string(answer.status);
  } else if (auto keys = parse_keys(answer)) {
    return keys;
  }
  log::warn("Google's keys for Firebase ID tokens cannot be fetched: {}", why);
  return std::nullopt;
}

}  // namespace

std::string firebase_keys_url(const Environment& environment) {
  const auto url = environment("WA_SYNC_FIREBASE_KEYS_URL");
  if (!url) return kFirebaseKeysUrl;
  if (!url->starts_with("http://") || !is_loopback(host_of(*url))) {
    throw Error(
        ErrorCode::kConfig,
        Phrase{
            "WA_SYNC_FIREBASE_KEYS_URL is for tests: it takes only http:// URLs of this machine",
            "WA_SYNC_FIREBASE_KEYS_URL este pentru teste: primește doar adrese http:// ale acestui "
            "sistem"},
        Phrase{"Unset it.", "Șterge variabila."});
  }
  return *url;
}

std::optional<FetchedKeys> parse_keys(const HttpAnswer& answer) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (!json.is_object() || json.size() > kMaxKeys) return std::nullopt;
  FetchedKeys out{.max_age = max_age_of(answer)};
  for (const auto& [id, certificate] : json.items()) {
    if (id.size() > kMaxKeyId || !certificate.is_string()) continue;
    const auto& pem = certificate.get_ref<const std::string&>();
    if (pem.size() > kMaxCertificate) continue;
    if (auto key = RsaPublicKey::from_certificate(pem))
      out.by_id.emplace(id, std::make_shared<const RsaPublicKey>(std::move(*key)));
  }
  if (out.by_id.empty()) return std::nullopt;
  return out;
}

struct FirebaseTokenKeys::State {
  using Time = std::chrono::steady_clock::time_point;

  State(const asio::any_io_executor& executor, Options from)
      : options(std::move(from)), fetched(executor), pool(1) {}

  bool is_fresh() const { return options.now() < good_until; }
  // Whether asking Google may help, and is not too soon after the last time.
  bool may_fetch() const {
    if (stopping->load()) return false;
    if (!asked_at) return true;
    const auto wait = is_fresh() ? options.unknown_key_wait : failed ? options.failure_wait : 0s;
    return options.now() - *asked_at >= wait;
  }

  asio::awaitable<void> fetch_once() {
    fetching = true;
    asked_at = options.now();
    std::optional<FetchedKeys> came;
    try {
      auto work = [](std::string url, std::shared_ptr<std::atomic<bool>> stop)
          -> asio::awaitable<std::optional<FetchedKeys>> {
        co_return fetch(url, [stop] { return stop->load(); });
      };
      came = co_await asio::co_spawn(pool, work(options.url, stopping), asio::use_awaitable);
    } catch (const std::exception& error) {
      log::error("Google's keys for Firebase ID tokens cannot be fetched: {}", error.what());
    }
    failed = !came;
    if (came) {
      keys = std::move(came->by_id);
      good_until = options.now() + came->max_age;
    }
    fetching = false;
    fetched.notify();
  }

  Options options;
  Wake fetched;  // or not
  RsaPublicKeys keys;
  Time good_until{};
  std::optional<Time> asked_at;
  bool failed = false;
  bool fetching = false;
  std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
  asio::thread_pool pool;  // last: joined before the rest goes
};

FirebaseTokenKeys::FirebaseTokenKeys(const asio::any_io_executor& executor, Options options)
    : state_(std::make_unique<State>(executor, std::move(options))) {}

FirebaseTokenKeys::~FirebaseTokenKeys() {
  stop();
}

void FirebaseTokenKeys::stop() {
  state_->stopping->store(true);
}

asio::awaitable<FirebaseTokenKeys::Found> FirebaseTokenKeys::find(std::string key_id) {
  State& state = *state_;
  const auto known = [&]() -> std::shared_ptr<const RsaPublicKey> {
    const auto found = state.keys.find(key_id);
    return state.is_fresh() && found != state.keys.end() ? found->second : nullptr;
  };
  if (auto key = known()) co_return key;
  if (state.fetching)
    co_await state.fetched.wait();
  else if (state.may_fetch())
    co_await state.fetch_once();
  if (auto key = known()) co_return key;
  if (state.is_fresh()) co_return Unknown{};
  co_return Unavailable{};
}

}  // namespace wasync
