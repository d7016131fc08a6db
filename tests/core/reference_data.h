#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

/// Public data and reference fits that live beside the repository (../shared/data) on some
/// machines. Tests that need them skip, saying so, where they are not.
namespace isoloss::testing {

struct ReferenceTable {
  std::map<std::string, std::vector<std::string>> columns;

  std::size_t rows() const { return columns.empty() ? 0 : columns.begin()->second.size(); }
  double number(const std::string& column, std::size_t row) const {
    const std::string& cell = columns.at(column).at(row);
    return cell.empty() ? std::numeric_limits<double>::quiet_NaN() : std::stod(cell);
  }
  const std::string& text(const std::string& column, std::size_t row) const {
    return columns.at(column).at(row);
  }
};

inline std::string reference_path(const std::string& name) {
  return std::string(ISOLOSS_SOURCE_DIR) + "/../shared/data/" + name;
}

/// A CSV without quotes; nullopt where the file is not there.
inline std::optional<ReferenceTable> read_reference_table(const std::string& name) {
  std::ifstream file(reference_path(name));
  if (!file) return std::nullopt;
  ReferenceTable table;
  std::vector<std::string> header;
  std::string line;
  const auto cells = [](const std::string& text) {
    std::vector<std::string> result;
    std::stringstream stream(text);
    for (std::string cell; std::getline(stream, cell, ',');) result.push_back(cell);
    if (!text.empty() && text.back() == ',') result.emplace_back();
    return result;
  };
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    auto row = cells(line);
    if (header.empty()) {
      header = row;
      continue;
    }
    for (std::size_t i = 0; i < header.size() && i < row.size(); ++i)
      table.columns[header[i]].push_back(row[i]);
  }
  return table;
}

inline std::optional<std::string> read_reference_text(const std::string& name) {
  std::ifstream file(reference_path(name));
  if (!file) return std::nullopt;
  std::stringstream buffer;
  buffer << file.rdbuf();
  return buffer.str();
}

}  // namespace isoloss::testing
