#include "core/fit/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "core/fit/least_absolute.h"
#include "core/fit/pack.h"
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

Candidate reported_candidate(const Law& law, const Constraints& constraints, const Runs& runs,
                             const Objective& objective, Vector theta, bool converged) {
  if (objective.kind == Objective::Kind::log_absolute)
    theta = interpolate_smallest_residuals(law, constraints, runs, theta);
  const double value = reported(law, runs, objective, theta);
  return {.theta = std::move(theta), .objective = value, .converged = converged};
}

/// One start of a sum of powers to its end: level–slope if possible, then within the bounds.
class PowerSumSolve {
 public:
  PowerSumSolve(PowerSumProblem& problem, const Law& law, const Constraints& constraints,
                const Runs* runs)
      : problem_(problem), law_(law), constraints_(constraints), runs_(runs) {}

  /// From a point in the kernel's coefficients.
  Candidate from(const Vector& start, const TrustRegionOptions& options) {
    using Coordinates = PowerSumProblem::Coordinates;
    if (!problem_.level_slope_possible()) return bounded(start, options.continuation);
    const Minimum end = minimise_from(start, Coordinates::level_slope, options);
    const Vector kernel = problem_.kernel_from_q(end.q.data());
    if (kernel[problem_.floor_index()] >= 0) return candidate(kernel, end);
    // Its floor is negative: the optimum within the bounds lies on E = 0.
    floor_vanished_ = true;
    for (const auto& [below, known] : below_)
      if (same(below, kernel)) return known;
    Candidate best;
    for (const Vector& face : faces(kernel)) keep(best, bounded(face, true));
    keep(best, bounded(start, true));
    below_.emplace_back(kernel, best);
    return best;
  }

  /// Within the bounds throughout.
  Candidate bounded(const Vector& start, bool rough) {
    const Minimum end = minimise_from(
        start, PowerSumProblem::Coordinates::linear,
        {.max_iterations = 300, .reweighted_steps = rough ? 5 : 0, .continuation = rough});
    return candidate(problem_.kernel_from_q(end.q.data()), end);
  }

  int evaluations() const { return evaluations_; }
  /// Did any solve without bounds end with a negative floor?
  bool floor_vanished() const { return floor_vanished_; }

 private:
  static void keep(Candidate& best, Candidate found) {
    if (found.objective < best.objective) best = std::move(found);
  }
  static bool same(const Vector& a, const Vector& b) {
    return (a - b).cwiseAbs().maxCoeff() <= 1e-7 * (1 + a.cwiseAbs().maxCoeff());
  }

  Minimum minimise_from(const Vector& kernel, PowerSumProblem::Coordinates coordinates,
                        const TrustRegionOptions& options) {
    problem_.set_coordinates(coordinates);
    Minimum minimum = minimise(problem_, problem_.q_from_kernel(kernel),
                               problem_.objective().solver_delta(), options);
    evaluations_ += minimum.evaluations;
    return minimum;
  }

  Candidate candidate(const Vector& kernel, const Minimum& end) const {
    const Objective& objective = problem_.objective();
    Vector theta = problem_.theta_from_kernel(kernel);
    if (objective.kind == Objective::Kind::log_absolute)
      return reported_candidate(law_, constraints_, *runs_, objective, std::move(theta),
                                end.converged);
    if (end.evaluations == 0 || !std::isfinite(end.value)) return {};
    // Least squares are reported without the ½.
    return {.theta = std::move(theta),
            .objective = objective.huber() ? end.value : 2 * end.value,
            .converged = end.converged};
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
  const Runs* runs_;
  std::vector<std::pair<Vector, Candidate>> below_;  ///< optima with E < 0 and what became of them
  int evaluations_ = 0;
  bool floor_vanished_ = false;
};

/// Is δ so far below the residuals that few runs lie within it? The sum has an edge at every run
/// then, and many optima along them.
bool far_below_noise(Problem& problem, const Vector& q, const Objective& objective) {
  constexpr double kFarBelow = 30;
  // Least absolute deviations are followed closely from every start.
  if (objective.kind == Objective::Kind::log_absolute) return false;
  std::vector<double> r;
  return problem.residuals(q.data(), r) &&
         median_size(std::move(r)) > kFarBelow * objective.solver_delta();
}
/// Ends of the search that are followed closely there.
constexpr int kFollowed = 4;

/// Exponents at which power terms are tried: log-spaced on [0.02, 3].
constexpr int kGridSize = 24;
double grid_exponent(int i) {
  constexpr double kLowest = 0.02;
  constexpr double kRatio = 150;
  return kLowest * exponential(logarithm(kRatio) * i / (kGridSize - 1.0));
}

/// Levels of one cell of the scan: A_1, A_2, E at most.
constexpr int kMaxLevels = PowerSumPoint::kMaxTerms + 1;

/// Non-negative least squares with a small Gram matrix, by trying every set of columns; exact.
/// Answers the residual sum of squares `target + min(xᵀGx − 2bᵀx)`.
double small_nnls(const double (&G)[kMaxLevels][kMaxLevels], const double (&b)[kMaxLevels], int m,
                  double target, double (&x)[kMaxLevels]) {
  double best = target;
  for (double& value : x) value = 0;
  // The full set first: when all its coefficients are positive nothing can be better.
  for (int set = (1 << m) - 1; set > 0; --set) {
    int column[kMaxLevels] = {};
    int k = 0;
    for (int i = 0; i < m; ++i)
      if (((set >> i) & 1) != 0) column[k++] = i;
    double L[kMaxLevels][kMaxLevels] = {};
    double y[kMaxLevels] = {};
    double rss = target;
    bool regular = true;
    for (int i = 0; i < k && regular; ++i) {
      y[i] = b[column[i]];
      for (int j = 0; j <= i; ++j) {
        double sum = G[column[i]][column[j]];
        for (int c = 0; c < j; ++c) sum -= L[i][c] * L[j][c];
        if (i == j) {
          // Columns alike up to rounding are one.
          regular = sum > 1e-14 * G[column[i]][column[i]];
          L[i][i] = std::sqrt(sum);
        } else {
          L[i][j] = sum / L[j][j];
          y[i] -= L[i][j] * y[j];
        }
      }
      y[i] /= L[i][i];
      rss -= y[i] * y[i];
    }
    if (!regular || !(rss < best)) continue;
    bool inside = true;
    for (int i = k - 1; i >= 0; --i) {
      for (int c = i + 1; c < k; ++c) y[i] -= L[c][i] * y[c];
      y[i] /= L[i][i];
      inside = inside && y[i] >= 0;
    }
    if (!inside) continue;
    best = rss;
    for (double& value : x) value = 0;
    for (int i = 0; i < k; ++i) x[column[i]] = y[i];
    if (k == m) break;
  }
  return best;
}

/// docs/math.md, "Finding the optimum": a variable-projection scan over the exponents proposes
/// starts; every start is solved by Newton in level–slope coordinates and again within the bounds.
class PowerSumSearch final : public Search {
 public:
  PowerSumSearch(const Law& law, const Constraints& constraints, const Runs* runs,
                 PowerSumProblem problem, SearchEffort effort)
      : constraints_(constraints),
        objective_(problem.objective()),
        full_(effort == SearchEffort::full),
        fast_(effort == SearchEffort::fast),
        given_(effort == SearchEffort::given),
        problem_(std::move(problem)),
        solve_(problem_, law, constraints_, runs) {
    for (int k = 0; k < problem_.terms(); ++k) {
      const Slot& slot = problem_.slot(problem_.exponent_index(k));
      axis_of_term_[k] = k;
      for (int earlier = 0; earlier < k; ++earlier)
        if (slot.free >= 0 && problem_.slot(problem_.exponent_index(earlier)).free == slot.free)
          axis_of_term_[k] = earlier;
      std::vector<double>& values = exponents_[k];
      if (slot.free < 0) values = {slot.value};
      for (int i = 0; slot.free >= 0 && i < kGridSize; ++i) {
        const double alpha = grid_exponent(i);
        if (alpha >= problem_.lower(slot.free) && alpha <= problem_.upper(slot.free))
          values.push_back(alpha);
      }
      if (values.empty()) values = {0.5 * (problem_.lower(slot.free) + problem_.upper(slot.free))};
    }
    const PowerSumRows& rows = problem_.rows();
    mean_response_ = 0;
    for (std::size_t i = 0; i < rows.count; ++i)
      mean_response_ += rows.response[i] / static_cast<double>(rows.count);
    if (given_) return;
    emphasis_.assign(rows.count, 1.0);
    gammas_ = first_gammas();
    scan(problem_.has_floor());
    enqueue_minima();
    if (full_) enqueue_lattice();
    planned_ = static_cast<int>(queue_.size());
  }

  bool step() override {
    if (queue_.empty() && !refill()) return finish();
    const Start start = std::move(queue_.front());
    queue_.pop_front();
    const double before = best_.objective;
    finish_start(start.within_bounds ? solve_.bounded(start.kernel, true)
                                     : solve_.from(start.kernel, {}));
    evaluations_ = solve_.evaluations();
    if (best_.objective < before * (1 - 1e-12)) improved_ = true;
    planned_ = std::max(planned_, tried() + static_cast<int>(queue_.size()));
    return true;
  }

  void also_from(const Vector& theta) override {
    enqueue(problem_.kernel_from_theta(theta), false);
    planned_ = std::max(planned_, tried() + static_cast<int>(queue_.size()));
  }

  double progress() const override {
    return planned_ == 0 ? 1 : static_cast<double>(tried()) / planned_;
  }

 private:
  struct Start {
    Vector kernel;
    bool within_bounds;
  };
  struct Cell {
    double rss;
    double levels[kMaxLevels];  // A_1 … A_K, E
    int support;
  };
  static constexpr int kAxes = PowerSumPoint::kMaxTerms;

  /// γ from least squares of ln L on a quadratic in the centred inputs and the factors.
  Vector first_gammas() const {
    Vector gammas = Vector::Zero(problem_.factors());
    if (gammas.size() == 0) return gammas;
    const PowerSumRows& rows = problem_.rows();
    const int K = problem_.terms();
    const int columns = 1 + K + K * (K + 1) / 2 + problem_.factors();
    if (static_cast<int>(rows.count) > columns + 1 && columns <= kMaxCoefficients) {
      Matrix normal = Matrix::Zero(columns, columns);
      Vector target = Vector::Zero(columns);
      Vector x(columns);
      for (std::size_t i = 0; i < rows.count; ++i) {
        int c = 0;
        x[c++] = 1;
        for (int a = 0; a < K; ++a) {
          x[c++] = rows.x[at(a)][i];
          for (int b = 0; b <= a; ++b) x[c++] = rows.x[at(a)][i] * rows.x[at(b)][i];
        }
        for (int j = 0; j < problem_.factors(); ++j) x[c++] = rows.factor[at(j)][i];
        normal += rows.weight[i] * x * x.transpose();
        target += (rows.weight[i] * logarithm(rows.response[i])) * x;
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

  int axis_size(int axis) const {
    return axis < problem_.terms() && axis_of_term_[axis] == axis
               ? static_cast<int>(exponents_[axis].size())
               : 1;
  }
  std::size_t position(const int (&index)[kAxes]) const {
    return at(index[1] * axis_size(0) + index[0]);
  }
  int exponent_of(int term, const int (&index)[kAxes]) const { return index[axis_of_term_[term]]; }

  /// Weighted relative (or plain) residuals of every cell of the exponent grid, linear part solved.
  void scan(bool with_floor) {
    const PowerSumRows& rows = problem_.rows();
    std::vector<double> scale(rows.count);
    std::vector<double> tilt(rows.count, 1.0);
    for (std::size_t i = 0; i < rows.count; ++i) {
      scale[i] = std::sqrt(rows.weight[i] * emphasis_[i]);
      if (objective_.log_residual()) scale[i] *= rows.inverse_response[i];
      for (int j = 0; j < problem_.factors(); ++j)
        tilt[i] *= exponential(std::clamp(gammas_[j] * rows.factor[at(j)][i], -300.0, 300.0));
    }
    const PowerSumGram gram(rows, scale, tilt, {exponents_, at(problem_.terms())});
    cells_.clear();
    int index[kAxes] = {};
    for (index[1] = 0; index[1] < axis_size(1); ++index[1])
      for (index[0] = 0; index[0] < axis_size(0); ++index[0])
        cells_.push_back(cell(index, gram, with_floor));
  }

  Cell cell(const int (&index)[kAxes], const PowerSumGram& gram, bool with_floor) const {
    const int K = problem_.terms();
    Cell result{.rss = 0, .levels = {}, .support = 0};
    int free_level[kMaxLevels] = {};
    int free_column[kMaxLevels] = {};
    int held_column[kMaxLevels] = {};
    double held_value[kMaxLevels] = {};
    int m = 0;
    int held = 0;
    for (int level = 0; level <= K; ++level) {
      const int column =
          level == K ? gram.constant() : gram.power(level, exponent_of(level, index));
      const Slot& slot = problem_.slot(level);
      if (slot.free < 0) {
        result.levels[level] = slot.value;
        held_column[held] = column;
        held_value[held++] = slot.value;
      } else if (level < K || with_floor) {
        free_level[m] = level;
        free_column[m++] = column;
      }
    }
    double G[kMaxLevels][kMaxLevels];
    double b[kMaxLevels];
    double target = gram(gram.response(), gram.response());
    for (int h = 0; h < held; ++h) {
      target -= 2 * held_value[h] * gram(held_column[h], gram.response());
      for (int o = 0; o < held; ++o)
        target += held_value[h] * held_value[o] * gram(held_column[h], held_column[o]);
    }
    for (int i = 0; i < m; ++i) {
      b[i] = gram(free_column[i], gram.response());
      for (int h = 0; h < held; ++h) b[i] -= held_value[h] * gram(free_column[i], held_column[h]);
      for (int j = 0; j < m; ++j) G[i][j] = gram(free_column[i], free_column[j]);
    }
    double x[kMaxLevels];
    result.rss = small_nnls(G, b, m, target, x);
    for (int i = 0; i < m; ++i) {
      result.levels[free_level[i]] = x[i];
      if (x[i] > 0) result.support |= 1 << free_level[i];
    }
    return result;
  }

  /// Is no neighbour (diagonals included) of the cell better?
  bool is_minimum(const int (&index)[kAxes]) const {
    const double own = cells_[position(index)].rss;
    int other[kAxes];
    for (int d1 = -1; d1 <= 1; ++d1)
      for (int d0 = -1; d0 <= 1; ++d0) {
        other[0] = index[0] + d0;
        other[1] = index[1] + d1;
        if (other[0] < 0 || other[1] < 0 || other[0] >= axis_size(0) || other[1] >= axis_size(1))
          continue;
        if (cells_[position(other)].rss < own) return false;
      }
    return true;
  }

  Vector start_from(const int (&index)[kAxes]) const {
    const Cell& cell = cells_[position(index)];
    const int K = problem_.terms();
    Vector kernel(2 * K + 1 + problem_.factors());
    for (int level = 0; level <= K; ++level)
      kernel[level] = lifted(cell.levels[level], problem_.slot(level));
    for (int k = 0; k < K; ++k)
      kernel[problem_.exponent_index(k)] = exponents_[axis_of_term_[k]][at(exponent_of(k, index))];
    for (int j = 0; j < problem_.factors(); ++j) kernel[problem_.factor_index(j)] = gammas_[j];
    return kernel;
  }

  double lifted(double level, const Slot& slot) const {
    return slot.free >= 0 && level <= 0 ? 0.02 * mean_response_ : level;
  }

  void enqueue(const Vector& kernel, bool within_bounds) {
    const auto same = [&](const Start& known) {
      return known.within_bounds == within_bounds &&
             (known.kernel - kernel).cwiseAbs().maxCoeff() <=
                 1e-9 * (1 + kernel.cwiseAbs().maxCoeff());
    };
    if (std::ranges::any_of(seen_, same)) return;
    seen_.push_back({.kernel = kernel, .within_bounds = within_bounds});
    queue_.push_back(seen_.back());
  }

  void enqueue_minima() {
    std::vector<std::array<int, kAxes>> found;
    std::vector<double> rss;
    int index[kAxes] = {};
    for (index[1] = 0; index[1] < axis_size(1); ++index[1])
      for (index[0] = 0; index[0] < axis_size(0); ++index[0]) {
        if (!is_minimum(index)) continue;
        found.push_back({index[0], index[1]});
        rss.push_back(cells_[position(index)].rss);
      }
    const Cell* last = nullptr;
    int taken = 0;
    for (const std::size_t i : ascending(rss)) {
      const int place[kAxes] = {found[i][0], found[i][1]};
      const Cell* cell = &cells_[position(place)];
      // Cells that differ only in the exponent of an absent term are one minimum.
      if (last != nullptr && cell->support == last->support &&
          std::abs(cell->rss - last->rss) <= 1e-10 * std::abs(last->rss))
        continue;
      last = cell;
      enqueue(start_from(place), false);
      if (++taken == (full_ ? 8 : fast_ ? 1 : 5)) break;
    }
  }

  /// Starts spread over the exponents: 4 × 4 for two axes, 8 for one.
  void enqueue_lattice(bool within_bounds = false) {
    const int per_axis = axis_size(0) > 1 && axis_size(1) > 1 ? 4 : 8;
    const auto on_lattice = [&](int i, int size) {
      const int spacing = std::max(1, size / per_axis);
      return size == 1 || (i % spacing == spacing / 2 && i / spacing < per_axis);
    };
    int index[kAxes] = {};
    for (index[1] = 0; index[1] < axis_size(1); ++index[1])
      for (index[0] = 0; index[0] < axis_size(0); ++index[0])
        if (on_lattice(index[0], axis_size(0)) && on_lattice(index[1], axis_size(1)))
          enqueue(start_from(index), within_bounds);
  }

  /// After the queue is done: scans with the emphasis of robust fitting, without a floor when the
  /// fit wants none, and terms that a zero coefficient may have hidden.
  bool refill() {
    const bool found = std::isfinite(best_.objective);
    const int rounds = full_ ? 3 : fast_ ? 0 : 2;
    if (given_) {
      if (found && rounds_++ == 0) enqueue_hidden_terms();
      return !queue_.empty();
    }
    if (found && rounds_ < rounds && (rounds_ == 0 || improved_)) {
      ++rounds_;
      improved_ = false;
      update_from_best();
      scan(problem_.has_floor());
      enqueue_minima();
      if (problem_.has_floor() && solve_.floor_vanished()) {
        if (full_ && rounds_ == 1) enqueue_lattice(true);
        scan(false);
        enqueue_minima();
      }
      enqueue_hidden_terms();
    }
    return !queue_.empty();
  }

  /// The best end once more within the bounds, which may still release a coefficient from one.
  bool finish() {
    if (finished_ || !std::isfinite(best_.objective)) return false;
    finished_ = true;
    if (full_) follow_closely();
    const Candidate end = solve_.bounded(problem_.kernel_from_theta(best_.theta), false);
    evaluations_ = solve_.evaluations();
    constexpr double kRounding = 1e-13;
    if (end.objective < best_.objective ||
        (end.objective <= best_.objective * (1 + kRounding) && end.converged && !best_.converged))
      best_ = end;
    return false;
  }

  /// Far below the noise: from the best ends again, along the path of the optima of wider losses.
  void follow_closely() {
    problem_.set_coordinates(PowerSumProblem::Coordinates::linear);
    const Vector q = problem_.q_from_kernel(problem_.kernel_from_theta(best_.theta));
    if (!far_below_noise(problem_, q, objective_)) return;
    for (const Vector& theta : best_ends(kFollowed)) {
      const Candidate end = solve_.from(problem_.kernel_from_theta(theta), {.closely = true});
      if (end.objective < best_.objective) best_ = end;
    }
  }

  void update_from_best() {
    const Vector kernel = problem_.kernel_from_theta(best_.theta);
    for (int j = 0; j < problem_.factors(); ++j) gammas_[j] = kernel[problem_.factor_index(j)];
    problem_.set_coordinates(PowerSumProblem::Coordinates::linear);
    std::vector<double> r;
    const double delta = objective_.solver_delta();
    if (!std::isfinite(delta) || !problem_.residuals(problem_.q_from_kernel(kernel).data(), r))
      return;
    const double width = std::max(delta, 0.1 * median_size(r));
    for (std::size_t i = 0; i < r.size(); ++i)
      emphasis_[i] = std::min(1.0, width / std::abs(r[i])) * objective_.side_weight(r[i]);
  }

  void enqueue_hidden_terms() {
    const Vector kernel = problem_.kernel_from_theta(best_.theta);
    problem_.set_delta(objective_.solver_delta());
    for (int k = 0; k < problem_.terms(); ++k) {
      if (kernel[k] > 0 || problem_.slot(k).free < 0) continue;
      const std::vector<double>& exponents = exponents_[axis_of_term_[k]];
      const std::vector<double> slopes = problem_.scale_derivatives(kernel, k, exponents);
      const auto lowest = std::ranges::min_element(slopes);
      if (*lowest >= 0) continue;
      Vector start = kernel;
      start[k] = 0.01 * mean_response_;
      start[problem_.exponent_index(k)] = exponents[at(static_cast<int>(lowest - slopes.begin()))];
      enqueue(start, false);
    }
  }

  const Constraints constraints_;
  const Objective objective_;
  const bool full_;
  const bool fast_;
  const bool given_;
  PowerSumProblem problem_;
  PowerSumSolve solve_;
  int axis_of_term_[kAxes] = {0, 1};
  std::vector<double> exponents_[kAxes];
  std::vector<double> emphasis_;
  Vector gammas_;
  double mean_response_ = 1;
  std::vector<Cell> cells_;
  std::deque<Start> queue_;
  std::vector<Start> seen_;
  int planned_ = 0;
  int rounds_ = 0;
  bool improved_ = false;
  bool finished_ = false;
};

/// Starts for any law: many proposals of the law, screened by their mean absolute residual, the
/// best and a spread of the others solved.
class GeneralSearch final : public Search {
 public:
  GeneralSearch(const Law& law, const Constraints& constraints, const Runs& runs,
                const Objective& objective, SearchEffort effort)
      : law_(law),
        constraints_(constraints),
        runs_(runs),
        objective_(objective),
        problem_(law, constraints, runs, objective) {
    if (effort == SearchEffort::given) return;
    const bool full = effort == SearchEffort::full;
    const int proposed = full ? 512 : 128;
    const std::size_t solved = full ? 16 : effort == SearchEffort::medium ? 5 : 1;
    constexpr std::size_t kEvery = 30;
    constexpr std::array<int, kMaxCoefficients> kPrimes{2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    std::vector<double> mean_log_x;
    for (const auto& column : runs.log_x) mean_log_x.push_back(weighted_mean(column, runs.weight));
    const Centre centre{.log_x = mean_log_x,
                        .log_response = weighted_mean(runs.log_response, runs.weight)};
    std::vector<Vector> proposals;
    std::vector<double> scores;
    std::vector<double> r;
    for (int i = 1; i <= proposed; ++i) {
      std::array<double, kMaxCoefficients> u{};
      for (int k = 0; k < law.size(); ++k) u[at(k)] = radical_inverse(i, kPrimes[at(k)]);
      Vector theta(law.size());
      law.propose(u.data(), centre, theta.data());
      Vector q = problem_.parameters(theta);
      if (!q.allFinite() || !problem_.residuals(q.data(), r)) continue;
      double score = 0;
      for (const double x : r) score += std::abs(x);
      if (!std::isfinite(score)) continue;
      scores.push_back(score);
      proposals.push_back(std::move(q));
    }
    const std::vector<std::size_t> order = ascending(scores);
    for (std::size_t i = 0; i < order.size(); ++i)
      if (i < solved || (full && i % kEvery == 0 && i < order.size() / 2))
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
    return reported_candidate(law_, constraints_, runs_, objective_, problem_.theta(end.q.data()),
                              end.converged);
  }

  /// Curved valleys may use up the iterations of a start: the best goes on, in slices, as long as
  /// that gains anything.
  bool polish() {
    if (!std::isfinite(best_.objective)) return false;
    if (!followed_) {
      followed_ = true;
      if (far_below_noise(problem_, problem_.parameters(best_.theta), objective_))
        to_follow_ = best_ends(kFollowed);
    }
    if (!to_follow_.empty()) {
      const Candidate end = solve(problem_.parameters(to_follow_.back()),
                                  {.max_iterations = 400, .reweighted_steps = 15, .closely = true});
      to_follow_.pop_back();
      if (end.objective < best_.objective) best_ = end;
      return true;
    }
    constexpr int kSlices = 8;
    if (best_.converged || slices_++ == kSlices) return false;
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
  bool followed_ = false;
  std::vector<Vector> to_follow_;
  int slices_ = 0;
};

}  // namespace

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
  return static_cast<int>(std::ranges::count_if(ends_, [&](const Candidate& end) {
    return end.objective <= best_.objective * (1 + 1e-9) + roundoff;
  }));
}

std::vector<Vector> Search::best_ends(int count) const {
  std::vector<double> values;
  for (const Candidate& end : ends_) values.push_back(end.objective);
  std::vector<Vector> thetas;
  double last = -1;
  for (const std::size_t i : ascending(values)) {
    if (static_cast<int>(thetas.size()) == count || !std::isfinite(values[i])) break;
    if (values[i] <= last * (1 + 1e-9)) continue;
    last = values[i];
    thetas.push_back(ends_[i].theta);
  }
  return thetas;
}

void Search::finish_start(const Candidate& end) {
  ends_.push_back(end);
  if (end.objective < best_.objective) best_ = end;
}

Candidate warm_solve(const Law& law, const Constraints& constraints, const Runs* runs,
                     PowerSumProblem& problem, const Vector& kernel, double first_delta) {
  return PowerSumSolve(problem, law, constraints, runs)
      .from(kernel, {.max_iterations = 300,
                     .reweighted_steps = 0,
                     .continuation = false,
                     .first_delta = first_delta});
}

Candidate warm_solve(const Law& law, const Constraints& constraints, const Runs& runs,
                     const Objective& objective, const Vector& theta, double first_delta) {
  if (kernel_applies(law, constraints)) {
    PowerSumProblem problem(law, constraints, runs, objective);
    return warm_solve(law, constraints, &runs, problem, problem.kernel_from_theta(theta),
                      first_delta);
  }
  GeneralProblem problem(law, constraints, runs, objective);
  const Minimum end = minimise(problem, problem.parameters(theta), objective.solver_delta(),
                               {.max_iterations = 300,
                                .reweighted_steps = 0,
                                .continuation = false,
                                .first_delta = first_delta});
  return reported_candidate(law, constraints, runs, objective, problem.theta(end.q.data()),
                            end.converged);
}

std::unique_ptr<Search> make_search(const Law& law, const Constraints& constraints,
                                    const Runs* runs, const PowerSumProblem& problem,
                                    SearchEffort effort) {
  return std::make_unique<PowerSumSearch>(law, constraints, runs, problem, effort);
}

std::unique_ptr<Search> make_search(const Law& law, const Constraints& constraints,
                                    const Runs& runs, const Objective& objective,
                                    SearchEffort effort) {
  if (kernel_applies(law, constraints))
    return std::make_unique<PowerSumSearch>(
        law, constraints, &runs, PowerSumProblem(law, constraints, runs, objective), effort);
  return std::make_unique<GeneralSearch>(law, constraints, runs, objective, effort);
}

}  // namespace isoloss
