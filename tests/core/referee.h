#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/fit/setup.h"

/// A second solver that shares nothing with the engine's but the laws: damped least squares from
/// many starts, in the raw logarithms (ln E, ln A, ln B, α, β), in plain double. Slow and simple.
namespace isoloss::testing {

class Referee {
 public:
  static constexpr std::size_t kSize = 6;
  using Theta = std::array<double, kSize>;
  struct End {
    Theta theta;
    double value;
  };
  /// Steps that every start gets, how many of the best go on, and so forth to the end.
  struct Schedule {
    int first_steps;
    std::size_t kept;
    int more_steps;
    std::size_t finished;
  };

  /// Huber's objective with half-width `delta`; infinite: ½Σr².
  Referee(const Law& law, const FitData& data, double delta)
      : law_(law),
        form_(std::get_if<PowerSum>(&law.form)),
        kaplan_(law.id.starts_with("kaplan")),
        n_(static_cast<std::size_t>(law.size())),
        delta_(delta) {
    for (std::size_t i = 0; i < data.response.size(); ++i) {
      Row row{.x = {}, .y = std::log(data.response[i])};
      for (std::size_t v = 0; v < data.inputs.size(); ++v) row.x[v] = std::log(data.inputs[v][i]);
      rows_.push_back(row);
    }
    lower_.fill(-kReach);
    upper_.fill(kReach);
    for (std::size_t k = 0; k < n_; ++k) {
      if (law.coefficients[k].scale == Coefficient::Scale::log) continue;
      lower_[k] = law.coefficients[k].lower;
      upper_[k] = law.coefficients[k].upper;
    }
  }

  double value(const Theta& theta) const {
    double sum = 0;
    Local local;
    for (const Row& row : rows_) {
      law(row, theta, local, false);
      const double r = std::abs(local.f - row.y);
      sum += r <= delta_ ? r * r / 2 : delta_ * (r - delta_ / 2);
    }
    return sum;
  }

  /// ln L̂ of every run.
  std::vector<double> predicted(const Theta& theta) const {
    std::vector<double> result;
    Local local;
    for (const Row& row : rows_) {
      law(row, theta, local, false);
      result.push_back(local.f);
    }
    return result;
  }

  /// What an error of rounding in every ln L̂ makes of the objective: no smaller difference means
  /// anything.
  double roundoff(double value) const {
    constexpr double kError = 5e-15;
    // Σ|ψ| is at most √(n Σψ²), and Σψ² at most twice the objective.
    const auto n = static_cast<double>(rows_.size());
    return kError * std::sqrt(2 * n * value) + 0.5 * n * kError * kError;
  }

  /// The lowest end of all starts.
  End best_of(const std::vector<Theta>& starts, const Schedule& schedule) const {
    std::vector<End> ends;
    for (const Theta& start : starts)
      ends.push_back(descend({.theta = start, .value = 0}, schedule.first_steps, false));
    keep(ends, schedule.kept);
    for (End& end : ends) end = descend(end, schedule.more_steps, false);
    keep(ends, schedule.finished);
    for (End& end : ends) end = polish(end);
    keep(ends, 1);
    return ends.front();
  }

  /// Newton's method, damped: to the bottom of the basin.
  End polish(const End& from) const {
    End end = descend(from, 60, true);
    end = descend(end, 20, false);
    return descend(end, 60, true);
  }

 private:
  static constexpr double kReach = 700;
  using Square = std::array<Theta, kSize>;
  struct Row {
    std::array<double, 3> x;
    double y;
  };
  /// ln L̂ with its first and second derivatives.
  struct Local {
    double f;
    Theta g;
    Square H;
  };
  struct Sums {
    double value;
    Theta gradient;
    Square curvature;
    Theta scale;
  };

  static void keep(std::vector<End>& ends, std::size_t count) {
    std::erase_if(ends, [](const End& end) { return !std::isfinite(end.value); });
    std::sort(ends.begin(), ends.end(),
              [](const End& a, const End& b) { return a.value < b.value; });
    // Ends in the same place need no company.
    const auto same = [](const End& a, const End& b) {
      return std::abs(a.value - b.value) <= 1e-9 * std::abs(a.value);
    };
    ends.erase(std::unique(ends.begin(), ends.end(), same), ends.end());
    if (ends.size() > count) ends.resize(count);
  }

  void law(const Row& row, const Theta& theta, Local& out, bool second) const {
    if (form_ != nullptr) return power_sum(row, theta, out, second);
    if (kaplan_ && !second) return kaplan(row, theta, out);
    std::array<double, kMaxCoefficients*(kMaxCoefficients + 1) / 2> packed;
    out.f = law_.derivatives(row.x.data(), theta.data(), out.g.data(),
                             second ? packed.data() : nullptr);
    if (!second) return;
    for (std::size_t a = 0, m = 0; a < n_; ++a)
      for (std::size_t b = 0; b <= a; ++b, ++m) out.H[a][b] = out.H[b][a] = packed[m];
  }

  /// ln Σ e^(cᵀθ) + Σ γ ln g: with the shares p of the terms, ∇ = Σ p c, ∇² = Σ p ccᵀ − ∇∇ᵀ.
  void power_sum(const Row& row, const Theta& theta, Local& out, bool second) const {
    const auto index = [](int i) { return static_cast<std::size_t>(i); };
    const std::size_t terms = form_->terms.size();
    std::array<double, 3> share{};
    double top = form_->floor ? theta[index(*form_->floor)] : -2 * kReach;
    for (std::size_t k = 0; k < terms; ++k) {
      const auto& term = form_->terms[k];
      share[k] =
          theta[index(term.scale)] - theta[index(term.exponent)] * row.x[index(term.variable)];
      top = std::max(top, share[k]);
    }
    double sum = 0;
    if (form_->floor) sum += share[2] = std::exp(theta[index(*form_->floor)] - top);
    for (std::size_t k = 0; k < terms; ++k) sum += share[k] = std::exp(share[k] - top);
    out.f = top + std::log(sum);
    out.g.fill(0);
    if (form_->floor) out.g[index(*form_->floor)] = share[2] / sum;
    for (std::size_t k = 0; k < terms; ++k) {
      const auto& term = form_->terms[k];
      out.g[index(term.scale)] = share[k] / sum;
      out.g[index(term.exponent)] = -share[k] / sum * row.x[index(term.variable)];
    }
    if (second) {
      for (std::size_t a = 0; a < n_; ++a)
        for (std::size_t b = 0; b < n_; ++b) out.H[a][b] = -out.g[a] * out.g[b];
      if (form_->floor) out.H[index(*form_->floor)][index(*form_->floor)] += share[2] / sum;
      for (std::size_t k = 0; k < terms; ++k) {
        const auto& term = form_->terms[k];
        const std::size_t s = index(term.scale);
        const std::size_t e = index(term.exponent);
        const double x = row.x[index(term.variable)];
        const double p = share[k] / sum;
        out.H[s][s] += p;
        out.H[s][e] -= p * x;
        out.H[e][s] -= p * x;
        out.H[e][e] += p * x * x;
      }
    }
    for (const auto& factor : form_->factors) {
      out.f += theta[index(factor.exponent)] * row.x[index(factor.variable)];
      out.g[index(factor.exponent)] = row.x[index(factor.variable)];
    }
  }

  static double log_sum(double a, double b) {
    return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
  }

  /// Kaplan et al. 2020, equation 1.5, with or without a floor, differentiated by hand.
  void kaplan(const Row& row, const Theta& theta, Local& out) const {
    const double ratio = theta[2] / theta[3];
    const double reach = theta[0] - row.x[0];
    const double bracket = log_sum(ratio * reach, theta[1] - row.x[1]);
    const double share = std::exp(ratio * reach - bracket);
    out.f = theta[3] * bracket;
    out.g = {theta[2] * share,
             theta[3] * (1 - share),
             share * reach,
             bracket - ratio * share * reach,
             0,
             0};
    if (n_ == 4) return;
    const double reducible = out.f;
    out.f = log_sum(theta[4], reducible);
    for (std::size_t k = 0; k < 4; ++k) out.g[k] *= std::exp(reducible - out.f);
    out.g[4] = std::exp(theta[4] - out.f);
  }

  /// The curvature of reweighted least squares, or the exact one.
  void evaluate(const Theta& theta, bool exact, Sums& out) const {
    switch (n_) {
      case 2:
        return evaluate_sized<2>(theta, exact, out);
      case 3:
        return evaluate_sized<3>(theta, exact, out);
      case 4:
        return evaluate_sized<4>(theta, exact, out);
      case 5:
        return evaluate_sized<5>(theta, exact, out);
      default:
        return evaluate_sized<kSize>(theta, exact, out);
    }
  }
  template <std::size_t N>
  void evaluate_sized(const Theta& theta, bool exact, Sums& out) const {
    out.value = 0;
    out.gradient.fill(0);
    out.scale.fill(0);
    for (Theta& line : out.curvature) line.fill(0);
    Local local;
    for (const Row& row : rows_) {
      law(row, theta, local, exact);
      const double r = local.f - row.y;
      const double size = std::abs(r);
      const bool inside = size <= delta_;
      const double psi = inside ? r : std::copysign(delta_, r);
      const double weight = inside ? 1 : delta_ / size;
      const double second = exact ? (inside ? 1.0 : 0.0) : weight;
      out.value += inside ? r * r / 2 : delta_ * (size - delta_ / 2);
      for (std::size_t a = 0; a < N; ++a) {
        out.gradient[a] += psi * local.g[a];
        out.scale[a] += weight * local.g[a] * local.g[a];
        for (std::size_t b = 0; b <= a; ++b)
          out.curvature[a][b] += second * local.g[a] * local.g[b];
      }
      if (!exact) continue;
      for (std::size_t a = 0; a < N; ++a)
        for (std::size_t b = 0; b <= a; ++b) out.curvature[a][b] += psi * local.H[a][b];
    }
  }

  /// p of (curvature + damping·scale)·p = −gradient for the variables `free`.
  static bool step(const Sums& sums, const std::vector<std::size_t>& free, double damping,
                   Theta& p) {
    Square L{};
    std::array<double, kSize> y{};
    const std::size_t m = free.size();
    for (std::size_t i = 0; i < m; ++i) {
      y[i] = -sums.gradient[free[i]];
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = sums.curvature[free[i]][free[j]];
        if (i == j) sum += damping * sums.scale[free[i]];
        for (std::size_t k = 0; k < j; ++k) sum -= L[i][k] * L[j][k];
        if (i != j) {
          L[i][j] = sum / L[j][j];
          y[i] -= L[i][j] * y[j];
        } else {
          if (!(sum > 1e-15 * sums.scale[free[i]])) return false;
          L[i][i] = std::sqrt(sum);
        }
      }
      y[i] /= L[i][i];
    }
    p.fill(0);
    for (std::size_t i = m; i-- > 0;) {
      for (std::size_t k = i + 1; k < m; ++k) y[i] -= L[k][i] * y[k];
      y[i] /= L[i][i];
      p[free[i]] = y[i];
    }
    return true;
  }

  /// Levenberg & Marquardt within the box.
  End descend(End end, int steps, bool exact) const {
    Theta& theta = end.theta;
    for (std::size_t k = 0; k < n_; ++k) theta[k] = std::clamp(theta[k], lower_[k], upper_[k]);
    Sums now;
    Sums next;
    evaluate(theta, exact, now);
    double damping = 1e-3;
    int negligible = 0;
    for (int k = 0; k < steps && negligible < 3 && now.value > 0; ++k) {
      std::vector<std::size_t> free;
      for (std::size_t i = 0; i < n_; ++i) {
        const bool held = (theta[i] <= lower_[i] && now.gradient[i] >= 0) ||
                          (theta[i] >= upper_[i] && now.gradient[i] <= 0);
        if (!held && now.scale[i] > 0) free.push_back(i);
      }
      bool accepted = false;
      for (int tries = 0; !accepted && damping < 1e12; ++tries) {
        Theta p;
        if (step(now, free, damping, p)) {
          Theta trial = theta;
          for (std::size_t i = 0; i < n_; ++i)
            trial[i] = std::clamp(theta[i] + p[i], lower_[i], upper_[i]);
          if (tries == 0 || value(trial) < now.value) {
            evaluate(trial, exact, next);
            accepted = next.value < now.value;
          }
          if (accepted) theta = trial;
        }
        damping = accepted ? std::max(damping / 8, 1e-15) : std::max(8 * damping, 1e-6);
      }
      if (!accepted) break;
      negligible = now.value - next.value <= 1e-14 * now.value ? negligible + 1 : 0;
      std::swap(now, next);
    }
    end.value = now.value;
    return end;
  }

  const Law& law_;
  const PowerSum* form_;
  bool kaplan_;
  std::size_t n_;
  double delta_;
  std::vector<Row> rows_;
  Theta lower_{};
  Theta upper_{};
};

}  // namespace isoloss::testing
