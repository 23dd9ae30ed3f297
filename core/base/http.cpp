#include "base/http.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <new>

#include "base/environment.h"
#include "base/error.h"
#include "base/http_transfer.h"

namespace wasync {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr long kMaxHostConnections = 8;
// How often limits and interruptions are looked at while something is in flight.
constexpr milliseconds kLook{100};

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (once != CURLE_OK) throw Error(ErrorCode::kInternal, "libcurl cannot be initialised");
}

}  // namespace

struct HttpClient::State {
  State();
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  HttpTransfer& add(HttpRequest request, std::function<void(HttpResult)> done);
  void move();  // data, as far as there is any
  void wait(milliseconds at_most);
  bool call_done();
  std::unique_ptr<HttpTransfer> take_finished(const HttpTransfer& transfer);
  void cancel_all();

  CurlEasy idle_easy();
  void finish(HttpTransfer& transfer, CURLcode code);

  std::string ca_file;
  std::string ca_directory;
  CURLM* multi = nullptr;
  std::vector<CurlEasy> idle;
  std::vector<std::unique_ptr<HttpTransfer>> moving;
  std::deque<std::unique_ptr<HttpTransfer>> finished;
  std::atomic<bool> woken = false;
  std::optional<std::chrono::seconds> skew;
};

HttpClient::State::State() {
  initialise_curl();
  const Environment environment = process_environment();
  ca_file = environment("SSL_CERT_FILE").value_or("");
  ca_directory = environment("SSL_CERT_DIR").value_or("");
  multi = curl_multi_init();
  if (multi == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, kMaxHostConnections);
}

HttpClient::State::~State() {
  cancel_all();
  idle.clear();
  curl_multi_cleanup(multi);
}

// Handles are reused for what they have allocated; connections belong to `multi`.
CurlEasy HttpClient::State::idle_easy() {
  CurlEasy easy;
  if (idle.empty()) {
    easy.reset(curl_easy_init());
    if (!easy) throw std::bad_alloc();
  } else {
    easy = std::move(idle.back());
    idle.pop_back();
  }
  // As OpenSSL itself does for the WebSocket.
  if (!ca_file.empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, ca_file.c_str());
  if (!ca_directory.empty()) curl_easy_setopt(easy.get(), CURLOPT_CAPATH, ca_directory.c_str());
  return easy;
}

HttpTransfer& HttpClient::State::add(HttpRequest request, std::function<void(HttpResult)> done) {
  auto transfer = std::make_unique<HttpTransfer>(std::move(request), std::move(done));
  transfer->begin(idle_easy());
  moving.push_back(std::move(transfer));
  HttpTransfer& added = *moving.back();
  if (curl_multi_add_handle(multi, added.easy()) != CURLM_OK) {
    moving.pop_back();
    throw Error(ErrorCode::kInternal, "libcurl takes no further request");
  }
  return added;
}

void HttpClient::State::finish(HttpTransfer& transfer, CURLcode code) {
  if (const auto told = wasync::clock_skew(transfer.head(), UnixSeconds::of_host())) skew = told;
  transfer.finish(code);
  curl_multi_remove_handle(multi, transfer.easy());
  idle.push_back(transfer.give_back());
  const auto found = std::ranges::find(moving, &transfer, &std::unique_ptr<HttpTransfer>::get);
  finished.push_back(std::move(*found));
  moving.erase(found);
}

void HttpClient::State::move() {
  int running = 0;
  curl_multi_perform(multi, &running);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message goes with the handle
    HttpTransfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    finish(*transfer, code);
  }
  for (std::size_t i = moving.size(); i > 0; --i)
    if (moving[i - 1]->is_ended()) finish(*moving[i - 1], CURLE_ABORTED_BY_CALLBACK);
}

void HttpClient::State::wait(milliseconds at_most) {
  constexpr milliseconds kMost{60'000};
  const auto bounded = std::clamp(at_most, milliseconds(1), moving.empty() ? kMost : kLook);
  curl_multi_poll(multi, nullptr, 0, static_cast<int>(bounded.count()), nullptr);
}

bool HttpClient::State::call_done() {
  const bool any = !finished.empty();
  while (!finished.empty()) {
    const std::unique_ptr<HttpTransfer> transfer = std::move(finished.front());
    finished.pop_front();
    transfer->call_done();
  }
  return any;
}

std::unique_ptr<HttpTransfer> HttpClient::State::take_finished(const HttpTransfer& transfer) {
  const auto found = std::ranges::find(finished, &transfer, &std::unique_ptr<HttpTransfer>::get);
  if (found == finished.end()) return nullptr;
  auto taken = std::move(*found);
  finished.erase(found);
  return taken;
}

void HttpClient::State::cancel_all() {
  for (const auto& transfer : moving) curl_multi_remove_handle(multi, transfer->easy());
  moving.clear();
  finished.clear();
}

HttpClient::HttpClient() : state_(std::make_unique<State>()) {}
HttpClient::~HttpClient() = default;

HttpResult HttpClient::send(HttpRequest request) {
  const HttpTransfer& mine = state_->add(std::move(request), nullptr);
  while (true) {
    state_->move();
    if (const auto finished = state_->take_finished(mine)) return finished->take_result();
    state_->wait(kLook);
  }
}

void HttpClient::start(HttpRequest request, std::function<void(HttpResult)> done) {
  state_->add(std::move(request), std::move(done));
}

std::size_t HttpClient::in_flight() const {
  return state_->moving.size() + state_->finished.size();
}

void HttpClient::poll(milliseconds at_most) {
  constexpr milliseconds kMost = std::chrono::hours(24);
  const auto until = steady_clock::now() + std::min(at_most, kMost);
  while (true) {
    state_->move();
    if (state_->call_done() || state_->woken.exchange(false)) return;
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (left <= milliseconds(0)) return;
    state_->wait(left);
  }
}

void HttpClient::wake() {
  state_->woken = true;
  curl_multi_wakeup(state_->multi);
}

void HttpClient::cancel_all() {
  state_->cancel_all();
}

std::optional<std::chrono::seconds> HttpClient::clock_skew() const {
  return state_->skew;
}

}  // namespace wasync
