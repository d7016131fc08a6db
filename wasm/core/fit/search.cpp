#include "core/fit/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "core/fit/least_absolute.h"
#include "core/math/mean.h"
#include "core/math/order.h"
#include "core/math/random.h"

namespace isoloss {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Reported objective at theta; infinity where the law has no value.
double reported(const Law& law, const Runs& runs, const Objective& objective, const Vector& theta) {
  std::vector<double> residuals(runs.size());
  std::array<double, 4> x{};
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    runs.row(i, x.data());
    const double ratio = law.log_response(x.data(), theta.data()) - runs.log_response[i];
    residuals[i] = objective.log_residual() ? ratio : runs.response[i] * std::expm1(ratio);
  }
  const double value = objective.value(residuals, runs.weight);
  return std::isfinite(value) ? value : std::numeric_limits<double>::infinity();
}

/// One start of a sum of powers to its end: level–slope if possible, then within the bounds.
class PowerSumSolve {
 public:
  PowerSumSolve(PowerSumProblem& problem, const Law& law, const Constraints& constraints,
                const Runs& runs, const Objective& objective)
      : problem_(problem),
        law_(law),
        constraints_(constraints),
        runs_(runs),
        objective_(objective) {}

  /// From a point in the kernel's coefficients.
  Candidate from(const Vector& start, const TrustRegionOptions& first) {
    using Coordinates = PowerSumProblem::Coordinates;
    std::vector<std::pair<Vector, bool>> inner;  // kernel, needs continuation
    if (problem_.level_slope_possible()) {
      const Minimum free = minimise_from(start, Coordinates::level_slope, first);
      const Vector kernel = problem_.kernel_from_q(free.q);
      if (kernel[problem_.floor_index()] >= 0) {
        inner.emplace_back(kernel, false);
      } else {
        floor_vanished_ = true;
        for (Vector& face : faces(kernel)) inner.emplace_back(std::move(face), true);
        inner.emplace_back(start, true);
      }
    } else {
      inner.emplace_back(start, first.continuation);
    }
    Candidate best;
    for (auto& [kernel, rough] : inner) {
      const Minimum end = minimise_from(
          kernel, Coordinates::linear,
          {.max_iterations = 300, .reweighted_steps = rough ? 5 : 0, .continuation = rough});
      problem_.set_coordinates(Coordinates::linear);
      Candidate found = reported_candidate(
          law_, constraints_, runs_, objective_,
          problem_.theta_from_kernel(problem_.kernel_from_q(end.q)), end.converged);
      if (found.objective < best.objective) best = std::move(found);
    }
    return best;
  }

  int evaluations() const { return evaluations_; }
  /// Did the solve without bounds end with a negative floor?
  bool floor_vanished() const { return floor_vanished_; }

 private:
  Minimum minimise_from(const Vector& kernel, PowerSumProblem::Coordinates coordinates,
                        TrustRegionOptions options) {
    problem_.set_coordinates(coordinates);
    Minimum minimum =
        minimise(problem_, problem_.q_from_kernel(kernel), objective_.solver_delta(), options);
    evaluations_ += minimum.evaluations;
    return minimum;
  }

  /// Points with E = 0 near an optimum with E < 0: level and slopes are kept, one term in turn
  /// carries the level.
  std::vector<Vector> faces(const Vector& kernel) const {
    std::vector<Vector> result;
    const double level = kernel.head(problem_.terms()).sum() + kernel[problem_.floor_index()];
    for (int k = 0; k < problem_.terms(); ++k) {
      Vector face = kernel;
      face[problem_.floor_index()] = 0;
      double rest = level;
      for (int other = 0; other < problem_.terms(); ++other)
        if (other != k) rest -= kernel[other];
      if (!(rest > 0)) {
        // The other terms alone exceed the level: share it in proportion.
        const double sum = kernel.head(problem_.terms()).sum();
        for (int t = 0; t < problem_.terms(); ++t) face[t] *= level / sum;
      } else {
        face[k] = rest;
        face[problem_.exponent_index(k)] *= kernel[k] / rest;
      }
      result.push_back(std::move(face));
    }
    return result;
  }

  PowerSumProblem& problem_;
  const Law& law_;
  const Constraints& constraints_;
  const Runs& runs_;
  const Objective& objective_;
  int evaluations_ = 0;
  bool floor_vanished_ = false;
};

/// Exponents at which power terms are tried: log-spaced on [0.02, 3].
constexpr int kGridSize = 24;
double grid_exponent(int i) { return 0.02 * std::pow(150.0, i / (kGridSize - 1.0)); }

/// Non-negative least squares with a small Gram matrix, by trying every set of columns; exact.
/// Answers the residual sum of squares `target + min(xᵀGx − 2bᵀx)`.
double small_nnls(const Matrix& G, const Vector& b, double target, Vector& x) {
  const int m = static_cast<int>(b.size());
  double best = target;
  x = Vector::Zero(m);
  // The full set first: when all its coefficients are positive nothing can be better.
  for (int set = (1 << m) - 1; set > 0; --set) {
    std::array<int, kMaxCoefficients> column{};
    int k = 0;
    for (int i = 0; i < m; ++i)
      if (((set >> i) & 1) != 0) column[at(k++)] = i;
    Matrix Gs(k, k);
    Vector bs(k);
    for (int i = 0; i < k; ++i) {
      bs[i] = b[column[at(i)]];
      for (int j = 0; j < k; ++j) Gs(i, j) = G(column[at(i)], column[at(j)]);
    }
    Matrix L;
    if (!cholesky(Gs, L)) continue;
    const Vector xs = solve_upper_of_transposed(L, solve_lower(L, bs));
    if (!xs.allFinite() || xs.minCoeff() < 0) continue;
    const double rss = target - bs.dot(xs);
    if (rss >= best) continue;
    best = rss;
    x.setZero();
    for (int i = 0; i < k; ++i) x[column[at(i)]] = xs[i];
    if (k == m) break;
  }
  return best;
}

/// Sums of products of all pairs of columns.
class Gram {
 public:
  explicit Gram(int columns) : columns_(at(columns)), sums_(columns_ * columns_) {}
  void add(const std::vector<double>& row) {
    for (std::size_t a = 0; a < columns_; ++a) {
      double* sums = &sums_[a * columns_];
      for (std::size_t b = 0; b <= a; ++b) sums[b] += row[a] * row[b];
    }
  }
  double operator()(int a, int b) const {
    return sums_[at(std::max(a, b)) * columns_ + at(std::min(a, b))];
  }

 private:
  std::size_t columns_;
  std::vector<double> sums_;
};

/// docs/math.md, "Finding the optimum": a variable-projection scan over the exponents proposes
/// starts; every start is solved by Newton in level–slope coordinates and again within the bounds.
class PowerSumSearch final : public Search {
 public:
  PowerSumSearch(const Law& law, const Constraints& constraints, const Runs& runs,
                 const Objective& objective)
      : law_(law),
        constraints_(constraints),
        runs_(runs),
        objective_(objective),
        problem_(law, constraints, runs, objective) {
    for (int k = 0; k < problem_.terms(); ++k) {
      const Slot& slot = problem_.slot(problem_.exponent_index(k));
      const auto same = std::ranges::find_if(
          axes_, [&](const Axis& axis) { return slot.free >= 0 && axis.free == slot.free; });
      axis_of_term_.push_back(static_cast<int>(same - axes_.begin()));
      if (same != axes_.end()) continue;
      Axis axis{.free = slot.free, .values = {}};
      if (slot.free < 0) axis.values = {slot.value};
      for (int i = 0; slot.free >= 0 && i < kGridSize; ++i) {
        const double alpha = grid_exponent(i);
        if (alpha >= problem_.lower(slot.free) && alpha <= problem_.upper(slot.free))
          axis.values.push_back(alpha);
      }
      axes_.push_back(std::move(axis));
    }
    mean_response_ = 0;
    for (const double L : runs_.response) mean_response_ += L / static_cast<double>(runs_.size());
    emphasis_.assign(runs_.size(), 1.0);
    gammas_ = first_gammas();
    scan(problem_.has_floor());
    enqueue_minima();
    enqueue_lattice();
    planned_ = static_cast<int>(queue_.size());
  }

  bool step() override {
    if (queue_.empty() && !refill()) return false;
    Vector start = std::move(queue_.front());
    queue_.pop_front();
    const double before = best_.objective;
    finish_start(solve(start));
    if (best_.objective < before * (1 - 1e-12)) improved_ = true;
    planned_ = std::max(planned_, tried() + static_cast<int>(queue_.size()));
    return true;
  }

  void also_from(const Vector& theta) override { enqueue(problem_.kernel_from_theta(theta)); }

  double progress() const override {
    return planned_ == 0 ? 1 : static_cast<double>(tried()) / planned_;
  }

 private:
  struct Axis {
    int free;
    std::vector<double> values;
  };
  struct Cell {
    std::vector<int> index;  // per axis
    double rss;
    Vector levels;  // A_1 … A_K, E
    int support;
  };

  /// γ from least squares of ln L on a quadratic in the centred inputs and the factors.
  Vector first_gammas() const {
    Vector gammas = Vector::Zero(problem_.factors());
    if (gammas.size() == 0) return gammas;
    const int K = problem_.terms();
    const int columns = 1 + K + K * (K + 1) / 2 + problem_.factors();
    if (static_cast<int>(runs_.size()) > columns + 1 && columns <= kMaxCoefficients) {
      Matrix normal = Matrix::Zero(columns, columns);
      Vector target = Vector::Zero(columns);
      Vector x(columns);
      for (std::size_t i = 0; i < runs_.size(); ++i) {
        int c = 0;
        x[c++] = 1;
        for (int a = 0; a < K; ++a) {
          x[c++] = problem_.centred(a)[i];
          for (int b = 0; b <= a; ++b) x[c++] = problem_.centred(a)[i] * problem_.centred(b)[i];
        }
        for (int j = 0; j < problem_.factors(); ++j) x[c++] = problem_.factor_values(j)[i];
        normal += runs_.weight[i] * x * x.transpose();
        target += (runs_.weight[i] * runs_.log_response[i]) * x;
      }
      Vector solution;
      if (isoloss::solve(normal, target, solution))
        for (int j = 0; j < problem_.factors(); ++j)
          gammas[j] = solution[columns - problem_.factors() + j];
    }
    for (int j = 0; j < problem_.factors(); ++j) {
      const Slot& slot = problem_.slot(problem_.factor_index(j));
      if (slot.free < 0)
        gammas[j] = slot.value;
      else
        gammas[j] = std::clamp(std::isfinite(gammas[j]) ? gammas[j] : 0.0,
                               problem_.lower(slot.free), problem_.upper(slot.free));
    }
    return gammas;
  }

  /// Weighted relative (or plain) residuals of every cell of the exponent grid, linear part solved.
  void scan(bool with_floor) {
    const int K = problem_.terms();
    std::vector<int> first(static_cast<std::size_t>(K));
    int columns = 0;
    for (int k = 0; k < K; ++k) {
      first[at(k)] = columns;
      columns += static_cast<int>(axes_[at(axis_of_term_[at(k)])].values.size());
    }
    const int floor_column = columns;
    const int target_column = columns + 1;
    Gram gram(columns + 2);
    std::vector<double> row(at(columns + 2));
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      double tilt = 0;
      for (int j = 0; j < problem_.factors(); ++j)
        tilt += gammas_[j] * problem_.factor_values(j)[i];
      double scale = std::sqrt(runs_.weight[i] * emphasis_[i]);
      if (objective_.log_residual()) scale /= runs_.response[i];
      const double factor = scale * std::exp(tilt);
      for (int k = 0; k < K; ++k) {
        const auto& values = axes_[at(axis_of_term_[at(k)])].values;
        for (int v = 0; v < static_cast<int>(values.size()); ++v)
          row[at(first[at(k)] + v)] = factor * std::exp(-values[at(v)] * problem_.centred(k)[i]);
      }
      row[at(floor_column)] = factor;
      row[at(target_column)] = scale * runs_.response[i];
      gram.add(row);
    }

    cells_.clear();
    std::vector<int> index(axes_.size(), 0);
    for (;;) {
      cells_.push_back(cell(index, gram, first, floor_column, target_column, with_floor));
      std::size_t a = 0;
      while (a < index.size() && ++index[a] == static_cast<int>(axes_[a].values.size()))
        index[a++] = 0;
      if (a == index.size()) break;
    }
  }

  Cell cell(const std::vector<int>& index, const Gram& gram, const std::vector<int>& first,
            int floor_column, int target_column, bool with_floor) const {
    const int K = problem_.terms();
    std::vector<int> free_level;
    std::vector<int> free_column;
    std::vector<std::pair<int, double>> held;  // column, coefficient
    Vector levels = Vector::Zero(K + 1);
    for (int level = 0; level <= K; ++level) {
      if (level == K && !problem_.has_floor()) break;
      const int column =
          level == K ? floor_column : first[at(level)] + index[at(axis_of_term_[at(level)])];
      const Slot& slot = problem_.slot(level == K ? problem_.floor_index() : level);
      if (slot.free < 0) {
        levels[level] = slot.value;
        held.emplace_back(column, slot.value);
      } else if (level < K || with_floor) {
        free_level.push_back(level);
        free_column.push_back(column);
      }
    }
    const int m = static_cast<int>(free_column.size());
    Matrix G(m, m);
    Vector b(m);
    double target = gram(target_column, target_column);
    for (const auto& [column, value] : held) {
      target -= 2 * value * gram(column, target_column);
      for (const auto& [other, other_value] : held)
        target += value * other_value * gram(column, other);
    }
    for (int i = 0; i < m; ++i) {
      b[i] = gram(free_column[at(i)], target_column);
      for (const auto& [column, value] : held) b[i] -= value * gram(free_column[at(i)], column);
      for (int j = 0; j < m; ++j) G(i, j) = gram(free_column[at(i)], free_column[at(j)]);
    }
    Vector x;
    const double rss = small_nnls(G, b, target, x);
    int support = 0;
    for (int i = 0; i < m; ++i) {
      levels[free_level[at(i)]] = x[i];
      if (x[i] > 0) support |= 1 << free_level[at(i)];
    }
    return {.index = index, .rss = rss, .levels = levels, .support = support};
  }

  std::size_t cell_position(const std::vector<int>& index) const {
    std::size_t position = 0;
    for (std::size_t a = axes_.size(); a-- > 0;)
      position = position * axes_[a].values.size() + at(index[a]);
    return position;
  }

  /// Is no neighbour (diagonals included) of the cell better?
  bool is_minimum(const Cell& cell) const {
    const auto axes = cell.index.size();
    int neighbours = 1;
    for (std::size_t a = 0; a < axes; ++a) neighbours *= 3;
    for (int code = 0; code < neighbours; ++code) {
      std::vector<int> other = cell.index;
      bool inside = true;
      for (std::size_t a = 0, rest = at(code); a < axes; ++a, rest /= 3) {
        other[a] += static_cast<int>(rest % 3) - 1;
        inside = inside && other[a] >= 0 && other[a] < static_cast<int>(axes_[a].values.size());
      }
      if (inside && cells_[cell_position(other)].rss < cell.rss) return false;
    }
    return true;
  }

  Vector start_from(const Cell& cell) const {
    const int K = problem_.terms();
    Vector kernel(2 * K + (problem_.has_floor() ? 1 : 0) + problem_.factors());
    for (int k = 0; k < K; ++k) {
      kernel[problem_.scale_index(k)] = lifted(cell.levels[k], problem_.slot(k));
      kernel[problem_.exponent_index(k)] =
          axes_[at(axis_of_term_[at(k)])].values[at(cell.index[at(axis_of_term_[at(k)])])];
    }
    if (problem_.has_floor())
      kernel[problem_.floor_index()] =
          lifted(cell.levels[K], problem_.slot(problem_.floor_index()));
    for (int j = 0; j < problem_.factors(); ++j) kernel[problem_.factor_index(j)] = gammas_[j];
    return kernel;
  }

  double lifted(double level, const Slot& slot) const {
    return slot.free >= 0 && level <= 0 ? 0.02 * mean_response_ : level;
  }

  void enqueue(const Vector& start) {
    const auto same = [&](const Vector& known) {
      return (known - start).cwiseAbs().maxCoeff() <= 1e-9 * (1 + start.cwiseAbs().maxCoeff());
    };
    if (std::ranges::any_of(seen_, same)) return;
    seen_.push_back(start);
    queue_.push_back(start);
  }

  void enqueue_minima() {
    std::vector<const Cell*> found;
    std::vector<double> rss;
    for (const Cell& cell : cells_) {
      if (!is_minimum(cell)) continue;
      found.push_back(&cell);
      rss.push_back(cell.rss);
    }
    const Cell* last = nullptr;
    int taken = 0;
    for (const std::size_t i : ascending(rss)) {
      const Cell* cell = found[i];
      // Cells that differ only in the exponent of an absent term are one minimum.
      if (last != nullptr && cell->support == last->support &&
          std::abs(cell->rss - last->rss) <= 1e-10 * std::abs(last->rss))
        continue;
      last = cell;
      enqueue(start_from(*cell));
      if (++taken == 8) break;
    }
  }

  /// Starts spread over the exponents: 4 × 4 for two axes, 8 for one.
  void enqueue_lattice() {
    const int per_axis = axes_.size() > 1 ? 4 : 8;
    for (const Cell& cell : cells_) {
      bool on_lattice = true;
      for (std::size_t a = 0; a < axes_.size(); ++a) {
        const int size = static_cast<int>(axes_[a].values.size());
        const int spacing = std::max(1, size / per_axis);
        on_lattice = on_lattice && (size == 1 || (cell.index[a] % spacing == spacing / 2 &&
                                                  cell.index[a] / spacing < per_axis));
      }
      if (on_lattice) enqueue(start_from(cell));
    }
  }

  /// After the queue is done: scans with the emphasis of robust fitting, without a floor when the
  /// fit wants none, and terms that a zero coefficient may have hidden.
  bool refill() {
    const bool found = std::isfinite(best_.objective);
    if (found && rounds_ < 3 && (rounds_ == 0 || improved_)) {
      ++rounds_;
      improved_ = false;
      update_from_best();
      scan(problem_.has_floor());
      enqueue_minima();
      if (problem_.has_floor() && floor_vanished_) {
        scan(false);
        enqueue_minima();
      }
      enqueue_hidden_terms();
    }
    return !queue_.empty();
  }

  void update_from_best() {
    const Vector kernel = problem_.kernel_from_theta(best_.theta);
    for (int j = 0; j < problem_.factors(); ++j) gammas_[j] = kernel[problem_.factor_index(j)];
    problem_.set_coordinates(PowerSumProblem::Coordinates::linear);
    std::vector<double> r;
    const double delta = objective_.solver_delta();
    if (!std::isfinite(delta) || !problem_.residuals(problem_.q_from_kernel(kernel), r)) return;
    const double width = std::max(delta, 0.1 * median_of_sorted(sorted_sizes(r)));
    for (std::size_t i = 0; i < r.size(); ++i) emphasis_[i] = std::min(1.0, width / std::abs(r[i]));
  }

  void enqueue_hidden_terms() {
    const Vector kernel = problem_.kernel_from_theta(best_.theta);
    problem_.set_coordinates(PowerSumProblem::Coordinates::linear);
    problem_.set_delta(objective_.solver_delta());
    const Vector q = problem_.q_from_kernel(kernel);
    for (int k = 0; k < problem_.terms(); ++k) {
      if (kernel[k] > 0 || problem_.slot(k).free < 0) continue;
      double lowest = 0;
      double exponent = 0;
      for (const double alpha : axes_[at(axis_of_term_[at(k)])].values) {
        const double slope = problem_.scale_derivative(q, k, alpha);
        if (slope >= lowest) continue;
        lowest = slope;
        exponent = alpha;
      }
      if (lowest >= 0) continue;
      Vector start = kernel;
      start[k] = 0.01 * mean_response_;
      start[problem_.exponent_index(k)] = exponent;
      enqueue(start);
    }
  }

  Candidate solve(const Vector& start) {
    PowerSumSolve solve(problem_, law_, constraints_, runs_, objective_);
    Candidate end = solve.from(start, {});
    evaluations_ += solve.evaluations();
    floor_vanished_ = floor_vanished_ || solve.floor_vanished();
    return end;
  }

  const Law& law_;
  const Constraints constraints_;
  const Runs& runs_;
  const Objective objective_;
  PowerSumProblem problem_;
  std::vector<Axis> axes_;
  std::vector<int> axis_of_term_;
  std::vector<double> emphasis_;
  Vector gammas_;
  double mean_response_ = 1;
  std::vector<Cell> cells_;
  std::deque<Vector> queue_;
  std::vector<Vector> seen_;
  int planned_ = 0;
  int rounds_ = 0;
  bool improved_ = false;
  bool floor_vanished_ = false;
};

/// Starts for any law: many proposals of the law, screened by their mean absolute residual, the
/// best and a spread of the others solved.
class GeneralSearch final : public Search {
 public:
  GeneralSearch(const Law& law, const Constraints& constraints, const Runs& runs,
                const Objective& objective)
      : law_(law),
        constraints_(constraints),
        runs_(runs),
        objective_(objective),
        problem_(law, constraints, runs, objective) {
    constexpr int kProposals = 512;
    constexpr std::size_t kBest = 16;
    constexpr std::size_t kEvery = 30;
    constexpr std::array<int, kMaxCoefficients> kPrimes{2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    std::vector<double> mean_log_x;
    for (const auto& column : runs.log_x) mean_log_x.push_back(weighted_mean(column, runs.weight));
    const Centre centre{.log_x = mean_log_x,
                        .log_response = weighted_mean(runs.log_response, runs.weight)};
    std::vector<Vector> proposals;
    std::vector<double> scores;
    std::vector<double> r;
    for (int i = 1; i <= kProposals; ++i) {
      std::array<double, kMaxCoefficients> u{};
      for (int k = 0; k < law.size(); ++k) u[at(k)] = radical_inverse(i, kPrimes[at(k)]);
      Vector theta(law.size());
      law.propose(u.data(), centre, theta.data());
      Vector q = problem_.parameters(theta);
      if (!q.allFinite() || !problem_.residuals(q, r)) continue;
      double score = 0;
      for (const double x : r) score += std::abs(x);
      if (!std::isfinite(score)) continue;
      scores.push_back(score);
      proposals.push_back(std::move(q));
    }
    const std::vector<std::size_t> order = ascending(scores);
    for (std::size_t i = 0; i < order.size(); ++i)
      if (i < kBest || (i % kEvery == 0 && i < order.size() / 2))
        starts_.push_back(proposals[order[i]]);
  }

  bool step() override {
    if (at(tried()) >= starts_.size()) return polish();
    finish_start(solve(starts_[at(tried())],
                       {.max_iterations = 400, .reweighted_steps = 15, .continuation = true}));
    return true;
  }

  void also_from(const Vector& theta) override { starts_.push_back(problem_.parameters(theta)); }

  double progress() const override {
    return starts_.empty() ? 1 : static_cast<double>(tried()) / static_cast<double>(starts_.size());
  }

 private:
  Candidate solve(const Vector& q, const TrustRegionOptions& options) {
    const Minimum end = minimise(problem_, q, objective_.solver_delta(), options);
    evaluations_ += end.evaluations;
    return reported_candidate(law_, constraints_, runs_, objective_, problem_.theta(end.q),
                              end.converged);
  }

  /// Curved valleys may use up the iterations of a start: the best goes on, in slices, as long as
  /// that gains anything.
  bool polish() {
    constexpr int kSlices = 8;
    if (best_.converged || !std::isfinite(best_.objective) || slices_++ == kSlices) return false;
    const Candidate end =
        solve(problem_.parameters(best_.theta),
              {.max_iterations = 400, .reweighted_steps = 0, .continuation = slices_ % 2 == 0});
    if (end.objective <= best_.objective) best_ = end;
    return true;
  }

  const Law& law_;
  const Constraints constraints_;
  const Runs& runs_;
  const Objective objective_;
  GeneralProblem problem_;
  std::vector<Vector> starts_;
  int slices_ = 0;
};

}  // namespace

Candidate reported_candidate(const Law& law, const Constraints& constraints, const Runs& runs,
                             const Objective& objective, Vector theta, bool converged) {
  if (objective.kind == Objective::Kind::log_absolute)
    theta = interpolate_smallest_residuals(law, constraints, runs, theta);
  const double value = reported(law, runs, objective, theta);
  return {.theta = std::move(theta), .objective = value, .converged = converged};
}

bool kernel_applies(const Law& law, const Constraints& constraints) {
  const auto* form = std::get_if<PowerSum>(&law.form);
  if (form == nullptr || has_bounded_level(law, constraints)) return false;
  const bool one_term = form->terms.size() == 1 && form->factors.empty();
  const bool two_terms = form->terms.size() == 2 && form->floor && form->factors.size() <= 1;
  if (!one_term && !two_terms) return false;
  std::vector<int> levels;
  for (const auto& term : form->terms) levels.push_back(term.scale);
  if (form->floor) levels.push_back(*form->floor);
  for (const int level : levels) {
    const int free = constraints.slots[at(level)].free;
    if (free < 0) continue;
    for (int k = 0; k < law.size(); ++k)
      if (k != level && constraints.slots[at(k)].free == free) return false;
  }
  return true;
}

int Search::agreeing(double roundoff) const {
  return static_cast<int>(std::ranges::count_if(
      ends_, [&](double end) { return end <= best_.objective * (1 + 1e-9) + roundoff; }));
}

void Search::finish_start(const Candidate& end) {
  ends_.push_back(end.objective);
  if (end.objective < best_.objective) best_ = end;
}

Candidate warm_solve(const Law& law, const Constraints& constraints, const Runs& runs,
                     const Objective& objective, const Vector& theta, double first_delta) {
  const TrustRegionOptions options{.max_iterations = 300,
                                   .reweighted_steps = 0,
                                   .continuation = false,
                                   .first_delta = first_delta};
  if (kernel_applies(law, constraints)) {
    PowerSumProblem problem(law, constraints, runs, objective);
    return PowerSumSolve(problem, law, constraints, runs, objective)
        .from(problem.kernel_from_theta(theta), options);
  }
  GeneralProblem problem(law, constraints, runs, objective);
  const Minimum end =
      minimise(problem, problem.parameters(theta), objective.solver_delta(), options);
  return reported_candidate(law, constraints, runs, objective, problem.theta(end.q), end.converged);
}

std::unique_ptr<Search> make_search(const Law& law, const Constraints& constraints,
                                    const Runs& runs, const Objective& objective) {
  if (kernel_applies(law, constraints))
    return std::make_unique<PowerSumSearch>(law, constraints, runs, objective);
  return std::make_unique<GeneralSearch>(law, constraints, runs, objective);
}

}  // namespace isoloss
