#include "history/vcard.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.h"

namespace wasync {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::size_t kMostNameBytes = 256;
constexpr std::size_t kMostPhones = 10;
constexpr std::size_t kMostPhoneBytes = 32;
constexpr std::string_view kBegin = "BEGIN:VCARD";

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// NAME;PARAMETER=VALUE:VALUE, with whatever the line was folded into put together.
struct CardLine {
  std::string name;        // upper case, without the group ("item1.TEL")
  std::string parameters;  // as written, each behind a ';'
  std::string value;

  bool is_quoted_printable() const {
    return upper(parameters).find("QUOTED-PRINTABLE") != std::string::npos;
  }
  // The value of ";waid=…": the number as WhatsApp knows it.
  std::string waid() const {
    const std::size_t at = upper(parameters).find(";WAID=");
    if (at == std::string::npos) return {};
    const std::string_view rest = std::string_view(parameters).substr(at + 6);
    return std::string(rest.substr(0, rest.find(';')));
  }
};

std::optional<CardLine> parse_line(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view head = text.substr(0, colon);
  const std::size_t parameters = std::min(head.find(';'), head.size());
  std::string_view name = head.substr(0, parameters);
  name.remove_prefix(std::min(name.rfind('.') + 1, name.size()));  // npos + 1 is 0
  return CardLine{.name = upper(name),
                  .parameters = std::string(head.substr(parameters)),
                  .value = std::string(text.substr(colon + 1))};
}

// A line goes on in the next one that begins with white space, and in quoted-printable text behind
// a '='.
std::vector<CardLine> lines_of(std::string_view text) {
  std::vector<std::string> unfolded;
  bool soft_break = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (!unfolded.empty() && soft_break) {
      unfolded.back().pop_back();
      unfolded.back() += line;
    } else if (!unfolded.empty() && folded) {
      unfolded.back() += line.substr(1);
    } else {
      unfolded.emplace_back(line);
    }
    soft_break = unfolded.back().ends_with('=') &&
                 upper(unfolded.back()).find("QUOTED-PRINTABLE") != std::string::npos;
  }
  std::vector<CardLine> lines;
  for (const std::string& line : unfolded) {
    if (auto parsed = parse_line(line)) lines.push_back(*std::move(parsed));
  }
  return lines;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string from_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '=' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    ++i;
    out += text[i] == 'n' || text[i] == 'N' ? ' ' : text[i];
  }
  return out;
}

std::string text_of(const CardLine& line) {
  return unescaped(line.is_quoted_printable() ? from_quoted_printable(line.value) : line.value);
}

std::string clean(std::string_view text, std::size_t limit) {
  const std::string folded = folded_whitespace(repaired_utf8(text.substr(0, 4 * limit)));
  return std::string(first_bytes(folded, limit));
}

// "Popescu;Ion;;;" is family name, given name, and more.
std::string structured_name(const std::string& value) {
  const std::size_t family_end = std::min(value.find(';'), value.size());
  const std::string rest = value.substr(std::min(family_end + 1, value.size()));
  return rest.substr(0, rest.find(';')) + " " + value.substr(0, family_end);
}

std::string phone_of(const CardLine& line) {
  std::string phone;
  for (const char c : line.value) {
    if ((c >= '0' && c <= '9') || std::string_view("+-.() ").find(c) != std::string_view::npos) {
      phone += c;
    }
  }
  const bool has_digits = std::ranges::any_of(phone, [](char c) { return c >= '0' && c <= '9'; });
  if (!has_digits) {
    const std::string waid = line.waid();
    if (waid.empty() || !std::ranges::all_of(waid, [](char c) { return c >= '0' && c <= '9'; })) {
      return {};
    }
    phone = "+" + waid;
  }
  return clean(phone, kMostPhoneBytes);
}

}  // namespace

VCard read_vcard(std::string_view text) {
  VCard card;
  std::string structured;
  std::string organisation;
  for (const CardLine& line : lines_of(text.substr(0, kMostBytes))) {
    if (line.name == "FN" && card.name.empty()) {
      card.name = clean(text_of(line), kMostNameBytes);
    } else if (line.name == "N" && structured.empty()) {
      structured = clean(structured_name(text_of(line)), kMostNameBytes);
    } else if (line.name == "ORG" && organisation.empty()) {
      organisation = clean(text_of(line), kMostNameBytes);
    } else if (line.name == "TEL" && card.phones.size() < kMostPhones) {
      std::string phone = phone_of(line);
      if (!phone.empty() && std::ranges::find(card.phones, phone) == card.phones.end()) {
        card.phones.push_back(std::move(phone));
      }
    }
  }
  if (card.name.empty()) card.name = structured.empty() ? organisation : structured;
  return card;
}

std::string contact_line(std::string_view display_name, std::string_view vcard) {
  const bool is_card = upper(display_name.substr(0, kBegin.size())) == kBegin;
  const VCard card = read_vcard(vcard.empty() && is_card ? display_name : vcard);
  std::string line = is_card ? std::string() : clean(display_name, kMostNameBytes);
  if (line.empty()) line = card.name;
  for (std::size_t i = 0; i < card.phones.size(); ++i) {
    if (!line.empty()) line += i == 0 ? ": " : ", ";
    line += card.phones[i];
  }
  return line;
}

}  // namespace wasync
