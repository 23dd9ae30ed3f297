#include "cli/term/table.h"

#include <algorithm>
#include <cstddef>

#include "cli/term/width.h"

namespace wasync::term {
namespace {

constexpr int kGap = 2;

// After right-to-left text a left-to-right mark keeps the next column where it belongs:
// otherwise a terminal that reorders would treat both cells as one run.
std::string anchored(std::string cell) {
  if (has_right_to_left(cell)) cell += "\u200E";
  return cell;
}

std::string padded(const std::string& cell, int width, bool right_aligned) {
  const int missing = std::max(0, width - display_width(cell));
  const std::string space(static_cast<std::size_t>(missing), ' ');
  return right_aligned ? space + cell : cell + space;
}

void trim_right(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
}

}  // namespace

int Table::widest_cell(std::size_t column) const {
  int widest = display_width(columns_[column].title);
  for (const auto& row : rows_) widest = std::max(widest, display_width(row[column]));
  return widest;
}

int Table::narrowest() const {
  int total = -kGap;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const int widest = widest_cell(i);
    total += std::min(widest, columns_[i].shrinks_to.value_or(widest)) + kGap;
  }
  return total;
}

Table Table::without_expendable(int width) const {
  Table out = *this;
  while (out.narrowest() > width) {
    const auto last = std::find_if(out.columns_.rbegin(), out.columns_.rend(),
                                   [](const Column& column) { return column.expendable; });
    if (last == out.columns_.rend()) break;
    const auto at = std::distance(last, out.columns_.rend()) - 1;
    out.columns_.erase(out.columns_.begin() + at);
    for (auto& row : out.rows_) row.erase(row.begin() + at);
  }
  return out;
}

std::vector<int> Table::widths(std::optional<int> width) const {
  std::vector<int> all;
  int total = -kGap;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    all.push_back(widest_cell(i));
    total += all.back() + kGap;
  }
  // Take from whichever shrinkable column is the widest above its minimum.
  while (width && total > *width) {
    std::optional<std::size_t> widest;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].shrinks_to && all[i] > *columns_[i].shrinks_to &&
          (!widest || all[i] > all[*widest]))
        widest = i;
    }
    if (!widest) break;
    --all[*widest];
    --total;
  }
  return all;
}

std::string Table::render(std::optional<int> width, const Style& style) const {
  if (width && narrowest() > *width) {
    const Table narrower = without_expendable(*width);
    if (narrower.columns_.size() < columns_.size()) return narrower.render(width, style);
  }
  const std::vector<int> column_widths = widths(width);
  const auto line_of = [&](const auto& cell_at) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      std::string cell = cell_at(i);
      if (width) cell = anchored(fit(cell, column_widths[i]));
      if (i > 0) line.append(kGap, ' ');
      line += padded(cell, column_widths[i], columns_[i].right_aligned);
    }
    trim_right(line);
    return line;
  };
  std::string out = style.bold(line_of([&](std::size_t i) { return columns_[i].title; })) + "\n";
  for (const auto& row : rows_) out += line_of([&](std::size_t i) { return row[i]; }) + "\n";
  return out;
}

}  // namespace wasync::term
