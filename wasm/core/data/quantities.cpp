#include "core/data/quantities.h"

#include <cmath>
#include <numbers>

namespace isoloss {

double Unit::to_base(double x, double ratio) const {
  switch (kind) {
    case Kind::log:
      return std::log(x);
    case Kind::per_ratio:
      return x * factor * ratio;
    case Kind::scale:
      break;
  }
  return x * factor;
}

std::span<const QuantityInfo> quantities() {
  using Kind = QuantityInfo::Kind;
  static const std::vector<QuantityInfo> table{
      {.quantity = Quantity::params,
       .id = "params",
       .symbol = "N",
       .name = "Model size",
       .unit = "parameters",
       .kind = Kind::count,
       .meaning =
           "Number of parameters of the model. Say which: total, without embeddings, or active "
           "per token.",
       .zero_is_missing = true,
       .smallest = 0,
       .units = {{.id = "count", .name = "parameters"}}},
      {.quantity = Quantity::tokens,
       .id = "tokens",
       .symbol = "D",
       .name = "Training tokens",
       .unit = "tokens",
       .kind = Kind::count,
       .meaning = "Number of tokens seen in training, repeats included.",
       .zero_is_missing = true,
       .smallest = 0,
       .units = {{.id = "count", .name = "tokens"}}},
      {.quantity = Quantity::flops,
       .id = "flops",
       .symbol = "C",
       .name = "Training compute",
       .unit = "FLOPs",
       .kind = Kind::compute,
       .meaning = "Floating-point operations spent on training: a count, not a rate.",
       .zero_is_missing = true,
       .smallest = 0,
       .units = {{.id = "flop", .name = "FLOPs"},
                 {.id = "gflop", .name = "GFLOPs", .factor = 1e9},
                 {.id = "pf_day", .name = "PF-days", .factor = kFlopsPerPfDay}}},
      {.quantity = Quantity::exits,
       .id = "exits",
       .symbol = "G",
       .name = "Exits",
       .unit = "exits",
       .kind = Kind::count,
       .meaning = "Number of usable exits (sub-models) of a familial model; a plain model has 1.",
       .zero_is_missing = true,
       .smallest = 1,
       .units = {{.id = "count", .name = "exits"}}},
      {.quantity = Quantity::loss,
       .id = "loss",
       .symbol = "L",
       .name = "Loss",
       .unit = "nats per token",
       .kind = Kind::loss,
       .meaning = "Cross-entropy of the trained model on held-out text. Losses from different "
                  "tokenizers or test sets never share a fit.",
       .zero_is_missing = false,
       .smallest = 0,
       .units = {{.id = "nats", .name = "nats per token"},
                 {.id = "bits", .name = "bits per token", .factor = std::numbers::ln2},
                 {.id = "perplexity", .name = "perplexity", .kind = Unit::Kind::log},
                 {.id = "bits_per_byte",
                  .name = "bits per byte",
                  .kind = Unit::Kind::per_ratio,
                  .factor = std::numbers::ln2,
                  .ratio_name = "bytes per token"}}},
  };
  return table;
}

const QuantityInfo& info(Quantity quantity) {
  return quantities()[static_cast<std::size_t>(quantity)];
}

std::optional<Quantity> find_quantity(std::string_view id) {
  for (const auto& entry : quantities())
    if (entry.id == id) return entry.quantity;
  return std::nullopt;
}

}  // namespace isoloss
