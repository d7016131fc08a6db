#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/laws/law.h"

/// What training costs: C = c(N) · D floating-point operations. One model is one file and one line
/// in registry.cpp; planner, importer and page are generic over the description.
namespace isoloss {

struct CostSetting {
  std::string_view id;
  std::string_view name;
  std::string_view unit;
  double default_value;
  double lower;
  double upper;
};

struct CostModel {
  std::string_view id;
  std::string_view name;
  std::string_view formula;
  std::string_view summary;
  Citation citation;
  std::vector<CostSetting> settings;
  /// ln of FLOPs per token for ln N, and its derivative in ln N.
  double (*log_flops_per_token)(double log_N, const double* settings, double* slope);
  /// c(N) = k·N: closed forms apply.
  bool proportional = false;

  std::vector<double> default_settings() const;
};

std::span<const CostModel> cost_models();
const CostModel* find_cost_model(std::string_view id);

/// A cost model with its settings.
struct Cost {
  const CostModel* model;
  std::vector<double> settings;

  double log_flops_per_token(double log_N, double* slope = nullptr) const {
    double ignored = 0;
    return model->log_flops_per_token(log_N, settings.data(), slope == nullptr ? &ignored : slope);
  }
  double log_tokens(double log_N, double log_C) const { return log_C - log_flops_per_token(log_N); }
  /// N for which C = c(N)·D: the inverse of ln c, which rises in N.
  double log_params(double log_C, double log_D) const;
};

/// The models.
CostModel six_nd();
CostModel attention();

}  // namespace isoloss
