// A list in columns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/term/style.h"

namespace wasync::term {

struct Column {
  std::string title;
  bool right_aligned = false;
  // May be cut (with an ellipsis) when the window is narrow, down to this many columns.
  std::optional<int> shrinks_to{};
  // Left out, the last such column first, when a window is too narrow even so.
  bool expendable = false;
};

// Cells are one line each, already disarmed (terminal_safe). Columns are separated by two
// spaces; no line ends in spaces, so that piped output is stable to compare.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Within `width` columns if the shrinkable ones allow; nothing: full length, for pipes.
  std::string render(std::optional<int> width, const Style& style) const;

 private:
  Table without_expendable(int width) const;
  int narrowest() const;
  int widest_cell(std::size_t column) const;
  std::vector<int> widths(std::optional<int> width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace wasync::term
