#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace isoloss {

/// What a column can hold and a law can read or predict. The ids are the vocabulary shared with
/// the page and with files.
enum class Quantity { params, tokens, flops, exits, loss };

/// A way of writing a quantity down; `to_base` gives raw counts, FLOPs, nats per token.
struct Unit {
  enum class Kind {
    scale,     ///< x · factor
    log,       ///< ln x (perplexity)
    per_ratio  ///< x · factor · ratio (bits per byte and bytes per token)
  };
  std::string_view id;
  std::string_view name;
  Kind kind = Kind::scale;
  double factor = 1;
  std::string_view ratio_name = "";

  double to_base(double x, double ratio) const;
};

struct QuantityInfo {
  enum class Kind { count, compute, loss };
  Quantity quantity;
  std::string_view id;
  std::string_view symbol;
  std::string_view name;
  std::string_view unit;
  Kind kind;
  std::string_view meaning;
  /// Loggers write 0 where they know nothing.
  bool zero_is_missing;
  /// Smallest value that makes sense (exclusive 0 for all; exits start at 1).
  double smallest;
  std::vector<Unit> units;
};

std::span<const QuantityInfo> quantities();
const QuantityInfo& info(Quantity quantity);
std::optional<Quantity> find_quantity(std::string_view id);

/// One PF-day: 1e15 FLOP/s for 86,400 s.
inline constexpr double kFlopsPerPfDay = 8.64e19;

}  // namespace isoloss
